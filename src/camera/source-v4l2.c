/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "camera/device-holder.h"
#include "camera/launch-text.h"
#include "camera/source-kinds.h"
#include "camera/v4l2-device.h"
#include "camera/v4l2-id.h"

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
fill_plan (const char *path, const PhModeChoice *choice, PhSourcePlan *plan, GError **error)
{
  g_autoptr (GString) text = g_string_new ("v4l2src name=source");

  if (!ph_launch_append_property (text, "device", path, error))
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

static void
set_busy_error (const char *path, GError **error)
{
  g_autofree char *holder = ph_device_holder_find (path);

  g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE, "%s is in use by %s", path,
      holder != NULL ? holder : "another program");
}

gboolean
ph_source_plan_v4l2_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = plan->device_id != NULL
                              ? ph_v4l2_find_by_id (plan->device_id, config->device, error)
                              : g_strdup (config->device);
  g_autoptr (PhV4l2Device) device = path != NULL ? ph_v4l2_device_open (path, error) : NULL;
  PhModeChoice choice;
  char *warning;

  if (device == NULL || !ph_camera_mode_choose (device->modes, config, &choice, error))
    return FALSE;
  if (ph_v4l2_is_busy (path)) {
    set_busy_error (path, error);
    return FALSE;
  }
  if (!g_str_equal (path, config->device))
    g_ptr_array_add (
        warnings, g_strdup_printf ("the camera is %s now, no longer %s", path, config->device));
  warning = ph_camera_mode_make_warning (config, &choice);
  if (warning != NULL)
    g_ptr_array_add (warnings, warning);
  g_free (plan->device_id);
  plan->device_id = g_strdup (device->id);
  return fill_plan (path, &choice, plan, error);
}
