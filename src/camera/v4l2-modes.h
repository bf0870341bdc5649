/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a V4L2 camera offers, and which of it fits best what is asked. The choice is a pure function
 * over the list, so it is tested with lists recorded from cameras. */
#pragma once

#include "camera/plan.h"
#include "config/camera-config.h"

typedef struct {
  guint min, max, step; /* pixels; of one size min is max */
} PhPixelRange;

typedef struct {
  guint n, d; /* frames/s; n 0: the driver does not say */
} PhFramerate;

/* One entry of the driver's list: a pixel format in one size, or a range of sizes, at one rate, or
 * in a range of rates. */
typedef struct {
  PhMedia media;
  const char *format; /* raw: GStreamer's name of the pixel format, static; else NULL */
  PhPixelRange width, height;
  PhFramerate slowest, fastest;
} PhV4l2Mode;

typedef struct {
  PhMedia media;
  const char *format; /* as in PhV4l2Mode */
  guint width, height; /* pixels */
  PhFramerate framerate;
} PhV4l2Choice;

typedef struct {
  char *name; /* what the driver calls the camera */
  char *bus; /* where it is plugged in, "usb-0000:00:14.0-2": stays the same across restarts */
  GArray *modes; /* element-type PhV4l2Mode; empty: it delivers nothing Porthole can use */
} PhV4l2Device;

/* Opens and closes the device without starting it. PH_ERROR_NOT_FOUND, PH_ERROR_UNAVAILABLE (no
 * permission), PH_ERROR_UNSUPPORTED (not a camera). Any thread; takes some milliseconds. */
PhV4l2Device *ph_v4l2_device_open (const char *path, GError **error);
void ph_v4l2_device_free (PhV4l2Device *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhV4l2Device, ph_v4l2_device_free)

/* TRUE when somebody else streams from it now. Any thread. */
gboolean ph_v4l2_is_busy (const char *path);

/* The mode nearest to what config asks: the size counts more than the rate, unless only a rate is
 * asked; of equals H.264 is better than raw, and raw better than MJPEG. What config leaves open is
 * taken as 1280x720 at 30. FALSE and PH_ERROR_UNSUPPORTED, with what there is, when there is no
 * such format. */
gboolean ph_v4l2_choose (
    const GArray *modes, const PhSourceConfig *config, PhV4l2Choice *choice, GError **error);

/* The sentence that says how choice differs from what config asks; NULL when it does not. Free with
 * g_free. */
char *ph_v4l2_make_warning (const PhSourceConfig *config, const PhV4l2Choice *choice);

double ph_framerate_to_double (PhFramerate framerate);
