/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/camera-mode.h"

#include "base/error.h"
#include "camera/v4l2-device.h"

#include <string.h>

#define SIZE(w, h) .width = { w, w, 1 }, .height = { h, h, 1 }
#define RATE(rn, rd) .slowest = { rn, rd }, .fastest = { rn, rd }
#define RAW(name) .media = PH_MEDIA_RAW, .format = name
#define JPEG .media = PH_MEDIA_JPEG
#define H264 .media = PH_MEDIA_H264

/* As their drivers list them, shortened. A webcam of 2012 with an encoder of its own: YUYV in full
 * size only at 5 frames/s, since USB 2 does not carry more. */
static const PhCameraMode c920[] = {
  { RAW ("YUY2"), SIZE (640, 480), RATE (30, 1) },
  { RAW ("YUY2"), SIZE (640, 480), RATE (15, 1) },
  { RAW ("YUY2"), SIZE (1280, 720), RATE (10, 1) },
  { RAW ("YUY2"), SIZE (1280, 720), RATE (5, 1) },
  { RAW ("YUY2"), SIZE (1920, 1080), RATE (5, 1) },
  { H264, SIZE (640, 480), RATE (30, 1) },
  { H264, SIZE (1280, 720), RATE (30, 1) },
  { H264, SIZE (1280, 720), RATE (15, 1) },
  { H264, SIZE (1920, 1080), RATE (30, 1) },
  { JPEG, SIZE (640, 480), RATE (30, 1) },
  { JPEG, SIZE (1280, 720), RATE (30, 1) },
  { JPEG, SIZE (1920, 1080), RATE (30, 1) },
};
static const PhCameraMode cheap[] = {
  { JPEG, SIZE (1920, 1080), RATE (30, 1) },
  { JPEG, SIZE (640, 480), RATE (60, 1) },
  { JPEG, SIZE (640, 480), RATE (30, 1) },
  { RAW ("YUY2"), SIZE (1920, 1080), RATE (5, 1) },
  { RAW ("YUY2"), SIZE (640, 480), RATE (30, 1) },
};
static const PhCameraMode mjpeg_only[] = {
  { JPEG, SIZE (1280, 720), RATE (30, 1) },
  { JPEG, SIZE (640, 480), RATE (30000, 1001) },
};
static const PhCameraMode vivid[] = {
  { RAW ("YUY2"), SIZE (320, 180), .slowest = { 1, 1 }, .fastest = { 60, 1 } },
  { RAW ("YUY2"), SIZE (640, 480), RATE (25, 1) },
  { RAW ("YUY2"), SIZE (1280, 720), RATE (25, 2) },
  { RAW ("UYVY"), SIZE (640, 480), RATE (25, 1) },
  { RAW ("NV12"), SIZE (640, 480), RATE (25, 1) },
};
static const PhCameraMode loopback_h264[] = { { H264, SIZE (640, 480), RATE (30, 1) } };
static const PhCameraMode silent[] = {
  { RAW ("I420"), .width = { 32, 2048, 2 }, .height = { 32, 1536, 2 } },
};

#define LIST(modes) modes, G_N_ELEMENTS (modes)

static GArray *
make_list (const PhCameraMode *modes, gsize n_modes)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (PhCameraMode));

  return g_array_append_vals (list, modes, n_modes);
}

static const char *
get_media_name (PhMedia media)
{
  return media == PH_MEDIA_H264 ? "h264" : media == PH_MEDIA_RAW ? "raw" : "jpeg";
}

static void
the_nearest_mode_is_taken_and_said (void)
{
  static const struct {
    const PhCameraMode *modes;
    gsize n_modes;
    guint width, height;
    double framerate;
    PhV4l2Format format;
    const char *choice, *warning;
  } rows[] = {
    { LIST (c920), 1920, 1080, 30, PH_V4L2_AUTO, "h264 1920x1080@30", NULL },
    { LIST (c920), 0, 0, 0, PH_V4L2_AUTO, "h264 1280x720@30", NULL },
    { LIST (c920), 1920, 1080, 30, PH_V4L2_MJPEG, "jpeg 1920x1080@30", NULL },
    { LIST (c920), 640, 480, 30, PH_V4L2_RAW, "raw YUY2 640x480@30", NULL },
    { LIST (c920), 1920, 1080, 5, PH_V4L2_AUTO, "raw YUY2 1920x1080@5", NULL },
    { LIST (c920), 1920, 1080, 30, PH_V4L2_RAW, "raw YUY2 1920x1080@5",
        "the camera does not offer 1920x1080 at 30; taking 1920x1080 at 5" },
    { LIST (c920), 1920, 1080, 60, PH_V4L2_AUTO, "h264 1920x1080@30",
        "the camera does not offer 1920x1080 at 60; taking 1920x1080 at 30" },
    { LIST (c920), 2592, 1944, 0, PH_V4L2_AUTO, "h264 1920x1080@30",
        "the camera does not offer 2592x1944; taking 1920x1080" },
    { LIST (cheap), 640, 480, 30, PH_V4L2_AUTO, "raw YUY2 640x480@30", NULL },
    { LIST (cheap), 1920, 1080, 30, PH_V4L2_AUTO, "jpeg 1920x1080@30", NULL },
    { LIST (cheap), 1920, 0, 0, PH_V4L2_AUTO, "jpeg 1920x1080@30", NULL },
    { LIST (cheap), 0, 0, 60, PH_V4L2_AUTO, "jpeg 640x480@60", NULL },
    { LIST (mjpeg_only), 640, 480, 30, PH_V4L2_AUTO, "jpeg 640x480@29.97", NULL },
    { LIST (vivid), 640, 480, 25, PH_V4L2_AUTO, "raw NV12 640x480@25", NULL },
    { LIST (vivid), 320, 240, 30, PH_V4L2_AUTO, "raw YUY2 320x180@30",
        "the camera does not offer 320x240 at 30; taking 320x180 at 30" },
    { LIST (vivid), 1280, 720, 30, PH_V4L2_AUTO, "raw YUY2 1280x720@12.5",
        "the camera does not offer 1280x720 at 30; taking 1280x720 at 12.5" },
    { LIST (loopback_h264), 640, 480, 0, PH_V4L2_H264, "h264 640x480@30", NULL },
    { LIST (silent), 1281, 720, 30, PH_V4L2_AUTO, "raw I420 1282x720@0",
        "the camera does not offer 1281x720; taking 1282x720" },
    { LIST (silent), 4000, 3000, 0, PH_V4L2_AUTO, "raw I420 2048x1536@0",
        "the camera does not offer 4000x3000; taking 2048x1536" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GArray) modes = make_list (rows[i].modes, rows[i].n_modes);
    PhSourceConfig config = { .type = PH_SOURCE_V4L2,
      .width = rows[i].width,
      .height = rows[i].height,
      .framerate = rows[i].framerate,
      .format = rows[i].format };
    PhModeChoice choice;
    g_autoptr (GError) error = NULL;
    g_autofree char *text = NULL;
    g_autofree char *warning = NULL;

    g_assert_true (ph_camera_mode_choose (modes, &config, &choice, &error));
    text = g_strdup_printf ("%s%s%s %ux%u@%.4g", get_media_name (choice.media),
        choice.format != NULL ? " " : "", choice.format != NULL ? choice.format : "", choice.width,
        choice.height, ph_framerate_to_double (choice.framerate));
    g_assert_cmpstr (text, ==, rows[i].choice);
    warning = ph_camera_mode_make_warning (&config, &choice);
    g_assert_cmpstr (warning, ==, rows[i].warning);
  }
}

static void
a_format_that_is_not_there_is_refused_with_what_is (void)
{
  static const struct {
    const PhCameraMode *modes;
    gsize n_modes;
    PhV4l2Format format;
    const char *message;
  } rows[] = {
    { LIST (cheap), PH_V4L2_H264, "the camera does not deliver H.264; it has raw and MJPEG" },
    { LIST (mjpeg_only), PH_V4L2_RAW, "the camera does not deliver raw; it has MJPEG" },
    { LIST (vivid), PH_V4L2_MJPEG, "the camera does not deliver MJPEG; it has raw" },
    { NULL, 0, PH_V4L2_AUTO,
        "the device delivers no format Porthole can use; a camera module on a ribbon cable is "
        "read with a source of type libcamera" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GArray) modes = make_list (rows[i].modes, rows[i].n_modes);
    PhSourceConfig config = { .type = PH_SOURCE_V4L2, .format = rows[i].format };
    PhModeChoice choice;
    g_autoptr (GError) error = NULL;

    g_assert_false (ph_camera_mode_choose (modes, &config, &choice, &error));
    g_assert_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED);
    g_assert_cmpstr (error->message, ==, rows[i].message);
  }
}

static void
a_device_that_is_not_there_says_so (void)
{
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) other = NULL;

  g_assert_null (ph_v4l2_device_open ("/dev/video-none", &missing));
  g_assert_error (missing, PH_ERROR, PH_ERROR_NOT_FOUND);
  g_assert_cmpstr (
      missing->message, ==, "there is no camera at /dev/video-none: is it plugged in?");
  g_assert_null (ph_v4l2_device_open ("/dev/null", &other));
  g_assert_error (other, PH_ERROR, PH_ERROR_UNSUPPORTED);
  g_assert_cmpstr (other->message, ==, "/dev/null is not a camera");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/camera/camera-mode/nearest", the_nearest_mode_is_taken_and_said);
  g_test_add_func (
      "/camera/camera-mode/refused", a_format_that_is_not_there_is_refused_with_what_is);
  g_test_add_func ("/camera/camera-mode/missing", a_device_that_is_not_there_says_so);
  return g_test_run ();
}
