/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the API says of the settings: /api/v1/settings, /api/v1/reload. Main thread. */
#pragma once

#include "config/changes.h"
#include "http/request.h"

/* problems: element-type char *, empty: the settings are in use. changes: NULL when there are
 * problems. Both stay the caller's. */
typedef void (*PhSettingsDone) (GPtrArray *problems, const PhChanges *changes, gpointer user_data);

/* Whoever has the settings. */
typedef struct {
  const PhConfig *(*get) (gpointer owner); /* those in use; owner's */
  /* Reads them anew, then calls done, always; never before it returns. */
  void (*reload) (PhSettingsDone done, gpointer user_data, gpointer owner);
  gpointer owner;
} PhSettingsOwner;

typedef struct _PhSettingsApi PhSettingsApi;

PhSettingsApi *ph_settings_api_new (void);
void ph_settings_api_free (PhSettingsApi *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSettingsApi, ph_settings_api_free)

/* owner is copied; without one every request is answered 404. */
void ph_settings_api_set_owner (PhSettingsApi *self, const PhSettingsOwner *owner);

/* Its get is NULL while there is none. */
const PhSettingsOwner *ph_settings_api_get_owner (PhSettingsApi *self);
/* While the files are being written: one change after the other. */
void ph_settings_api_set_busy (PhSettingsApi *self, gboolean is_busy);
gboolean ph_settings_api_is_busy (PhSettingsApi *self);

/* Adds one object. */
void ph_changes_add_json (JsonBuilder *builder, const PhChanges *changes);

/* PhRouteHandlers; user_data is the PhSettingsApi. */
void ph_settings_api_handle_show (PhRequest *request, gpointer user_data);
/* A merge patch of all but cameras, who may look, secrets and files. */
void ph_settings_api_handle_patch (PhRequest *request, gpointer user_data);
void ph_settings_api_handle_reload (PhRequest *request, gpointer user_data);
