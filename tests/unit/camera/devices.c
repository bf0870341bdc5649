/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/devices.h"
#include "camera/camera-mode.h"

#include <gst/gst.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define SIZE(w, h) .width = { w, w, 1 }, .height = { h, h, 1 }
#define RATE(rn, rd) .slowest = { rn, rd }, .fastest = { rn, rd }

static const PhCameraMode webcam[] = {
  { .media = PH_MEDIA_RAW, .format = "YUY2", SIZE (640, 480), RATE (30, 1) },
  { .media = PH_MEDIA_RAW, .format = "YUY2", SIZE (640, 480), RATE (15, 2) },
  { .media = PH_MEDIA_RAW, .format = "YUY2", SIZE (1280, 720), RATE (10, 1) },
  { .media = PH_MEDIA_H264, SIZE (1920, 1080), RATE (30, 1) },
  { .media = PH_MEDIA_JPEG, SIZE (320, 180), .slowest = { 1, 1 }, .fastest = { 60, 1 } },
};
static const PhCameraMode module[] = {
  { .media = PH_MEDIA_RAW, .format = "NV12", .width = { 32, 2592, 2 }, .height = { 32, 1944, 2 } },
};

static PhDevices *
make_devices (void)
{
  PhDevices *self = ph_devices_new ();
  PhFoundCamera *camera = ph_devices_add_camera (self, "v4l2", "/dev/video0");

  camera->name = g_strdup ("HD Pro Webcam C920");
  camera->bus = g_strdup ("usb-0000:00:14.0-2");
  camera->stable_id = g_strdup ("/dev/v4l/by-id/usb-C920-video-index0");
  g_array_append_vals (camera->modes, webcam, G_N_ELEMENTS (webcam));
  camera = ph_devices_add_camera (self, "v4l2", "/dev/video2");
  camera->fault = g_strdup ("no permission to open /dev/video2");
  camera = ph_devices_add_camera (self, "libcamera", "/base/i2c/ov5647@36");
  g_array_append_vals (camera->modes, module, G_N_ELEMENTS (module));
  ph_devices_add_encoder (self, "nvh264enc")->fault = g_strdup ("no device");
  ph_devices_add_encoder (self, "x264enc")->is_chosen = TRUE;
  ph_devices_add_encoder (self, "openh264enc");
  return self;
}

static void
people_read_a_list (void)
{
  g_autoptr (PhDevices) devices = make_devices ();
  g_autofree char *text = ph_devices_to_text (devices);

  g_assert_cmpstr (text, ==,
      "Cameras\n"
      "  v4l2: /dev/video0  HD Pro Webcam C920 (usb-0000:00:14.0-2)\n"
      "    also /dev/v4l/by-id/usb-C920-video-index0, which stays the same\n"
      "    YUY2   640x480 at 30, 7.5; 1280x720 at 10\n"
      "    H.264  1920x1080 at 30\n"
      "    MJPEG  320x180 at 1-60\n"
      "  v4l2: /dev/video2\n"
      "    no permission to open /dev/video2\n"
      "  libcamera: /base/i2c/ov5647@36\n"
      "    NV12   32-2592x32-1944\n"
      "H.264 encoders, in the order they are tried\n"
      "  nvh264enc     no device\n"
      "  x264enc       works, taken\n"
      "  openh264enc   works\n");
}

static void
without_a_camera_the_list_says_what_to_check (void)
{
  g_autoptr (PhDevices) devices = ph_devices_new ();
  g_autofree char *text = ph_devices_to_text (devices);

  g_assert_nonnull (strstr (text, "is it plugged in"));
  g_assert_nonnull (strstr (text, "gstreamer1.0-libcamera"));
  g_assert_nonnull (strstr (text, "rtsp"));
}

static JsonObject *
get_element (JsonObject *root, const char *list, guint index)
{
  return json_array_get_object_element (json_object_get_array_member (root, list), index);
}

static void
machines_read_json (void)
{
  g_autoptr (PhDevices) devices = make_devices ();
  g_autofree char *text = ph_devices_to_json (devices);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);
  JsonObject *root, *mode;

  g_assert_no_error (error);
  root = json_node_get_object (node);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "cameras")), ==, 3);
  g_assert_cmpstr (
      json_object_get_string_member (get_element (root, "cameras", 0), "id"), ==, "/dev/video0");
  g_assert_true (json_object_get_null_member (get_element (root, "cameras", 0), "error"));
  mode = get_element (get_element (root, "cameras", 0), "modes", 1);
  g_assert_cmpstr (json_object_get_string_member (mode, "format"), ==, "raw");
  g_assert_cmpfloat (
      json_array_get_double_element (json_object_get_array_member (mode, "framerate"), 1), ==, 7.5);
  mode = get_element (get_element (root, "cameras", 2), "modes", 0);
  g_assert_false (json_object_has_member (mode, "framerate"));
  g_assert_true (json_object_get_boolean_member (get_element (root, "encoders", 1), "chosen"));
  g_assert_false (json_object_get_boolean_member (get_element (root, "encoders", 0), "works"));
}

/* Whatever this machine has. */
static void
the_command_prints_what_is_here (void)
{
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (ph_devices_print (TRUE, output, &error));
  g_output_stream_close (output, NULL, NULL);
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_array_get_length (
                        json_object_get_array_member (json_node_get_object (node), "encoders")),
      ==, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/camera/devices/text", people_read_a_list);
  g_test_add_func ("/camera/devices/none", without_a_camera_the_list_says_what_to_check);
  g_test_add_func ("/camera/devices/json", machines_read_json);
  g_test_add_func ("/camera/devices/print", the_command_prints_what_is_here);
  return g_test_run ();
}
