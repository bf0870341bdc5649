/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/libcamera-device.h"

static PhPixelRange
get_range (const GstStructure *structure, const char *field)
{
  const GValue *value = gst_structure_get_value (structure, field);

  if (value != NULL && G_VALUE_HOLDS_INT (value))
    return (PhPixelRange){ g_value_get_int (value), g_value_get_int (value), 1 };
  if (value != NULL && GST_VALUE_HOLDS_INT_RANGE (value))
    return (PhPixelRange){ gst_value_get_int_range_min (value), gst_value_get_int_range_max (value),
      gst_value_get_int_range_step (value) };
  return (PhPixelRange){ 0 };
}

GArray *
ph_libcamera_read_modes (const GstCaps *caps)
{
  GArray *modes = g_array_new (FALSE, FALSE, sizeof (PhCameraMode));

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    const GstStructure *structure = gst_caps_get_structure (caps, i);
    PhCameraMode mode = { .media = PH_MEDIA_RAW,
      .format = g_intern_string (gst_structure_get_string (structure, "format")),
      .width = get_range (structure, "width"),
      .height = get_range (structure, "height") };

    if (gst_structure_has_name (structure, "video/x-raw") && mode.format != NULL &&
        mode.width.max > 0 && mode.height.max > 0)
      g_array_append_val (modes, mode);
  }
  return modes;
}

static void
free_device (gpointer data)
{
  PhLibcameraDevice *device = data;

  g_free (device->id);
  g_array_unref (device->modes);
  g_free (device);
}

GPtrArray *
ph_libcamera_list_devices (void)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func (free_device);
  g_autoptr (GstDeviceProvider) provider =
      gst_device_provider_factory_get_by_name ("libcameraprovider");
  GList *found = provider != NULL ? gst_device_provider_get_devices (provider) : NULL;

  for (GList *link = found; link != NULL; link = link->next) {
    PhLibcameraDevice *device = g_new0 (PhLibcameraDevice, 1);
    g_autoptr (GstCaps) caps = gst_device_get_caps (link->data);

    device->id = gst_device_get_display_name (link->data);
    device->modes = ph_libcamera_read_modes (caps);
    g_ptr_array_add (devices, device);
  }
  g_list_free_full (found, gst_object_unref);
  return devices;
}
