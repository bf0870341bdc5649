/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cameras libcamera knows. */
#pragma once

#include "camera/camera-mode.h"

#include <gst/gst.h>

typedef struct {
  char *id; /* what `camera` in the settings and camera-name of libcamerasrc take */
  GArray *modes; /* element-type PhCameraMode, without rates: they are fitted to the sensor */
} PhLibcameraDevice;

/* element-type PhLibcameraDevice; empty without cameras and without libcamera's GStreamer plugin.
 * Starts libcamera's manager, which takes a moment. Any thread. */
GPtrArray *ph_libcamera_list_devices (void);

/* The modes that caps, of a device or a pad, tell of; element-type PhCameraMode. Any thread. */
GArray *ph_libcamera_read_modes (const GstCaps *caps);
