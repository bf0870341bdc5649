/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/encoder.h"

#include "base/error.h"

#include <gst/gst.h>
#include <gst/video/video.h>

static const PhEncoderWish hd = {
  .width = 1280, .height = 720, .framerate = 30, .bitrate = 4000, .keyframe_interval = 60
};

static void
every_encoder_is_told_in_its_own_words (void)
{
  static const struct {
    const char *factory, *text;
  } rows[] = {
    { "nvh264enc",
        "nvh264enc bitrate=4000 gop-size=60 rc-mode=cbr preset=low-latency-hq zerolatency=true "
        "! video/x-h264,profile=(string){constrained-baseline,baseline}" },
    { "vah264enc", "vah264enc bitrate=4000 key-int-max=60 rate-control=cbr b-frames=0 ! "
                   "video/x-h264,profile=(string)constrained-baseline" },
    { "vah264lpenc", "vah264lpenc bitrate=4000 key-int-max=60 rate-control=cbr b-frames=0 ! "
                     "video/x-h264,profile=(string)constrained-baseline" },
    { "vaapih264enc",
        "vaapih264enc bitrate=4000 keyframe-period=60 rate-control=cbr max-bframes=0 ! "
        "video/x-h264,profile=(string)constrained-baseline" },
    { "qsvh264enc",
        "qsvh264enc bitrate=4000 gop-size=60 rate-control=cbr b-frames=0 low-latency=true ! "
        "video/x-h264,profile=(string)constrained-baseline" },
    { "v4l2h264enc",
        "v4l2h264enc extra-controls=\"controls,video_bitrate_mode=1,video_bitrate=4000000,"
        "h264_i_frame_period=60,repeat_sequence_header=1\" ! "
        "video/x-h264,profile=(string)constrained-baseline,level=(string)3.1" },
    { "mpph264enc",
        "mpph264enc bps=4000000 gop=60 rc-mode=cbr header-mode=each-idr profile=baseline level=31 "
        "! video/x-h264" },
    { "omxh264enc", "omxh264enc target-bitrate=4000000 interval-intraframes=60 periodicity-idr=60 "
                    "control-rate=constant b-frames=0 ! "
                    "video/x-h264,profile=(string)baseline,level=(string)3.1" },
    { "x264enc", "x264enc bitrate=4000 key-int-max=60 bframes=0 tune=zerolatency "
                 "speed-preset=superfast option-string=scenecut=0 "
                 "! video/x-h264,profile=(string)constrained-baseline" },
    { "openh264enc",
        "openh264enc bitrate=4000000 gop-size=60 rate-control=bitrate complexity=low "
        "scene-change-detection=false ! video/x-h264,profile=(string)constrained-baseline" },
  };
  const PhEncoder *table = ph_encoder_get_table ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = ph_encoder_make_text (&table[i], &hd);

    g_assert_cmpstr (table[i].factory, ==, rows[i].factory);
    g_assert_cmpstr (text, ==, rows[i].text);
  }
  g_assert_null (table[G_N_ELEMENTS (rows)].factory);
}

static void
the_level_holds_size_rate_and_bitrate (void)
{
  static const struct {
    PhEncoderWish wish;
    const char *level;
  } rows[] = {
    { { 640, 360, 10, 400 }, "3.1" },
    { { 1280, 720, 30, 4000 }, "3.1" },
    { { 1280, 720, 60, 4000 }, "3.2" },
    { { 1920, 1080, 30, 8000 }, "4" },
    { { 1920, 1080, 30, 30000 }, "4.1" },
    { { 1920, 1080, 60, 8000 }, "4.2" },
    { { 2592, 1944, 15, 8000 }, "5" },
    { { 3840, 2160, 30, 20000 }, "5.1" },
    { { 3840, 2160, 60, 20000 }, "5.2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpstr (ph_encoder_get_level (&rows[i].wish), ==, rows[i].level);
}

static void
x264_takes_more_care_with_small_pictures (void)
{
  static const struct {
    PhEncoderWish wish;
    const char *preset;
  } rows[] = {
    { { 640, 360, 10, 400 }, "speed-preset=veryfast" },
    { { 640, 480, 30, 400 }, "speed-preset=veryfast" },
    { { 1280, 720, 30, 4000 }, "speed-preset=superfast" },
    { { 1920, 1080, 30, 4000 }, "speed-preset=superfast" },
    { { 1920, 1080, 60, 4000 }, "speed-preset=ultrafast" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = ph_encoder_make_text (ph_encoder_find ("x264enc"), &rows[i].wish);

    g_assert_nonnull (strstr (text, rows[i].preset));
  }
}

static char *
only_software_works (const PhEncoder *encoder, const PhEncoderWish *wish, GCancellable *cancellable)
{
  if (g_str_equal (encoder->factory, "v4l2h264enc"))
    return g_strdup ("took longer than 5 s");
  return g_str_has_prefix (encoder->plugin, "x264") ? NULL : g_strdup ("no device");
}

static char *
nothing_works (const PhEncoder *encoder, const PhEncoderWish *wish, GCancellable *cancellable)
{
  return g_strdup ("not installed");
}

static char *
the_user_cancels (const PhEncoder *encoder, const PhEncoderWish *wish, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
  return g_strdup ("failed: cancelled");
}

static void
auto_takes_the_first_that_works_and_says_why_not_the_others (void)
{
  g_autofree char *reason = NULL;
  g_autoptr (GError) error = NULL;
  const PhEncoder *chosen =
      ph_encoder_choose_on_worker ("auto", &hd, only_software_works, NULL, &reason, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (chosen->factory, ==, "x264enc");
  g_assert_cmpstr (reason, ==,
      "nvh264enc, vah264enc, vah264lpenc, vaapih264enc, qsvh264enc no device; "
      "v4l2h264enc took longer than 5 s; mpph264enc, omxh264enc no device");
}

static void
an_asked_encoder_that_fails_is_an_error (void)
{
  g_autofree char *reason = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (
      ph_encoder_choose_on_worker ("v4l2h264enc", &hd, only_software_works, NULL, &reason, &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==,
      "encoder v4l2h264enc cannot be used for 1280x720 at 30 frames/s: took longer than 5 s");
}

static void
no_encoder_at_all_is_an_error_that_names_all (void)
{
  g_autofree char *reason = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (ph_encoder_choose_on_worker ("auto", &hd, nothing_works, NULL, &reason, &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "openh264enc not installed"));
}

static void
cancelling_ends_the_choice (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *reason = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (
      ph_encoder_choose_on_worker ("auto", &hd, the_user_cancels, cancellable, &reason, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
a_trial_tells_what_is_missing (void)
{
  static const PhEncoder no_plugin = { "nosuchenc", "nosuchplugin", "NV12", NULL, FALSE,
    "nosuchenc" };
  static const PhEncoder no_device = { "nosuchenc", "coreelements", "NV12", NULL, FALSE,
    "nosuchenc" };
  g_autofree char *without_plugin = ph_encoder_try_on_worker (&no_plugin, &hd, NULL);
  g_autofree char *without_device = ph_encoder_try_on_worker (&no_device, &hd, NULL);

  g_assert_cmpstr (without_plugin, ==, "not installed");
  g_assert_cmpstr (without_device, ==, "no device");
}

static void
a_trial_sees_an_encoder_that_yields_nothing (void)
{
  static const PhEncoder drops = { "valve", "coreelements", "NV12", NULL, FALSE,
    "valve drop=true ! video/x-h264" };
  static const PhEncoder fails = { "identity", "coreelements", "NV12", NULL, FALSE,
    "x264enc ! video/x-h264,profile=(string)nonsense" };
  g_autofree char *dropped = ph_encoder_try_on_worker (&drops, &hd, NULL);
  g_autofree char *failed = ph_encoder_try_on_worker (&fails, &hd, NULL);

  g_assert_true (g_str_has_prefix (dropped, "failed: "));
  g_assert_true (g_str_has_prefix (failed, "failed: "));
}

static void
a_trial_that_hangs_ends_when_cancelled (void)
{
  static const PhEncoder slow = { "queue", "coreelements", "I420", NULL, FALSE,
    "identity sleep-time=100000000 ! x264enc" };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *reason = NULL;

  g_cancellable_cancel (cancellable);
  reason = ph_encoder_try_on_worker (&slow, &hd, cancellable);
  g_assert_cmpstr (reason, ==, "failed: cancelled");
}

typedef struct {
  guint n_frames, n_keyframes, last_keyframe;
} Seen;

static GstPadProbeReturn
note_frame_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Seen *seen = user_data;

  if (!GST_BUFFER_FLAG_IS_SET (GST_PAD_PROBE_INFO_BUFFER (info), GST_BUFFER_FLAG_DELTA_UNIT)) {
    seen->n_keyframes++;
    seen->last_keyframe = seen->n_frames;
  }
  seen->n_frames++;
  /* The way a viewer asks: an event that travels up to the encoder. */
  if (seen->n_frames == 10)
    gst_pad_push_event (
        pad, gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE, 0));
  return GST_PAD_PROBE_OK;
}

static void
run_to_end (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

/* For what is installed here; the others are known to from their source. */
static void
an_encoder_makes_the_asked_keyframe (gconstpointer factory)
{
  static const PhEncoderWish small = { 320, 180, 30, 500, 1000 };
  g_autofree char *encoder = ph_encoder_make_text (ph_encoder_find (factory), &small);
  g_autofree char *text =
      g_strdup_printf ("videotestsrc num-buffers=30 pattern=black ! "
                       "video/x-raw,format=I420,width=320,height=180,framerate=30/1 ! %s ! "
                       "fakesink name=sink sync=false",
          encoder);
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;
  Seen seen = { 0 };

  if (!gst_registry_check_feature_version (gst_registry_get (), factory, 1, 0, 0)) {
    g_test_skip ("not installed");
    return;
  }
  pipeline = gst_parse_launch (text, NULL);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_frame_on_stream, &seen, NULL);
  run_to_end (pipeline);
  g_assert_cmpuint (seen.n_frames, ==, 30);
  g_assert_cmpuint (seen.n_keyframes, ==, 2);
  g_assert_cmpuint (seen.last_keyframe, >=, 10);
  g_assert_cmpuint (seen.last_keyframe, <=, 12);
}

static void
an_installed_encoder_passes_its_trial (gconstpointer factory)
{
  g_autofree char *reason = NULL;

  if (!gst_registry_check_feature_version (gst_registry_get (), factory, 1, 0, 0)) {
    g_test_skip ("not installed");
    return;
  }
  reason = ph_encoder_try_on_worker (
      ph_encoder_find (factory), &(PhEncoderWish){ 320, 180, 30, 500, 60 }, NULL);
  g_assert_cmpstr (reason, ==, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/camera/encoder/text", every_encoder_is_told_in_its_own_words);
  g_test_add_func ("/camera/encoder/level", the_level_holds_size_rate_and_bitrate);
  g_test_add_func ("/camera/encoder/preset", x264_takes_more_care_with_small_pictures);
  g_test_add_func (
      "/camera/encoder/auto", auto_takes_the_first_that_works_and_says_why_not_the_others);
  g_test_add_func ("/camera/encoder/asked", an_asked_encoder_that_fails_is_an_error);
  g_test_add_func ("/camera/encoder/none", no_encoder_at_all_is_an_error_that_names_all);
  g_test_add_func ("/camera/encoder/cancelled", cancelling_ends_the_choice);
  g_test_add_func ("/camera/encoder/trial/missing", a_trial_tells_what_is_missing);
  g_test_add_func ("/camera/encoder/trial/nothing", a_trial_sees_an_encoder_that_yields_nothing);
  g_test_add_func ("/camera/encoder/trial/cancelled", a_trial_that_hangs_ends_when_cancelled);
  g_test_add_data_func (
      "/camera/encoder/trial/x264enc", "x264enc", an_installed_encoder_passes_its_trial);
  g_test_add_data_func (
      "/camera/encoder/trial/openh264enc", "openh264enc", an_installed_encoder_passes_its_trial);
  g_test_add_data_func (
      "/camera/encoder/keyframe/x264enc", "x264enc", an_encoder_makes_the_asked_keyframe);
  g_test_add_data_func (
      "/camera/encoder/keyframe/openh264enc", "openh264enc", an_encoder_makes_the_asked_keyframe);
  return g_test_run ();
}
