/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the API shows a camera. Main thread. */
#pragma once

#include "camera/camera.h"

#include <json-glib/json-glib.h>

typedef struct {
  const char *host; /* what the client calls this machine; an IPv6 address without brackets */
  guint rtsp_port;
  guint rtsps_port; /* of RTSP over TLS; 0: there is none */
  gboolean has_links; /* the client may make signed links to the camera */
  gboolean has_restart; /* it may restart it */
  const PhStreamConfig *only; /* nullable: the one stream that it may have now */
} PhCameraJsonPlace;

/* Adds one object. */
void ph_camera_json_add (JsonBuilder *builder, PhCamera *camera, const PhCameraJsonPlace *place);
