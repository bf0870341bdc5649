/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the API shows a camera. Main thread. */
#pragma once

#include "camera/camera.h"

#include <json-glib/json-glib.h>

/* Adds one object. host is what the client calls this machine (an IPv6 address without brackets);
 * it stands in the RTSP URLs together with rtsp_port, and with rtsps_port (of RTSP over TLS; 0:
 * there is none). */
void ph_camera_json_add (
    JsonBuilder *builder, PhCamera *camera, const char *host, guint rtsp_port, guint rtsps_port);
