/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/devices.h"

#include "base/error.h"
#include "camera/encoder.h"
#include "camera/v4l2-modes.h"

#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

static void
free_camera (gpointer data)
{
  PhFoundCamera *camera = data;

  g_free (camera->source_type);
  g_free (camera->id);
  g_free (camera->stable_id);
  g_free (camera->name);
  g_free (camera->bus);
  g_array_unref (camera->modes);
  g_free (camera->fault);
  g_free (camera);
}

static void
free_encoder (gpointer data)
{
  PhTriedEncoder *encoder = data;

  g_free (encoder->factory);
  g_free (encoder->fault);
  g_free (encoder);
}

PhDevices *
ph_devices_new (void)
{
  PhDevices *self = g_new0 (PhDevices, 1);

  self->cameras = g_ptr_array_new_with_free_func (free_camera);
  self->encoders = g_ptr_array_new_with_free_func (free_encoder);
  return self;
}

void
ph_devices_free (PhDevices *self)
{
  g_ptr_array_unref (self->cameras);
  g_ptr_array_unref (self->encoders);
  g_free (self);
}

PhFoundCamera *
ph_devices_add_camera (PhDevices *self, const char *source_type, const char *id)
{
  PhFoundCamera *camera = g_new0 (PhFoundCamera, 1);

  camera->source_type = g_strdup (source_type);
  camera->id = g_strdup (id);
  camera->modes = g_array_new (FALSE, FALSE, sizeof (PhV4l2Mode));
  g_ptr_array_add (self->cameras, camera);
  return camera;
}

PhTriedEncoder *
ph_devices_add_encoder (PhDevices *self, const char *factory)
{
  PhTriedEncoder *encoder = g_new0 (PhTriedEncoder, 1);

  encoder->factory = g_strdup (factory);
  g_ptr_array_add (self->encoders, encoder);
  return encoder;
}

static int
compare_video_nodes (gconstpointer a, gconstpointer b)
{
  return atoi (*(char *const *)a + strlen ("video")) - atoi (*(char *const *)b + strlen ("video"));
}

/* "video0", "video1", …; the folder is there once the kernel knows of any. */
static GPtrArray *
list_video_nodes (void)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) folder = g_dir_open ("/sys/class/video4linux", 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_prefix (name, "video"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_video_nodes);
  return names;
}

/* udev's links to the same node. */
static char *
try_find_stable_id (const char *path)
{
  static const char *const folders[] = { "/dev/v4l/by-id", "/dev/v4l/by-path" };

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autoptr (GDir) folder = g_dir_open (folders[i], 0, NULL);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
      g_autofree char *link = g_build_filename (folders[i], name, NULL);
      g_autofree char *target = realpath (link, NULL);

      if (g_strcmp0 (target, path) == 0)
        return g_steal_pointer (&link);
    }
  }
  return NULL;
}

/* A webcam has a second node for metadata and a codec has nodes of its own: these are no cameras
 * and say so, or offer nothing that can be read. */
static void
maybe_add_v4l2_camera (PhDevices *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhV4l2Device) device = ph_v4l2_device_open (path, &error);
  PhFoundCamera *camera;

  if (g_error_matches (error, PH_ERROR, PH_ERROR_UNSUPPORTED) ||
      (device != NULL && device->modes->len == 0))
    return;
  camera = ph_devices_add_camera (self, "v4l2", path);
  camera->stable_id = try_find_stable_id (path);
  if (device == NULL) {
    camera->fault = g_strdup (error->message);
    return;
  }
  camera->name = g_strdup (device->name);
  camera->bus = g_strdup (device->bus);
  g_array_append_vals (camera->modes, device->modes->data, device->modes->len);
}

static void
add_v4l2_cameras (PhDevices *self)
{
  g_autoptr (GPtrArray) names = list_video_nodes ();

  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename ("/dev", g_ptr_array_index (names, i), NULL);

    maybe_add_v4l2_camera (self, path);
  }
}

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

/* libcamera fits rates to the sensor, so there are none to list. */
static void
add_libcamera_modes (GArray *modes, const GstCaps *caps)
{
  for (guint i = 0; caps != NULL && i < gst_caps_get_size (caps); i++) {
    const GstStructure *structure = gst_caps_get_structure (caps, i);
    PhV4l2Mode mode = { .media = PH_MEDIA_RAW,
      .format = g_intern_string (gst_structure_get_string (structure, "format")),
      .width = get_range (structure, "width"),
      .height = get_range (structure, "height") };

    if (gst_structure_has_name (structure, "video/x-raw") && mode.format != NULL &&
        mode.width.max > 0 && mode.height.max > 0)
      g_array_append_val (modes, mode);
  }
}

static void
add_libcamera_cameras (PhDevices *self)
{
  g_autoptr (GstDeviceProvider) provider =
      gst_device_provider_factory_get_by_name ("libcameraprovider");
  GList *devices = provider != NULL ? gst_device_provider_get_devices (provider) : NULL;

  for (GList *link = devices; link != NULL; link = link->next) {
    g_autofree char *id = gst_device_get_display_name (link->data);
    g_autoptr (GstCaps) caps = gst_device_get_caps (link->data);

    add_libcamera_modes (ph_devices_add_camera (self, "libcamera", id)->modes, caps);
  }
  g_list_free_full (devices, gst_object_unref);
}

static void
add_encoders_on_worker (PhDevices *self, GCancellable *cancellable)
{
  static const PhEncoderWish wish = { 1280, 720, 30, 2000, 60 };
  gboolean is_chosen = FALSE;

  for (const PhEncoder *row = ph_encoder_get_table (); row->factory != NULL; row++) {
    PhTriedEncoder *encoder = ph_devices_add_encoder (self, row->factory);

    encoder->fault = ph_encoder_try_on_worker (row, &wish, cancellable);
    encoder->is_chosen = encoder->fault == NULL && !is_chosen;
    is_chosen |= encoder->is_chosen;
  }
}

PhDevices *
ph_devices_find_on_worker (GCancellable *cancellable)
{
  PhDevices *self = ph_devices_new ();

  add_v4l2_cameras (self);
  add_libcamera_cameras (self);
  add_encoders_on_worker (self, cancellable);
  return self;
}

gboolean
ph_devices_print (gboolean is_json, GOutputStream *output, GError **error)
{
  g_autoptr (PhDevices) self = ph_devices_find_on_worker (NULL);
  g_autofree char *text = is_json ? ph_devices_to_json (self) : ph_devices_to_text (self);

  return g_output_stream_write_all (output, text, strlen (text), NULL, NULL, error);
}
