/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/v4l2-id.h"

#include "base/error.h"
#include "camera/v4l2-device.h"

#include <stdlib.h>
#include <string.h>

#define CLASS "/sys/class/video4linux"

/* Of the device node, or above it in the tree of devices; NULL when the kernel has no such file. */
static char *
try_read_sysfs (const char *node, const char *file)
{
  g_autofree char *path = g_strconcat (CLASS "/", node, "/", file, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return g_strdup (g_strstrip (text));
}

/* A webcam has several nodes, pictures on one and data about them on the next: index tells them
 * apart. Serial numbers are a USB matter. */
char *
ph_v4l2_make_id (const char *path, const char *name, const char *bus)
{
  char *real = realpath (path, NULL);
  g_autofree char *node = g_path_get_basename (real != NULL ? real : path);
  g_autofree char *index = try_read_sysfs (node, "index");
  g_autofree char *vendor = try_read_sysfs (node, "device/../idVendor");
  g_autofree char *product = try_read_sysfs (node, "device/../idProduct");
  g_autofree char *serial = try_read_sysfs (node, "device/../serial");

  free (real);
  if (vendor != NULL && product != NULL && serial != NULL && *serial != '\0')
    return g_strdup_printf (
        "usb %s:%s %s %s", vendor, product, serial, index != NULL ? index : "0");
  return g_strdup_printf ("bus %s %s %s", bus, name, index != NULL ? index : "0");
}

static gboolean
is_it (const char *path, const char *id)
{
  g_autoptr (PhV4l2Device) device = ph_v4l2_device_open (path, NULL);

  return device != NULL && g_str_equal (device->id, id);
}

char *
ph_v4l2_find_by_id (const char *id, const char *path, GError **error)
{
  g_autoptr (GDir) nodes = g_dir_open (CLASS, 0, NULL);
  const char *node;

  if (is_it (path, id))
    return g_strdup (path);
  while (nodes != NULL && (node = g_dir_read_name (nodes)) != NULL) {
    g_autofree char *other = g_strconcat ("/dev/", node, NULL);

    if (g_str_has_prefix (node, "video") && is_it (other, id))
      return g_steal_pointer (&other);
  }
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (error, PH_ERROR, PH_ERROR_NOT_FOUND,
        "the camera that was %s is not there, %s is another one now; is it plugged in?", path,
        path);
  else
    g_set_error (
        error, PH_ERROR, PH_ERROR_NOT_FOUND, "there is no camera at %s: is it plugged in?", path);
  return NULL;
}
