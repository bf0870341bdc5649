/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of cameras and other settings that come over the network, written into the files the
 * settings were read from: in place (base/json-edit.h), whole or not at all, and only if all
 * settings are right with them. Blocks on the disk. */
#pragma once

#include "config/config.h"

typedef enum {
  PH_EDIT_ADD_CAMERA,
  PH_EDIT_PATCH_CAMERA,
  PH_EDIT_REMOVE_CAMERA,
  PH_EDIT_PATCH_SETTINGS
} PhSettingsEditKind;

typedef struct {
  PhSettingsEditKind kind;
  PhConfig *config; /* in use now */
  char *name; /* of the camera; NULL: that of a new one stands in body, or it is about none */
  char *body; /* JSON that was parsed without a fault: a camera, or a merge patch (RFC 7396); NULL
                 to remove */
} PhSettingsEdit;

void ph_settings_edit_free (PhSettingsEdit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSettingsEdit, ph_settings_edit_free)

/* Errors: PH_ERROR_UNAVAILABLE when the files say something else than config, changed meanwhile or
 * cannot be written; PH_ERROR_SETTINGS when the settings would have faults: problems (element-type
 * char *) gets them. */
gboolean ph_settings_store_write_on_worker (
    const PhSettingsEdit *edit, GPtrArray *problems, GError **error);

/* Differ when what is said does, and with each run of the program; in quotes, as in RFC
 * 9110, 8.8.3. Free with g_free. */
char *ph_settings_store_make_camera_etag (const PhCameraConfig *camera);
char *ph_settings_store_make_etag (const PhConfig *config);
