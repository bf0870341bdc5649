/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A V4L2 camera as its driver describes it. */
#pragma once

#include "camera/camera-mode.h"

typedef struct {
  char *name; /* what the driver calls the camera */
  char *bus; /* where it is plugged in, "usb-0000:00:14.0-2": stays the same across restarts */
  char *id; /* see v4l2-id.h */
  GArray *modes; /* element-type PhCameraMode; empty: it delivers nothing Porthole can use */
} PhV4l2Device;

/* Opens and closes the device without starting it. PH_ERROR_NOT_FOUND, PH_ERROR_UNAVAILABLE (no
 * permission), PH_ERROR_UNSUPPORTED (not a camera). Any thread; takes some milliseconds. */
PhV4l2Device *ph_v4l2_device_open (const char *path, GError **error);
void ph_v4l2_device_free (PhV4l2Device *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhV4l2Device, ph_v4l2_device_free)

/* TRUE when somebody else streams from it now. Any thread. */
gboolean ph_v4l2_is_busy (const char *path);
