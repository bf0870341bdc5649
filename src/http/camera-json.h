/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the API shows a camera. Main thread. */
#pragma once

#include "camera/camera.h"

#include <json-glib/json-glib.h>

/* Adds one object. host is what the client calls this machine (an IPv6 address without brackets);
 * it stands in the RTSP URLs together with rtsp_port. */
void ph_camera_json_add (JsonBuilder *builder, PhCamera *camera, const char *host, guint rtsp_port);
