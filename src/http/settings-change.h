/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A change of the settings that was asked for: the checks of its request, the writing by a worker,
 * the reload, the answer. Main thread. */
#pragma once

#include "config/settings-store.h"
#include "http/settings-api.h"

#define PH_SETTINGS_PATCH_TYPE "application/merge-patch+json" /* RFC 7396 */

/* As in config/forbidden.h. */
typedef char *(*PhFindForbidden) (JsonNode *body);

/* Each of these answers the request itself when it returns FALSE or NULL. */

/* 415. */
gboolean ph_settings_change_has_type (PhRequest *request, const char *wanted);
/* 412: If-Match names other tags than etag. */
gboolean ph_settings_change_matches (PhRequest *request, const char *etag);
/* 409: there is no settings file, or another change is on its way. */
gboolean ph_settings_change_may_start (PhSettingsApi *api, PhRequest *request);
/* 400 and 422. An object as JSON text; free with g_free. */
char *ph_settings_change_read_body (PhRequest *request, PhFindForbidden find_forbidden);

/* Answers later: 201 or 204 when it is in use; 409 and 422 when it is not written. Takes name and
 * body; both nullable, as in PhSettingsEdit. */
void ph_settings_change_start (
    PhSettingsApi *api, PhRequest *request, PhSettingsEditKind kind, char *name, char *body);
