/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/camera-mode.h"

#include "base/error.h"

#include <gst/gst.h>
#include <math.h>

#define OPEN_WIDTH 1280
#define OPEN_HEIGHT 720
#define OPEN_FRAMERATE 30.0

double
ph_framerate_to_double (PhFramerate framerate)
{
  return framerate.d > 0 ? (double)framerate.n / framerate.d : 0;
}

/* Raw formats by what they cost on the way to an encoder. */
static guint
rank_format (const char *format)
{
  static const char *const best_first[] = { "NV12", "I420", "YV12", "NV21", "YUY2", "UYVY",
    "YVYU" };
  guint i = 0;

  while (i < G_N_ELEMENTS (best_first) && g_strcmp0 (best_first[i], format) != 0)
    i++;
  return i;
}

static guint
rank_media (PhMedia media)
{
  return media == PH_MEDIA_H264 ? 0 : media == PH_MEDIA_RAW ? 1 : 2;
}

static guint
take_nearest_pixels (PhPixelRange range, guint asked)
{
  guint step = MAX (1, range.step);

  if (asked <= range.min)
    return range.min;
  if (asked >= range.max)
    return range.max;
  return range.min + (asked - range.min + step / 2) / step * step;
}

static PhFramerate
take_nearest_framerate (const PhCameraMode *mode, double asked)
{
  int n, d;

  if (mode->fastest.n == 0 || asked >= ph_framerate_to_double (mode->fastest))
    return mode->fastest;
  if (asked <= ph_framerate_to_double (mode->slowest))
    return mode->slowest;
  gst_util_double_to_fraction (asked, &n, &d);
  return (PhFramerate){ n, d };
}

/* 30000/1001 is as good as 30. */
static double
get_distance (double a, double b)
{
  double distance = fabs (a - b);

  return distance < 0.02 * b ? 0 : distance;
}

typedef struct {
  guint width, height;
  double framerate;
  gboolean is_rate_first;
} Target;

static Target
make_target (const PhSourceConfig *config)
{
  gboolean has_size = config->width > 0 || config->height > 0;

  return (Target){
    .width = has_size ? config->width : OPEN_WIDTH,
    .height = has_size ? config->height : OPEN_HEIGHT,
    .framerate = config->framerate > 0 ? config->framerate : OPEN_FRAMERATE,
    .is_rate_first = !has_size && config->framerate > 0,
  };
}

/* A target of 0 pixels, the side that was not asked for, is near to all. */
static double
get_size_distance (const PhModeChoice *choice, const Target *target)
{
  return (target->width > 0 ? fabs ((double)choice->width - target->width) : 0) +
         (target->height > 0 ? fabs ((double)choice->height - target->height) : 0);
}

static int
compare_doubles (double a, double b)
{
  return (a > b) - (a < b);
}

/* Negative: a is better. */
static int
compare (const PhModeChoice *a, const PhModeChoice *b, const Target *target)
{
  int size = compare_doubles (get_size_distance (a, target), get_size_distance (b, target));
  int rate =
      compare_doubles (get_distance (ph_framerate_to_double (a->framerate), target->framerate),
          get_distance (ph_framerate_to_double (b->framerate), target->framerate));
  int first = target->is_rate_first ? rate : size;
  int second = target->is_rate_first ? size : rate;

  if (first != 0 || second != 0)
    return first != 0 ? first : second;
  if (a->media != b->media)
    return (int)rank_media (a->media) - (int)rank_media (b->media);
  return (int)rank_format (a->format) - (int)rank_format (b->format);
}

static gboolean
is_allowed (PhMedia media, PhV4l2Format format)
{
  switch (format) {
  case PH_V4L2_AUTO:
    return TRUE;
  case PH_V4L2_RAW:
    return media == PH_MEDIA_RAW;
  case PH_V4L2_MJPEG:
    return media == PH_MEDIA_JPEG;
  case PH_V4L2_H264:
    return media == PH_MEDIA_H264;
  }
  return FALSE;
}

static const char *
get_media_name (PhMedia media)
{
  return media == PH_MEDIA_H264 ? "H.264" : media == PH_MEDIA_RAW ? "raw" : "MJPEG";
}

static void
set_lack_error (const GArray *modes, PhV4l2Format format, GError **error)
{
  static const PhMedia all[] = { PH_MEDIA_H264, PH_MEDIA_RAW, PH_MEDIA_JPEG };
  g_autoptr (GString) has = g_string_new (NULL);
  const char *asked = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    gboolean is_there = FALSE;

    if (is_allowed (all[i], format))
      asked = get_media_name (all[i]);
    for (guint j = 0; j < modes->len; j++)
      is_there |= g_array_index (modes, PhCameraMode, j).media == all[i];
    if (is_there)
      g_string_append_printf (has, "%s%s", has->len > 0 ? " and " : "", get_media_name (all[i]));
  }
  if (has->len == 0)
    g_set_error_literal (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
        "the device delivers no format Porthole can use; a camera module on a ribbon cable is read "
        "with a source of type libcamera");
  else
    g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED, "the camera does not deliver %s; it has %s",
        asked, has->str);
}

gboolean
ph_camera_mode_choose (
    const GArray *modes, const PhSourceConfig *config, PhModeChoice *choice, GError **error)
{
  Target target = make_target (config);
  gboolean has_choice = FALSE;

  for (guint i = 0; i < modes->len; i++) {
    const PhCameraMode *mode = &g_array_index (modes, PhCameraMode, i);
    PhModeChoice candidate = {
      .media = mode->media,
      .format = mode->format,
      .width = take_nearest_pixels (mode->width, target.width),
      .height = take_nearest_pixels (mode->height, target.height),
      .framerate = take_nearest_framerate (mode, target.framerate),
    };

    if (!is_allowed (mode->media, config->format))
      continue;
    if (!has_choice || compare (&candidate, choice, &target) < 0)
      *choice = candidate;
    has_choice = TRUE;
  }
  if (!has_choice)
    set_lack_error (modes, config->format, error);
  return has_choice;
}

char *
ph_camera_mode_make_warning (const PhSourceConfig *config, const PhModeChoice *choice)
{
  double framerate = ph_framerate_to_double (choice->framerate);
  guint width = config->width > 0 ? config->width : choice->width;
  guint height = config->height > 0 ? config->height : choice->height;
  gboolean is_same_size = width == choice->width && height == choice->height;
  gboolean is_same_rate = config->framerate <= 0 || choice->framerate.n == 0 ||
                          get_distance (framerate, config->framerate) == 0;

  if (is_same_size && is_same_rate)
    return NULL;
  if (config->framerate <= 0 || choice->framerate.n == 0)
    return g_strdup_printf ("the camera does not offer %ux%u; taking %ux%u", width, height,
        choice->width, choice->height);
  return g_strdup_printf ("the camera does not offer %ux%u at %g; taking %ux%u at %g", width,
      height, config->framerate, choice->width, choice->height, framerate);
}
