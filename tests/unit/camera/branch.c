/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/branch.h"

#include <gst/gst.h>

#define FRAMING "video/x-h264,stream-format=byte-stream,alignment=au"
#define OUT "h264parse config-interval=-1 ! " FRAMING
#define X264_MAIN \
  "x264enc bitrate=4000 key-int-max=60 bframes=0 tune=zerolatency speed-preset=superfast " \
  "option-string=scenecut=0 " \
  "! video/x-h264,profile=(string)constrained-baseline ! " OUT
#define X264_SUB \
  "x264enc bitrate=400 key-int-max=20 bframes=0 tune=zerolatency speed-preset=veryfast " \
  "option-string=scenecut=0 " \
  "! video/x-h264,profile=(string)constrained-baseline ! " OUT
#define V4L2_MAIN \
  "v4l2h264enc extra-controls=\"controls,video_bitrate_mode=1,video_bitrate=4000000," \
  "h264_i_frame_period=60,repeat_sequence_header=1\" ! " \
  "video/x-h264,profile=(string)constrained-baseline,level=(string)3.1 ! " OUT

static const PhStreamConfig main_stream = {
  .name = "main", .codec = PH_CODEC_H264, .bitrate = 4000, .keyframe_interval = 2.0
};
static const PhStreamConfig sub_stream = { .name = "sub",
  .codec = PH_CODEC_H264,
  .width = 640,
  .height = 360,
  .framerate = 10,
  .bitrate = 400,
  .keyframe_interval = 2.0 };
static const PhStreamConfig jpeg_stream = {
  .name = "jpeg", .codec = PH_CODEC_JPEG, .framerate = 10, .quality = 80
};
static const PhStreamConfig full_jpeg_stream = {
  .name = "jpeg", .codec = PH_CODEC_JPEG, .quality = 90
};
static const PhStreamConfig small_jpeg_stream = {
  .name = "jpeg", .codec = PH_CODEC_JPEG, .width = 320, .quality = 90
};

static const PhSourcePlan test_source = { .media = PH_MEDIA_RAW,
  .width = 1280,
  .height = 720,
  .framerate = 30,
  .format = (char *)"I420",
  .colorimetry = (char *)"bt709" };
static const PhSourcePlan libcamera_source = { .media = PH_MEDIA_RAW,
  .width = 1280,
  .height = 720,
  .framerate = 30,
  .format = (char *)"NV12",
  .colorimetry = (char *)"bt709" };
static const PhSourcePlan webcam_source = {
  .media = PH_MEDIA_RAW, .width = 1280, .height = 720, .framerate = 30, .format = (char *)"YUY2"
};
static const PhSourcePlan mjpeg_source = {
  .media = PH_MEDIA_JPEG, .width = 1280, .height = 720, .framerate = 30
};
static const PhSourcePlan h264_source = {
  .media = PH_MEDIA_H264, .width = 1280, .height = 720, .framerate = 30
};
static const PhSourcePlan ip_camera_source = {
  .media = PH_MEDIA_H264, .width = 1280, .height = 720, .framerate = 25, .is_variable = TRUE
};

static void
a_branch_has_the_elements_it_needs_and_no_others (void)
{
  static const struct {
    const PhStreamConfig *stream;
    const PhSourcePlan *source;
    const char *encoder; /* NULL: the branch must not need one */
    const char *text;
  } rows[] = {
    { &main_stream, &test_source, "x264enc", X264_MAIN },
    { &main_stream, &test_source, "v4l2h264enc",
        "videoconvert ! video/x-raw,format=NV12,colorimetry=(string)bt709 ! " V4L2_MAIN },
    { &main_stream, &libcamera_source, "v4l2h264enc", V4L2_MAIN },
    { &main_stream, &libcamera_source, "x264enc",
        "videoconvert ! video/x-raw,format=I420 ! " X264_MAIN },
    { &main_stream, &webcam_source, "x264enc",
        "videoconvert ! video/x-raw,format=I420 ! " X264_MAIN },
    { &main_stream, &mjpeg_source, "x264enc",
        "videoconvert ! video/x-raw,format=I420 ! " X264_MAIN },
    { &sub_stream, &test_source, "x264enc",
        "videorate drop-only=true skip-to-first=true ! video/x-raw,framerate=10/1 ! videoscale ! "
        "video/x-raw,width=640,height=360,pixel-aspect-ratio=1/1 ! " X264_SUB },
    { &sub_stream, &libcamera_source, "x264enc",
        "videorate drop-only=true skip-to-first=true ! video/x-raw,framerate=10/1 ! videoscale ! "
        "videoconvert ! "
        "video/x-raw,format=I420,width=640,height=360,pixel-aspect-ratio=1/1 ! " X264_SUB },
    { &sub_stream, &ip_camera_source, "x264enc",
        "videorate skip-to-first=true max-duplication-time=1000000000 ! video/x-raw,framerate=10/1 "
        "! videoscale ! videoconvert ! "
        "video/x-raw,format=I420,width=640,height=360,pixel-aspect-ratio=1/1 ! " X264_SUB },
    { &main_stream, &h264_source, NULL, FRAMING },
    { &main_stream, &ip_camera_source, NULL, FRAMING },
    { &jpeg_stream, &test_source, NULL,
        "videorate drop-only=true skip-to-first=true ! video/x-raw,framerate=10/1 ! videoconvert ! "
        "video/x-raw,format=I420,colorimetry=(string)1:4:0:0 ! jpegenc quality=80" },
    { &jpeg_stream, &mjpeg_source, NULL,
        "videorate drop-only=true skip-to-first=true ! image/jpeg,framerate=10/1" },
    { &full_jpeg_stream, &mjpeg_source, NULL, "image/jpeg" },
    { &small_jpeg_stream, &mjpeg_source, NULL,
        "videoscale ! videoconvert ! video/x-raw,format=I420,colorimetry=(string)1:4:0:0,"
        "width=320,height=180,pixel-aspect-ratio=1/1 ! jpegenc quality=90" },
    { &small_jpeg_stream, &test_source, NULL,
        "videoscale ! videoconvert ! "
        "video/x-raw,format=RGB,width=320,height=180,pixel-aspect-ratio=1/1 ! "
        "videoconvert ! video/x-raw,format=I420,colorimetry=(string)1:4:0:0 ! "
        "jpegenc quality=90" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    const PhEncoder *encoder = rows[i].encoder != NULL ? ph_encoder_find (rows[i].encoder) : NULL;
    g_autofree char *text = ph_branch_make_text (rows[i].stream, rows[i].source, encoder);

    g_assert_cmpstr (text, ==, rows[i].text);
  }
}

static void
only_what_the_source_delivers_is_passed_through (void)
{
  static const struct {
    PhStreamConfig stream;
    const PhSourcePlan *source;
    gboolean passes;
  } rows[] = {
    { { .codec = PH_CODEC_H264 }, &h264_source, TRUE },
    { { .codec = PH_CODEC_H264, .width = 1280, .height = 720 }, &h264_source, TRUE },
    { { .codec = PH_CODEC_H264, .width = 1280 }, &h264_source, TRUE },
    { { .codec = PH_CODEC_H264, .framerate = 30 }, &h264_source, TRUE },
    { { .codec = PH_CODEC_H264, .framerate = 60 }, &h264_source, TRUE },
    { { .codec = PH_CODEC_H264, .framerate = 29.97 }, &h264_source, TRUE },
    { { .codec = PH_CODEC_H264, .framerate = 15 }, &h264_source, FALSE },
    { { .codec = PH_CODEC_H264, .width = 640, .height = 360 }, &h264_source, FALSE },
    { { .codec = PH_CODEC_H264 }, &mjpeg_source, FALSE },
    { { .codec = PH_CODEC_H264 }, &test_source, FALSE },
    { { .codec = PH_CODEC_JPEG }, &h264_source, FALSE },
    { { .codec = PH_CODEC_JPEG }, &mjpeg_source, TRUE },
    { { .codec = PH_CODEC_JPEG, .framerate = 5 }, &mjpeg_source, TRUE },
    { { .codec = PH_CODEC_JPEG, .width = 640 }, &mjpeg_source, FALSE },
    { { .codec = PH_CODEC_JPEG }, &webcam_source, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (
        ph_branch_can_pass_through (&rows[i].stream, rows[i].source), ==, rows[i].passes);
}

static void
the_wish_follows_stream_and_source (void)
{
  static const struct {
    PhStreamConfig stream;
    const PhSourcePlan *source;
    PhEncoderWish wish;
  } rows[] = {
    { { .bitrate = 4000, .keyframe_interval = 2 }, &test_source, { 1280, 720, 30, 4000, 60 } },
    { { .framerate = 60, .bitrate = 4000, .keyframe_interval = 1 }, &test_source,
        { 1280, 720, 30, 4000, 30 } },
    { { .height = 361, .framerate = 12.5, .bitrate = 9, .keyframe_interval = 2 }, &test_source,
        { 642, 361, 12.5, 9, 25 } },
    { { .width = 640, .framerate = 1, .bitrate = 9, .keyframe_interval = 0.1 }, &test_source,
        { 640, 360, 1, 9, 1 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    PhEncoderWish wish;

    ph_branch_fill_wish (&rows[i].stream, rows[i].source, &wish);
    g_assert_cmpuint (wish.width, ==, rows[i].wish.width);
    g_assert_cmpuint (wish.height, ==, rows[i].wish.height);
    g_assert_cmpfloat (wish.framerate, ==, rows[i].wish.framerate);
    g_assert_cmpuint (wish.bitrate, ==, rows[i].wish.bitrate);
    g_assert_cmpuint (wish.keyframe_interval, ==, rows[i].wish.keyframe_interval);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/camera/branch/text", a_branch_has_the_elements_it_needs_and_no_others);
  g_test_add_func ("/camera/branch/pass-through", only_what_the_source_delivers_is_passed_through);
  g_test_add_func ("/camera/branch/wish", the_wish_follows_stream_and_source);
  return g_test_run ();
}
