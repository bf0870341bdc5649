/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "camera/launch-text.h"
#include "camera/source-kinds.h"
#include "camera/v4l2-device.h"

static void
append_caps (GString *text, const PhModeChoice *choice)
{
  static const char *const media_types[] = {
    [PH_MEDIA_RAW] = "video/x-raw",
    [PH_MEDIA_H264] = "video/x-h264",
    [PH_MEDIA_JPEG] = "image/jpeg",
  };

  g_string_append_printf (text, " ! %s", media_types[choice->media]);
  if (choice->format != NULL)
    g_string_append_printf (text, ",format=%s", choice->format);
  g_string_append_printf (text, ",width=%u,height=%u", choice->width, choice->height);
  if (choice->framerate.n > 0)
    g_string_append_printf (text, ",framerate=%u/%u", choice->framerate.n, choice->framerate.d);
}

static gboolean
fill_plan (
    const PhSourceConfig *config, const PhModeChoice *choice, PhSourcePlan *plan, GError **error)
{
  g_autoptr (GString) text = g_string_new ("v4l2src name=source");

  if (!ph_launch_append_property (text, "device", config->device, error))
    return FALSE;
  append_caps (text, choice);
  if (choice->media == PH_MEDIA_H264)
    g_string_append (text, " ! " PH_H264_PARSER " ! " PH_H264_FRAMING);
  plan->text = g_strdup (text->str);
  plan->media = choice->media;
  plan->format = g_strdup (choice->format);
  plan->width = choice->width;
  plan->height = choice->height;
  plan->framerate = ph_framerate_to_double (choice->framerate);
  plan->is_variable = choice->framerate.n == 0;
  return TRUE;
}

gboolean
ph_source_plan_v4l2_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  g_autoptr (PhV4l2Device) device = ph_v4l2_device_open (config->device, error);
  PhModeChoice choice;
  char *warning;

  if (device == NULL || !ph_camera_mode_choose (device->modes, config, &choice, error))
    return FALSE;
  if (ph_v4l2_is_busy (config->device)) {
    g_set_error (
        error, PH_ERROR, PH_ERROR_UNAVAILABLE, "%s is in use by another program", config->device);
    return FALSE;
  }
  warning = ph_camera_mode_make_warning (config, &choice);
  if (warning != NULL)
    g_ptr_array_add (warnings, warning);
  return fill_plan (config, &choice, plan, error);
}
