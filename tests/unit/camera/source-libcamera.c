/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "camera/libcamera-device.h"
#include "camera/source-kinds.h"

#include <string.h>

#define QUEUE " ! queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0"

static void
the_caps_leave_nothing_open (void)
{
  static const struct {
    const char *device_caps;
    PhSourceConfig config;
    const char *text, *warning;
  } rows[] = {
    /* A module of the Raspberry Pi takes any size. */
    { "video/x-raw,format=YUY2,width=[32,2592,2],height=[32,1944,2];"
      "video/x-raw,format=NV12,width=[32,2592,2],height=[32,1944,2]",
        { .width = 1920, .height = 1080, .framerate = 30 },
        "libcamerasrc name=source ! video/x-raw,format=NV12,width=1920,height=1080,framerate=30/1,"
        "colorimetry=(string)bt709,interlace-mode=(string)progressive" QUEUE,
        NULL },
    { "video/x-raw,format=NV12,width=[32,2592,2],height=[32,1944,2]",
        { .camera = (char *)"/base/i2c/imx708@1a", .framerate = 12.5 },
        "libcamerasrc name=source camera-name=\"/base/i2c/imx708@1a\" ! "
        "video/x-raw,format=NV12,width=1280,height=720,framerate=25/2,"
        "colorimetry=(string)bt709,interlace-mode=(string)progressive" QUEUE,
        NULL },
    /* The kernel's virtual sensor. */
    { "video/x-raw,format=RGB,width=480,height=320;video/x-raw,format=RGB,width=640,height=360",
        { .width = 640, .height = 400 },
        "libcamerasrc name=source ! "
        "video/x-raw,format=RGB,width=640,height=360,framerate=30/1" QUEUE,
        "the camera does not offer 640x400; taking 640x360" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (rows[i].device_caps);
    g_autoptr (GArray) modes = ph_libcamera_read_modes (caps);
    g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
    PhSourcePlan plan = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_true (ph_source_fill_libcamera_plan (&rows[i].config, modes, &plan, warnings, &error));
    g_assert_no_error (error);
    g_assert_cmpstr (plan.text, ==, rows[i].text);
    g_assert_cmpstr (
        warnings->len > 0 ? g_ptr_array_index (warnings, 0) : NULL, ==, rows[i].warning);
    ph_source_plan_clear (&plan);
  }
}

/* With or without libcamera here: no such camera, or no such element. */
static void
a_camera_that_is_not_there_is_an_error (void)
{
  PhSourceConfig config = { .type = PH_SOURCE_LIBCAMERA, .camera = (char *)"no such camera" };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  PhSourcePlan plan = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (ph_source_make_plan_on_worker (&config, &plan, warnings, NULL, &error));
  if (error->code == PH_ERROR_UNSUPPORTED)
    g_assert_nonnull (strstr (error->message, "install gstreamer1.0-libcamera"));
  else
    g_assert_error (error, PH_ERROR, PH_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/camera/source-libcamera/caps", the_caps_leave_nothing_open);
  g_test_add_func ("/camera/source-libcamera/missing", a_camera_that_is_not_there_is_an_error);
  return g_test_run ();
}
