/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of cameras that come over the network, written into the files the settings were read
 * from: in place (base/json-edit.h), whole or not at all, and only if all settings are right with
 * them. Blocks on the disk. */
#pragma once

#include "config/config.h"

typedef enum { PH_CAMERA_ADD, PH_CAMERA_PATCH, PH_CAMERA_REMOVE } PhCameraEditKind;

typedef struct {
  PhCameraEditKind kind;
  PhConfig *config; /* in use now */
  char *name; /* NULL: that of the new camera stands in body */
  char *body; /* JSON that was parsed without a fault: a camera, or a merge patch (RFC 7396); NULL
                 to remove */
} PhCameraEdit;

void ph_camera_edit_free (PhCameraEdit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhCameraEdit, ph_camera_edit_free)

/* What nobody may say over the network: a pipeline, or a file of this machine, however deep in body
 * it stands. NULL: there is nothing of that; else a sentence, free with g_free. */
char *ph_camera_store_find_forbidden (JsonNode *body);

/* Errors: PH_ERROR_UNAVAILABLE when the files say something else than config, changed meanwhile or
 * cannot be written; PH_ERROR_SETTINGS when the settings would have faults: problems (element-type
 * char *) gets them. */
gboolean ph_camera_store_write_on_worker (
    const PhCameraEdit *edit, GPtrArray *problems, GError **error);

/* Differs when what the definition says does; in quotes, as in RFC 9110, 8.8.3. Free with g_free.
 */
char *ph_camera_store_make_etag (const PhCameraConfig *camera);
