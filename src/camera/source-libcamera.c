/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/launch-text.h"
#include "camera/source-kinds.h"

#define DEFAULT_WIDTH 1280
#define DEFAULT_HEIGHT 720
#define DEFAULT_FRAMERATE 30.0

/* libcamera fits any size and rate to the sensor, so nothing is asked beforehand; and opening the
 * camera twice in a row upsets some versions. All of the caps are needed: libcamerasrc leaves open
 * what is not said, then colorimetry and interlacing do not negotiate with v4l2h264enc, and without
 * a rate it runs at whatever the sensor does. The queue frees its request thread. */
gboolean
ph_source_plan_libcamera_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) text = g_string_new ("libcamerasrc name=source");
  g_autofree char *framerate = NULL;

  plan->media = PH_MEDIA_RAW;
  plan->width = config->width > 0 ? config->width : DEFAULT_WIDTH;
  plan->height = config->height > 0 ? config->height : DEFAULT_HEIGHT;
  plan->framerate = config->framerate > 0 ? config->framerate : DEFAULT_FRAMERATE;
  plan->format = g_strdup ("NV12");
  plan->colorimetry = g_strdup ("bt709");
  framerate = ph_launch_framerate (plan->framerate);

  if (config->camera != NULL &&
      !ph_launch_append_property (text, "camera-name", config->camera, error))
    return FALSE;
  g_string_append_printf (text,
      " ! video/x-raw,format=NV12,width=%u,height=%u,framerate=%s,"
      "colorimetry=(string)bt709,interlace-mode=(string)progressive ! "
      "queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0",
      plan->width, plan->height, framerate);
  plan->text = g_strdup (text->str);
  return TRUE;
}
