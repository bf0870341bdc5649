/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/devices.h"

#include "base/error.h"
#include "camera/encoder.h"
#include "camera/libcamera-device.h"
#include "camera/v4l2-device.h"

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
  camera->modes = g_array_new (FALSE, FALSE, sizeof (PhCameraMode));
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

static void
add_libcamera_cameras (PhDevices *self)
{
  g_autoptr (GPtrArray) devices = ph_libcamera_list_devices ();

  for (guint i = 0; i < devices->len; i++) {
    const PhLibcameraDevice *device = g_ptr_array_index (devices, i);
    PhFoundCamera *camera = ph_devices_add_camera (self, "libcamera", device->id);

    g_array_append_vals (camera->modes, device->modes->data, device->modes->len);
  }
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
