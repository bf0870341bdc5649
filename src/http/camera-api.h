/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cameras that are added, changed and removed at /api/v1/cameras. What they were and are is told by
 * an ETag of their settings (RFC 9110, 8.8.3), which If-Match is held against. Main thread. */
#pragma once

#include "http/settings-api.h"

/* Sets the ETag of an answer about request's camera. */
void ph_camera_api_set_etag (PhRequest *request);

/* PhRouteHandlers; user_data is the PhSettingsApi. */
void ph_camera_api_handle_add (PhRequest *request, gpointer user_data);
void ph_camera_api_handle_patch (PhRequest *request, gpointer user_data);
void ph_camera_api_handle_remove (PhRequest *request, gpointer user_data);
