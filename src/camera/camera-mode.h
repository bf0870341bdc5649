/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a camera offers, and which of it fits best what is asked. The choice is a pure function over
 * the list, so it is tested with lists recorded from cameras. Any thread. */
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
} PhCameraMode;

typedef struct {
  PhMedia media;
  const char *format; /* as in PhCameraMode */
  guint width, height; /* pixels */
  PhFramerate framerate;
} PhModeChoice;

/* The mode nearest to what config asks: the size counts more than the rate, unless only a rate is
 * asked; of equals H.264 is better than raw, and raw better than MJPEG. What config leaves open is
 * taken as 1280x720 at 30. FALSE and PH_ERROR_UNSUPPORTED, with what there is, when there is no
 * such format. */
gboolean ph_camera_mode_choose (
    const GArray *modes, const PhSourceConfig *config, PhModeChoice *choice, GError **error);

/* The sentence that says how choice differs from what config asks; NULL when it does not. Free with
 * g_free. */
char *ph_camera_mode_make_warning (const PhSourceConfig *config, const PhModeChoice *choice);

double ph_framerate_to_double (PhFramerate framerate);
