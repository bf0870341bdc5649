/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/camera.h"

#include "common/loop.h"

#include <gst/gst.h>

typedef struct {
  PhSourceConfig source;
  PhStreamConfig streams[2];
  PhCameraConfig config;
  PhCamera *camera;
  PhFeed *main_feed, *jpeg_feed;

  GMutex lock; /* the tap runs in streaming threads */
  guint n_taken, n_keyframes;
  GstClockTime last_dts;
  gboolean has_gone_back;

  PhCameraState awaited;
} Fixture;

static void
set_up (Fixture *f, gconstpointer launch)
{
  f->source = (PhSourceConfig){
    .type = PH_SOURCE_TEST, .width = 320, .height = 180, .framerate = 30, .pattern = (char *)"ball"
  };
  if (launch != NULL) {
    f->source.type = PH_SOURCE_LAUNCH;
    f->source.launch = (char *)launch;
  }
  f->streams[0] = (PhStreamConfig){
    .name = (char *)"main", .codec = PH_CODEC_H264, .bitrate = 500, .keyframe_interval = 10
  };
  f->streams[1] = (PhStreamConfig){ .name = (char *)"jpeg", .codec = PH_CODEC_JPEG, .quality = 80 };
  f->config = (PhCameraConfig){ .name = (char *)"front",
    .title = (char *)"Front door",
    .source = &f->source,
    .streams = g_ptr_array_new (),
    .encoder = (char *)"x264enc",
    .linger = 0.2 };
  g_ptr_array_add (f->config.streams, &f->streams[0]);
  g_ptr_array_add (f->config.streams, &f->streams[1]);
  g_mutex_init (&f->lock);
  f->camera = ph_camera_new (&f->config);
  f->main_feed = ph_camera_find_feed (f->camera, "main", PH_CODEC_H264);
  f->jpeg_feed = ph_camera_find_feed (f->camera, NULL, PH_CODEC_JPEG);
}

static gboolean
is_not_planning (gpointer camera)
{
  return ph_camera_is_stopped (camera);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_camera_stop (f->camera);
  g_assert_true (test_run_until (is_not_planning, f->camera, 10));
  g_assert_finalize_object (f->camera);
  g_ptr_array_unref (f->config.streams);
  g_mutex_clear (&f->lock);
}

static gboolean
take_on_stream (GstSample *sample, gpointer user_data)
{
  Fixture *f = user_data;
  GstBuffer *buffer = gst_sample_get_buffer (sample);

  g_mutex_lock (&f->lock);
  f->n_taken++;
  f->n_keyframes += !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  f->has_gone_back |= GST_BUFFER_DTS (buffer) <= f->last_dts;
  f->last_dts = GST_BUFFER_DTS (buffer);
  g_mutex_unlock (&f->lock);
  return TRUE;
}

static PhTap *
add_tap (Fixture *f, PhFeed *feed)
{
  PhTap *tap = ph_tap_new (PH_TAP_FROM_KEYFRAME, take_on_stream, f, NULL);

  ph_feed_add_tap (feed, tap);
  return tap;
}

static guint
count_taken (Fixture *f)
{
  guint n_taken;

  g_mutex_lock (&f->lock);
  n_taken = f->n_taken;
  g_mutex_unlock (&f->lock);
  return n_taken;
}

static void
forget_taken (Fixture *f)
{
  g_mutex_lock (&f->lock);
  f->n_taken = 0;
  g_mutex_unlock (&f->lock);
}

static gboolean
has_taken_ten (gpointer user_data)
{
  return count_taken (user_data) >= 10;
}

static gboolean
is_in_state (gpointer user_data)
{
  Fixture *f = user_data;

  return ph_camera_get_state (f->camera) == f->awaited;
}

static void
await_state (Fixture *f, PhCameraState state)
{
  f->awaited = state;
  g_assert_true (test_run_until (is_in_state, f, 20));
}

static void
the_first_viewer_opens_it_and_the_last_one_closes_it (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = NULL;

  g_assert_cmpint (ph_camera_get_state (f->camera), ==, PH_CAMERA_IDLE);
  tap = add_tap (f, f->main_feed);
  g_assert_cmpint (ph_camera_get_state (f->camera), ==, PH_CAMERA_STARTING);
  g_assert_true (test_run_until (has_taken_ten, f, 20));
  await_state (f, PH_CAMERA_LIVE);
  ph_feed_remove_tap (f->main_feed, tap);
  g_assert_cmpint (ph_camera_get_state (f->camera), ==, PH_CAMERA_LIVE);
  await_state (f, PH_CAMERA_IDLE);
}

static void
it_comes_back_as_often_as_it_is_asked (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 5; i++) {
    g_autoptr (PhTap) tap = add_tap (f, f->main_feed);

    forget_taken (f);
    g_assert_true (test_run_until (has_taken_ten, f, 20));
    ph_feed_remove_tap (f->main_feed, tap);
    await_state (f, PH_CAMERA_IDLE);
  }
  g_assert_false (f->has_gone_back);
}

static void
what_nobody_watches_is_not_encoded (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, f->main_feed);
  PhFeedStats stats;

  g_assert_true (test_run_until (has_taken_ten, f, 20));
  ph_feed_get_stats_any (f->jpeg_feed, &stats);
  g_assert_cmpuint (stats.n_units, ==, 0);
  ph_feed_remove_tap (f->main_feed, tap);
}

static gboolean
has_second_keyframe (gpointer user_data)
{
  Fixture *f = user_data;
  gboolean has;

  g_mutex_lock (&f->lock);
  has = f->n_keyframes >= 2;
  g_mutex_unlock (&f->lock);
  return has;
}

static void
an_asked_for_keyframe_comes_within_three_frames (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, f->main_feed);
  guint n_before, n_after;

  g_assert_true (test_run_until (has_taken_ten, f, 20));
  n_before = count_taken (f);
  ph_feed_request_keyframe_any (f->main_feed);
  g_assert_true (test_run_until (has_second_keyframe, f, 5));
  g_mutex_lock (&f->lock);
  n_after = f->n_taken;
  g_mutex_unlock (&f->lock);
  g_assert_cmpuint (n_after - n_before, <=, 4); /* one more may have come before we looked */
  ph_feed_remove_tap (f->main_feed, tap);
}

static void
a_source_that_fails_is_lost_and_says_why (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, f->main_feed);

  await_state (f, PH_CAMERA_LOST);
  g_assert_nonnull (ph_camera_get_last_error (f->camera));
  g_assert_cmpint (ph_camera_get_last_error_at (f->camera), >, 0);
  g_assert_cmpfloat (ph_camera_get_retry_in (f->camera), >, 0);
  /* it was never live: there is nobody to keep with a placeholder */
  g_assert_true (ph_camera_is_dark (f->camera));
  g_assert_cmpuint (f->n_taken, ==, 0);
  ph_feed_remove_tap (f->main_feed, tap);
  await_state (f, PH_CAMERA_IDLE);
}

static guint n_warnings;

static GLogWriterOutput
count_warnings (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if ((level & G_LOG_LEVEL_WARNING) != 0)
    n_warnings++;
  return g_log_writer_default (level, fields, n_fields, data);
}

static void
look_in_vain (Fixture *f)
{
  g_autoptr (PhTap) tap = add_tap (f, f->main_feed);

  await_state (f, PH_CAMERA_LOST);
  ph_feed_remove_tap (f->main_feed, tap);
  await_state (f, PH_CAMERA_IDLE);
}

static void
whoever_asks_again_and_again_does_not_fill_the_log (Fixture *f, gconstpointer data)
{
  n_warnings = 0;
  look_in_vain (f);
  look_in_vain (f);
  g_assert_cmpuint (n_warnings, ==, 1);
  ph_camera_restart (f->camera);
  look_in_vain (f);
  g_assert_cmpuint (n_warnings, ==, 2);
}

static gboolean
has_come_back_twice (gpointer user_data)
{
  Fixture *f = user_data;

  return ph_camera_get_n_restarts (f->camera) >= 2 &&
         ph_camera_get_state (f->camera) == PH_CAMERA_LIVE;
}

static gboolean
has_placeholder (gpointer feed)
{
  return ph_feed_has_placeholder_any (feed);
}

/* The source ends every second. */
static void
a_viewer_is_kept_by_a_placeholder (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, f->main_feed);

  g_assert_true (test_run_until (has_placeholder, f->main_feed, 20));
  g_assert_cmpint (ph_camera_get_state (f->camera), ==, PH_CAMERA_LOST);
  g_assert_false (ph_camera_is_dark (f->camera));
  g_assert_true (test_run_until (has_come_back_twice, f, 20));
  g_assert_nonnull (ph_camera_get_last_error (f->camera));
  g_assert_false (f->has_gone_back);
  ph_feed_remove_tap (f->main_feed, tap);
  await_state (f, PH_CAMERA_IDLE);
  g_assert_false (ph_feed_has_placeholder_any (f->main_feed));
}

static void
one_width_is_one_feed_and_shrinks_the_picture (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhFeed) small = ph_camera_ref_scaled_jpeg (f->camera, f->jpeg_feed, 160, &error);
  g_autoptr (PhFeed) again = ph_camera_ref_scaled_jpeg (f->camera, f->jpeg_feed, 160, &error);
  g_autoptr (PhTap) tap = NULL;
  g_autoptr (GstCaps) caps = NULL;
  int width = 0, height = 0;

  g_assert_true (small == again);
  tap = add_tap (f, small);
  g_assert_true (test_run_until (has_taken_ten, f, 20));
  caps = ph_feed_dup_caps_any (small);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "width", &width);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "height", &height);
  g_assert_cmpint (width, ==, 160);
  g_assert_cmpint (height, ==, 90);
  ph_feed_remove_tap (small, tap);
}

#define TEST(name, launch, function) \
  g_test_add ("/camera/camera/" name, Fixture, launch, set_up, function, tear_down)

/* Settings read anew are another struct. */
static void
set_config (Fixture *f)
{
  g_autoptr (PhCameraConfig) config = ph_camera_config_dup (&f->config);

  ph_camera_set_config (f->camera, config);
}

static gboolean
has_tuned_plan (gpointer user_data)
{
  const PhPlan *plan = ph_camera_get_plan (user_data);

  return strstr (((PhBranchPlan *)g_ptr_array_index (plan->branches, 0))->text, "bitrate=250") !=
         NULL;
}

static void
a_bitrate_is_told_the_encoder_without_a_break (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, f->main_feed);

  g_assert_true (test_run_until (has_taken_ten, f, 20));
  f->streams[0].bitrate = 250;
  set_config (f);
  g_assert_cmpint (ph_camera_get_state (f->camera), ==, PH_CAMERA_LIVE);
  g_assert_true (has_tuned_plan (f->camera));
  forget_taken (f);
  g_assert_true (test_run_until (has_taken_ten, f, 20));
  g_assert_cmpuint (f->n_keyframes, ==, 1);
  ph_feed_remove_tap (f->main_feed, tap);
}

static void
a_change_that_must_starts_anew_with_the_taps_there_are (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, f->main_feed);

  g_assert_true (test_run_until (has_taken_ten, f, 20));
  f->streams[0].width = 160;
  f->streams[0].height = 90;
  set_config (f);
  g_assert_cmpint (ph_camera_get_state (f->camera), ==, PH_CAMERA_STARTING);
  g_assert_true (ph_camera_get_feed (f->camera, 0) == f->main_feed);
  forget_taken (f);
  g_assert_true (test_run_until (has_taken_ten, f, 20));
  g_assert_cmpuint (f->n_keyframes, ==, 2);
  g_assert_false (f->has_gone_back);
  ph_feed_remove_tap (f->main_feed, tap);
}

/* The one being made is of the settings before. */
static void
a_change_while_it_is_opened_counts (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, f->main_feed);

  g_assert_false (ph_camera_is_stopped (f->camera));
  f->streams[0].bitrate = 250;
  set_config (f);
  g_assert_true (test_run_until (has_taken_ten, f, 20));
  g_assert_true (has_tuned_plan (f->camera));
  g_assert_null (ph_camera_get_last_error (f->camera));
  ph_feed_remove_tap (f->main_feed, tap);
}

static void
a_stream_of_another_codec_is_another_feed (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, f->jpeg_feed);
  g_autoptr (PhFeed) gone = ph_feed_ref_any (f->jpeg_feed);

  g_assert_true (test_run_until (has_taken_ten, f, 20));
  f->streams[1].codec = PH_CODEC_H264;
  f->streams[1].bitrate = 100;
  f->streams[1].keyframe_interval = 1;
  set_config (f);
  g_assert_true (ph_camera_get_feed (f->camera, 0) == f->main_feed);
  g_assert_true (ph_camera_get_feed (f->camera, 1) != gone);
  await_state (f, PH_CAMERA_IDLE);
  ph_feed_remove_tap (gone, tap);
  g_assert_cmpint (ph_camera_get_state (f->camera), ==, PH_CAMERA_IDLE);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (count_warnings, NULL, NULL);
  /* a lost camera is a warning, and here it is meant to be lost */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  TEST ("demand", NULL, the_first_viewer_opens_it_and_the_last_one_closes_it);
  TEST ("again", NULL, it_comes_back_as_often_as_it_is_asked);
  TEST ("gate", NULL, what_nobody_watches_is_not_encoded);
  TEST ("keyframe", NULL, an_asked_for_keyframe_comes_within_three_frames);
  TEST ("lost", "filesrc location=/nonexistent ! decodebin",
      a_source_that_fails_is_lost_and_says_why);
  TEST ("logged-once", "filesrc location=/nonexistent ! decodebin",
      whoever_asks_again_and_again_does_not_fill_the_log);
  TEST ("placeholder",
      "videotestsrc is-live=true num-buffers=30 ! video/x-raw,width=320,height=180,framerate=30/1",
      a_viewer_is_kept_by_a_placeholder);
  TEST ("scaled", NULL, one_width_is_one_feed_and_shrinks_the_picture);
  TEST ("tuned", NULL, a_bitrate_is_told_the_encoder_without_a_break);
  TEST ("rebuilt", NULL, a_change_that_must_starts_anew_with_the_taps_there_are);
  TEST ("outdated", NULL, a_change_while_it_is_opened_counts);
  TEST ("another-codec", NULL, a_stream_of_another_codec_is_another_feed);
  return g_test_run ();
}
