/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/fmp4.h"

#include "clip.h"

#include <gst/app/gstappsrc.h>

#define START (1000 * GST_SECOND)

static Clip *clip; /* 20 frames, a keyframe every fifth */
static Clip *other; /* of another size */

typedef struct {
  PhFeed *feed;
  PhFmp4 *fmp4;
  PhFmp4Listener *listener;
  GPtrArray *fragments; /* element-type PhFmp4Fragment */
} Fixture;

static void
take (PhFmp4Fragment *fragment, gpointer user_data)
{
  g_ptr_array_add (user_data, ph_fmp4_fragment_ref (fragment));
}

static GPtrArray *
new_fragments (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)ph_fmp4_fragment_unref);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  PhStreamConfig config = { .name = (char *)"main", .codec = PH_CODEC_H264 };

  f->feed = ph_feed_new (&config, NULL);
  f->fmp4 = ph_fmp4_new (f->feed);
  f->fragments = new_fragments ();
  f->listener = ph_fmp4_add_listener (f->fmp4, take, f->fragments);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->listener != NULL)
    ph_fmp4_remove_listener (f->fmp4, f->listener);
  ph_fmp4_free (f->fmp4);
  ph_feed_unref_any (f->feed);
  g_ptr_array_unref (f->fragments);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static PhFmp4Fragment *
get (GPtrArray *fragments, guint index)
{
  g_assert_cmpuint (index, <, fragments->len);
  return g_ptr_array_index (fragments, index);
}

static void
each_access_unit_is_a_fragment_before_the_next_one_comes (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < clip->samples->len; i++) {
    clip_push (clip, f->feed, i, START);
    settle ();
    g_assert_cmpuint (f->fragments->len, ==, i + 1);
    g_assert_cmpint (get (f->fragments, i)->is_keyframe, ==, i % 5 == 0);
    g_assert_cmpuint (get (f->fragments, i)->start, ==, START + i * CLIP_FRAME);
    g_assert_cmpuint (get (f->fragments, i)->duration, ==, CLIP_FRAME);
  }
}

static void
the_header_says_what_the_stream_is (Fixture *f, gconstpointer data)
{
  const PhFmp4Header *header;

  clip_push (clip, f->feed, 0, START);
  settle ();
  header = ph_fmp4_get_header (f->fmp4);
  g_assert_cmpuint (header->width, ==, 160);
  g_assert_cmpuint (header->height, ==, 90);
  g_assert_cmpfloat (header->framerate, ==, CLIP_FRAMERATE);
  g_assert_true (g_str_has_prefix (header->codec, "avc1.42C0"));
}

static GstElement *
make_decoder (GstElement **source, GstElement **sink)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (
      "appsrc name=source ! qtdemux ! h264parse ! avdec_h264 ! appsink name=sink sync=false",
      &error);

  g_assert_no_error (error);
  *source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  return pipeline;
}

static void
feed_decoder (GstElement *source, GBytes *bytes)
{
  gst_app_src_push_buffer (GST_APP_SRC (source), gst_buffer_new_wrapped_bytes (bytes));
}

static void
a_demuxer_and_decoder_find_every_picture_at_its_time (Fixture *f, gconstpointer data)
{
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstElement) decoder = make_decoder (&source, &sink);
  GstSample *picture;
  guint n_pictures = 0;

  clip_push_range (clip, f->feed, 0, clip->samples->len, START);
  settle ();
  feed_decoder (source, ph_fmp4_get_header (f->fmp4)->bytes);
  for (guint i = 0; i < f->fragments->len; i++)
    feed_decoder (source, get (f->fragments, i)->bytes);
  gst_app_src_end_of_stream (GST_APP_SRC (source));
  while ((picture = gst_app_sink_try_pull_sample (GST_APP_SINK (sink), 5 * GST_SECOND)) != NULL) {
    GstClockTime pts = GST_BUFFER_PTS (gst_sample_get_buffer (picture));
    GstClockTime expected = START + n_pictures++ * CLIP_FRAME;

    g_assert_cmpint (ABS (GST_CLOCK_DIFF (pts, expected)), <, GST_MSECOND);
    gst_sample_unref (picture);
  }
  g_assert_cmpuint (n_pictures, ==, clip->samples->len);
  gst_element_set_state (decoder, GST_STATE_NULL);
}

static void
a_later_listener_gets_the_kept_group_at_once_and_shares_its_bytes (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) later = new_fragments ();
  PhFmp4Listener *listener;

  clip_push_range (clip, f->feed, 0, 8, START); /* keyframes are 0 and 5 */
  settle ();
  listener = ph_fmp4_add_listener (f->fmp4, take, later);
  g_assert_cmpuint (later->len, ==, 3);
  for (guint i = 0; i < later->len; i++)
    g_assert_true (get (later, i)->bytes == get (f->fragments, 5 + i)->bytes);
  clip_push (clip, f->feed, 8, START);
  settle ();
  g_assert_cmpuint (later->len, ==, 4);
  ph_fmp4_remove_listener (f->fmp4, listener);
}

static void
without_listeners_the_feed_is_not_tapped (Fixture *f, gconstpointer data)
{
  PhFeedStats stats;

  ph_feed_get_stats_any (f->feed, &stats);
  g_assert_cmpuint (stats.n_taps, ==, 1);
  clip_push_range (clip, f->feed, 0, 3, START);
  ph_fmp4_remove_listener (f->fmp4, g_steal_pointer (&f->listener));
  settle ();
  ph_feed_get_stats_any (f->feed, &stats);
  g_assert_cmpuint (stats.n_taps, ==, 0);
  g_assert_cmpuint (f->fragments->len, ==, 0);
}

static void
other_parameter_sets_make_another_generation (Fixture *f, gconstpointer data)
{
  clip_push_range (clip, f->feed, 0, 10, START);
  clip_push_range (other, f->feed, 0, 2, START + GST_SECOND);
  settle ();
  g_assert_true (get (f->fragments, 0)->header == get (f->fragments, 9)->header);
  g_assert_cmpuint (get (f->fragments, 9)->header->generation, ==, 1);
  g_assert_cmpuint (get (f->fragments, 10)->header->generation, ==, 2);
  g_assert_cmpuint (get (f->fragments, 10)->header->width, ==, 320);
}

static void
only_what_does_not_follow_is_after_a_gap (Fixture *f, gconstpointer data)
{
  clip_push_range (clip, f->feed, 0, 5, START);
  ph_feed_note_gap (f->feed);
  clip_push_range (clip, f->feed, 5, 10, START + 60 * GST_SECOND);
  settle ();
  for (guint i = 0; i < f->fragments->len; i++)
    g_assert_cmpint (get (f->fragments, i)->is_after_gap, ==, i == 0 || i == 5);
}

static void
missing_frames_leave_no_hole (Fixture *f, gconstpointer data)
{
  static const guint pushed[] = { 0, 1, 2, 6, 7 };

  for (guint i = 0; i < G_N_ELEMENTS (pushed); i++)
    clip_push (clip, f->feed, pushed[i], START);
  settle ();
  g_assert_cmpuint (f->fragments->len, ==, G_N_ELEMENTS (pushed));
  for (guint i = 1; i < f->fragments->len; i++) {
    const PhFmp4Fragment *before = get (f->fragments, i - 1);

    g_assert_cmpuint (get (f->fragments, i)->start, ==, before->start + before->duration);
  }
  g_assert_cmpuint (get (f->fragments, 4)->start, ==, START + 7 * CLIP_FRAME);
}

static void
what_is_no_h264_makes_no_fragment (Fixture *f, gconstpointer data)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup ("no start code in here", 21);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-h264");
  g_autoptr (GstSample) sample = NULL;
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  GST_BUFFER_PTS (buffer) = 0;
  sample = gst_sample_new (buffer, caps, &segment, NULL);
  ph_feed_push_on_stream (f->feed, sample, START);
  settle ();
  g_assert_cmpuint (f->fragments->len, ==, 0);
  clip_push (clip, f->feed, 0, START + GST_SECOND);
  settle ();
  g_assert_cmpuint (f->fragments->len, ==, 1);
}

int
main (int argc, char **argv)
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  clip = clip_new ("smpte", 160, 90, 20, 5);
  other = clip_new ("smpte", 320, 180, 2, 5);
#define ADD(path, func) g_test_add ("/http/fmp4/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("at-once", each_access_unit_is_a_fragment_before_the_next_one_comes);
  ADD ("header", the_header_says_what_the_stream_is);
  ADD ("decodes", a_demuxer_and_decoder_find_every_picture_at_its_time);
  ADD ("kept", a_later_listener_gets_the_kept_group_at_once_and_shares_its_bytes);
  ADD ("demand", without_listeners_the_feed_is_not_tapped);
  ADD ("generation", other_parameter_sets_make_another_generation);
  ADD ("gap", only_what_does_not_follow_is_after_a_gap);
  ADD ("hole", missing_frames_leave_no_hole);
  ADD ("junk", what_is_no_h264_makes_no_fragment);
  status = g_test_run ();
  clip_free (clip);
  clip_free (other);
  return status;
}
