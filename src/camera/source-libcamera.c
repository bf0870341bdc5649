/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "camera/launch-text.h"
#include "camera/libcamera-device.h"
#include "camera/source-kinds.h"

#define DEFAULT_FRAMERATE 30.0

static const PhLibcameraDevice *
find_device (const GPtrArray *devices, const char *id, GError **error)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < devices->len; i++) {
    const PhLibcameraDevice *device = g_ptr_array_index (devices, i);

    if (id == NULL || g_str_equal (device->id, id))
      return device;
    g_string_append_printf (found, "%s%s", i > 0 ? ", " : "", device->id);
  }
  if (devices->len == 0)
    g_set_error_literal (error, PH_ERROR, PH_ERROR_NOT_FOUND,
        "libcamera finds no camera: is its cable seated, and may the user Porthole runs as use it "
        "(group video)?");
  else
    g_set_error (error, PH_ERROR, PH_ERROR_NOT_FOUND, "libcamera knows no camera %s; it has %s", id,
        found->str);
  return NULL;
}

/* All of the caps are needed: libcamerasrc leaves open what is not said, then colorimetry and
 * interlacing do not negotiate with v4l2h264enc, and without a rate it runs at whatever the sensor
 * does. For RGB there is nothing to say. The queue frees its request thread. */
static gboolean
fill_plan (
    const PhSourceConfig *config, const PhModeChoice *choice, PhSourcePlan *plan, GError **error)
{
  g_autoptr (GString) text = g_string_new ("libcamerasrc name=source");
  g_autofree char *framerate = NULL;
  gboolean is_rgb =
      g_str_has_prefix (choice->format, "RGB") || g_str_has_prefix (choice->format, "BGR");

  plan->media = PH_MEDIA_RAW;
  plan->width = choice->width;
  plan->height = choice->height;
  plan->framerate = config->framerate > 0 ? config->framerate : DEFAULT_FRAMERATE;
  plan->format = g_strdup (choice->format);
  plan->colorimetry = g_strdup (is_rgb ? NULL : "bt709");
  framerate = ph_launch_framerate (plan->framerate);

  if (config->camera != NULL &&
      !ph_launch_append_property (text, "camera-name", config->camera, error))
    return FALSE;
  g_string_append_printf (text, " ! video/x-raw,format=%s,width=%u,height=%u,framerate=%s%s ! ",
      choice->format, choice->width, choice->height, framerate,
      is_rgb ? "" : ",colorimetry=(string)bt709,interlace-mode=(string)progressive");
  g_string_append (
      text, "queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0");
  plan->text = g_strdup (text->str);
  return TRUE;
}

gboolean
ph_source_fill_libcamera_plan (const PhSourceConfig *config, const GArray *modes,
    PhSourcePlan *plan, GPtrArray *warnings, GError **error)
{
  PhModeChoice choice;
  char *warning;

  if (!ph_camera_mode_choose (modes, config, &choice, error))
    return FALSE;
  warning = ph_camera_mode_make_warning (config, &choice);
  if (warning != NULL)
    g_ptr_array_add (warnings, warning);
  return fill_plan (config, &choice, plan, error);
}

gboolean
ph_source_plan_libcamera_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) devices = ph_libcamera_list_devices ();
  const PhLibcameraDevice *device = find_device (devices, config->camera, error);

  return device != NULL &&
         ph_source_fill_libcamera_plan (config, device->modes, plan, warnings, error);
}
