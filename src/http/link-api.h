/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /api/v1/cameras/NAME/links: makes, lists and revokes signed links (access/links.h). Users see and
 * revoke their own, admins those of everybody. Main thread. */
#pragma once

#include "http/access-guard.h"
#include "http/request.h"

typedef struct _PhLinkApi PhLinkApi;

PhLinkApi *ph_link_api_new (void);
void ph_link_api_free (PhLinkApi *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhLinkApi, ph_link_api_free)

/* Until then there are no links (503). Both are kept, not copied. */
void ph_link_api_set_access (PhLinkApi *self, PhAccessGuard *access, PhLinks *links);

/* user_data is the PhLinkApi. */
void ph_link_api_handle_list (PhRequest *request, gpointer user_data);
/* The body is an object: duration (seconds) or until (RFC 3339), and stream, which need not be. */
void ph_link_api_handle_make (PhRequest *request, gpointer user_data);
void ph_link_api_handle_revoke (PhRequest *request, gpointer user_data);
