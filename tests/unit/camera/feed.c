/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/feed.h"

#include <gst/video/video.h>

#define FRAME (GST_SECOND / 30)

typedef struct {
  PhFeed *feed;
  GPtrArray *taken; /* element-type GstSample: what the tap was given */
  gboolean is_full;
  GPtrArray *demand; /* element-type gboolean */
  GstPad *encoder_pad;
  GstPad *encoder;
  guint n_requests;
  guint n_pushed;
} Fixture;

static GstSample *
make_sample (GstClockTime pts, gboolean is_keyframe, GstClockTime segment_start)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (NULL, 100, NULL);
  g_autoptr (GstCaps) caps = gst_caps_from_string ("video/x-h264,framerate=30/1");
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment_start;
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = pts;
  if (!is_keyframe)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return gst_sample_new (buffer, caps, &segment, NULL);
}

static void
push (Fixture *f, gboolean is_keyframe)
{
  g_autoptr (GstSample) sample = make_sample (f->n_pushed++ * FRAME, is_keyframe, 0);

  ph_feed_push_on_stream (f->feed, sample, GST_SECOND);
}

static void
push_many (Fixture *f, const char *units)
{
  for (; *units != '\0'; units++)
    push (f, *units == 'K');
}

/* What the tap was given, K for a keyframe, d for a delta unit. */
static char *
taken (Fixture *f)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < f->taken->len; i++) {
    GstBuffer *buffer = gst_sample_get_buffer (g_ptr_array_index (f->taken, i));

    g_string_append_c (
        text, GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT) ? 'd' : 'K');
  }
  return g_string_free (text, FALSE);
}

static void
assert_taken (Fixture *f, const char *expected)
{
  g_autofree char *text = taken (f);

  g_assert_cmpstr (text, ==, expected);
}

static GstBuffer *
taken_buffer (Fixture *f, guint index)
{
  return gst_sample_get_buffer (g_ptr_array_index (f->taken, index));
}

static gboolean
take_on_stream (GstSample *sample, gpointer user_data)
{
  Fixture *f = user_data;

  if (f->is_full)
    return FALSE;
  g_ptr_array_add (f->taken, gst_sample_ref (sample));
  return TRUE;
}

static void
on_demand_changed (PhFeed *feed, gboolean is_wanted, gpointer owner)
{
  Fixture *f = owner;

  g_ptr_array_add (f->demand, GINT_TO_POINTER (is_wanted));
}

static gboolean
on_upstream_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  Fixture *f = gst_pad_get_element_private (pad);

  if (gst_video_event_is_force_key_unit (event))
    f->n_requests++;
  gst_event_unref (event);
  return TRUE;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  PhStreamConfig config = { .name = (char *)"main", .codec = PH_CODEC_H264, .framerate = 30 };
  PhFeedOwner owner = { on_demand_changed, f };

  f->feed = ph_feed_new (&config, &owner);
  f->taken = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_sample_unref);
  f->demand = g_ptr_array_new ();
  f->encoder = gst_pad_new ("src", GST_PAD_SRC);
  f->encoder_pad = gst_pad_new ("sink", GST_PAD_SINK);
  gst_pad_set_element_private (f->encoder, f);
  gst_pad_set_event_function (f->encoder, on_upstream_event);
  gst_pad_set_active (f->encoder, TRUE);
  gst_pad_set_active (f->encoder_pad, TRUE);
  g_assert_cmpint (gst_pad_link (f->encoder, f->encoder_pad), ==, GST_PAD_LINK_OK);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_feed_unref_any (f->feed);
  g_ptr_array_unref (f->taken);
  g_ptr_array_unref (f->demand);
  gst_pad_set_active (f->encoder, FALSE);
  gst_pad_set_active (f->encoder_pad, FALSE);
  gst_object_unref (f->encoder);
  gst_object_unref (f->encoder_pad);
}

static PhTap *
add_tap (Fixture *f, PhTapPolicy policy)
{
  PhTap *tap = ph_tap_new (policy, take_on_stream, f, NULL);

  ph_feed_add_tap (f->feed, tap);
  return tap;
}

static void
a_tap_starts_with_a_keyframe (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, PH_TAP_FROM_KEYFRAME);

  push_many (f, "ddKdd");
  assert_taken (f, "Kdd");
  ph_feed_remove_tap (f->feed, tap);
}

static void
a_tap_may_start_with_the_kept_gop (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = NULL;

  push_many (f, "KdddKdd");
  tap = add_tap (f, PH_TAP_FROM_KEPT_GOP);
  push_many (f, "d");
  assert_taken (f, "Kddd");
  ph_feed_remove_tap (f->feed, tap);
}

static void
a_full_tap_drops_to_the_next_keyframe (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, PH_TAP_FROM_KEYFRAME);
  PhFeedStats stats;

  push_many (f, "Kd");
  f->is_full = TRUE;
  push_many (f, "d");
  f->is_full = FALSE;
  push_many (f, "ddKd");
  assert_taken (f, "KdKd");
  g_assert_true (GST_BUFFER_FLAG_IS_SET (taken_buffer (f, 2), GST_BUFFER_FLAG_DISCONT));
  g_assert_false (GST_BUFFER_FLAG_IS_SET (taken_buffer (f, 3), GST_BUFFER_FLAG_DISCONT));
  ph_feed_get_stats_any (f->feed, &stats);
  g_assert_cmpuint (stats.n_dropped, ==, 3);
  g_assert_cmpuint (ph_tap_get_n_dropped_any (tap), ==, 3);
  ph_feed_remove_tap (f->feed, tap);
}

static void
a_full_tap_for_the_newest_drops_only_one (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, PH_TAP_NEWEST);

  f->is_full = TRUE;
  push_many (f, "K");
  f->is_full = FALSE;
  push_many (f, "d");
  assert_taken (f, "d");
  ph_feed_remove_tap (f->feed, tap);
}

static void
demand_is_the_first_and_the_last_tap (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) one = add_tap (f, PH_TAP_NEWEST);
  g_autoptr (PhTap) two = add_tap (f, PH_TAP_NEWEST);

  g_assert_cmpuint (f->demand->len, ==, 1);
  ph_feed_remove_tap (f->feed, one);
  g_assert_cmpuint (f->demand->len, ==, 1);
  ph_feed_remove_tap (f->feed, two);
  ph_feed_remove_tap (f->feed, two);
  g_assert_cmpuint (f->demand->len, ==, 2);
  g_assert_true (GPOINTER_TO_INT (g_ptr_array_index (f->demand, 0)));
  g_assert_false (GPOINTER_TO_INT (g_ptr_array_index (f->demand, 1)));
}

static void
nothing_of_long_ago_is_kept (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, PH_TAP_FROM_KEYFRAME);
  g_autoptr (PhTap) later = NULL;

  push_many (f, "Kdd");
  ph_feed_remove_tap (f->feed, tap);
  g_ptr_array_set_size (f->taken, 0);
  later = add_tap (f, PH_TAP_FROM_KEPT_GOP);
  assert_taken (f, "");
  ph_feed_remove_tap (f->feed, later);
}

static void
feed_time_is_running_time_plus_base_time (Fixture *f, gconstpointer data)
{
  /* x264enc starts its segment at 1000 hours */
  GstClockTime start = 1000 * 3600 * GST_SECOND;
  g_autoptr (PhTap) tap = add_tap (f, PH_TAP_NEWEST);
  g_autoptr (GstSample) sample = make_sample (start + 2 * GST_SECOND, TRUE, start);

  ph_feed_push_on_stream (f->feed, sample, 5 * GST_SECOND);
  g_assert_cmpuint (GST_BUFFER_PTS (taken_buffer (f, 0)), ==, 7 * GST_SECOND);
  g_assert_cmpuint (GST_BUFFER_DTS (taken_buffer (f, 0)), ==, 7 * GST_SECOND);
  ph_feed_remove_tap (f->feed, tap);
}

static void
decode_time_grows_across_a_restart (Fixture *f, gconstpointer data)
{
  static const GstClockTime pts[] = { 5 * GST_SECOND, 5 * GST_SECOND, GST_SECOND, 6 * GST_SECOND };
  g_autoptr (PhTap) tap = add_tap (f, PH_TAP_NEWEST);

  for (guint i = 0; i < G_N_ELEMENTS (pts); i++) {
    g_autoptr (GstSample) sample = make_sample (pts[i], TRUE, 0);

    ph_feed_push_on_stream (f->feed, sample, 0);
  }
  for (guint i = 1; i < f->taken->len; i++) {
    g_assert_cmpuint (
        GST_BUFFER_DTS (taken_buffer (f, i)), >, GST_BUFFER_DTS (taken_buffer (f, i - 1)));
    g_assert_cmpuint (
        GST_BUFFER_PTS (taken_buffer (f, i)), >=, GST_BUFFER_DTS (taken_buffer (f, i)));
  }
  ph_feed_remove_tap (f->feed, tap);
}

static void
many_requests_make_one_keyframe (Fixture *f, gconstpointer data)
{
  PhFeedStats stats;

  ph_feed_set_encoder_pad (f->feed, f->encoder_pad);
  for (int i = 0; i < 20; i++)
    ph_feed_request_keyframe_any (f->feed);
  g_assert_cmpuint (f->n_requests, ==, 1);
  push_many (f, "dK");
  ph_feed_get_stats_any (f->feed, &stats);
  g_assert_cmpuint (stats.n_forced, ==, 1);
  ph_feed_set_encoder_pad (f->feed, NULL);
}

static void
an_early_request_is_deferred_not_forgotten (Fixture *f, gconstpointer data)
{
  gint64 deadline_us = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  ph_feed_set_encoder_pad (f->feed, f->encoder_pad);
  push_many (f, "K");
  ph_feed_request_keyframe_any (f->feed);
  g_assert_cmpuint (f->n_requests, ==, 0);
  while (f->n_requests == 0 && g_get_monotonic_time () < deadline_us)
    push_many (f, "d");
  g_assert_cmpuint (f->n_requests, ==, 1);
  ph_feed_set_encoder_pad (f->feed, NULL);
}

static void
a_gap_makes_taps_start_anew (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, PH_TAP_FROM_KEYFRAME);

  push_many (f, "Kd");
  ph_feed_note_gap (f->feed);
  push_many (f, "dKd");
  assert_taken (f, "KdKd");
  g_assert_true (GST_BUFFER_FLAG_IS_SET (taken_buffer (f, 2), GST_BUFFER_FLAG_DISCONT));
  ph_feed_remove_tap (f->feed, tap);
}

static gboolean
push_placeholder (Fixture *f, gboolean is_keyframe)
{
  g_autoptr (GstSample) sample = make_sample (f->n_pushed++ * FRAME, is_keyframe, 0);

  return ph_feed_push_placeholder_on_stream (f->feed, sample, GST_SECOND);
}

static void
a_placeholder_stands_in_until_the_cameras_next_keyframe (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTap) tap = add_tap (f, PH_TAP_FROM_KEYFRAME);
  GstClockTime last_picture;

  push_many (f, "Kd");
  last_picture = ph_feed_get_last_picture_any (f->feed);
  g_assert_false (push_placeholder (f, TRUE)); /* the camera is there */
  ph_feed_admit_placeholder (f->feed, NULL);
  g_assert_true (push_placeholder (f, TRUE));
  g_assert_true (ph_feed_has_placeholder_any (f->feed));
  ph_feed_note_gap (f->feed); /* a new pipeline of the camera, which may fail again */
  g_assert_true (push_placeholder (f, FALSE));
  push_many (f, "dd"); /* what nobody could make anything of */
  g_assert_true (push_placeholder (f, FALSE));
  assert_taken (f, "KdKdd");
  g_assert_cmpuint (ph_feed_get_last_picture_any (f->feed), ==, last_picture);

  push_many (f, "Kd");
  g_assert_false (ph_feed_has_placeholder_any (f->feed));
  g_assert_false (push_placeholder (f, TRUE));
  assert_taken (f, "KdKddKd");
  g_assert_true (GST_BUFFER_FLAG_IS_SET (taken_buffer (f, 2), GST_BUFFER_FLAG_DISCONT));
  g_assert_true (GST_BUFFER_FLAG_IS_SET (taken_buffer (f, 5), GST_BUFFER_FLAG_DISCONT));
  for (guint i = 1; i < f->taken->len; i++)
    g_assert_cmpuint (
        GST_BUFFER_DTS (taken_buffer (f, i)), >, GST_BUFFER_DTS (taken_buffer (f, i - 1)));
  ph_feed_remove_tap (f->feed, tap);
}

static void
keyframes_are_asked_of_whoever_makes_the_pictures (Fixture *f, gconstpointer data)
{
  ph_feed_admit_placeholder (f->feed, f->encoder_pad);
  g_assert_true (push_placeholder (f, FALSE));
  g_assert_true (ph_feed_can_force_keyframe_any (f->feed));
  ph_feed_request_keyframe_any (f->feed);
  g_assert_cmpuint (f->n_requests, ==, 1);

  push_many (f, "K"); /* the camera's own is passed through */
  g_assert_false (ph_feed_can_force_keyframe_any (f->feed));
  ph_feed_request_keyframe_any (f->feed);
  g_assert_cmpuint (f->n_requests, ==, 1);
  ph_feed_dismiss_placeholder (f->feed);
}

#define TEST(name, function) \
  g_test_add ("/camera/feed/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  TEST ("from-keyframe", a_tap_starts_with_a_keyframe);
  TEST ("from-kept-gop", a_tap_may_start_with_the_kept_gop);
  TEST ("full", a_full_tap_drops_to_the_next_keyframe);
  TEST ("full-newest", a_full_tap_for_the_newest_drops_only_one);
  TEST ("demand", demand_is_the_first_and_the_last_tap);
  TEST ("forgets", nothing_of_long_ago_is_kept);
  TEST ("feed-time", feed_time_is_running_time_plus_base_time);
  TEST ("dts-grows", decode_time_grows_across_a_restart);
  TEST ("coalesces", many_requests_make_one_keyframe);
  TEST ("defers", an_early_request_is_deferred_not_forgotten);
  TEST ("gap", a_gap_makes_taps_start_anew);
  TEST ("placeholder", a_placeholder_stands_in_until_the_cameras_next_keyframe);
  TEST ("placeholder-keyframe", keyframes_are_asked_of_whoever_makes_the_pictures);
  return g_test_run ();
}
