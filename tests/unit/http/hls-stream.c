/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls-stream.h"

#include "clip.h"
#include "fixture.h"

static Clip *clip; /* 20 frames, a keyframe every fifth: four segments of 0.5 s */

typedef struct {
  PhHttpConfig config;
  TestFeed feed;
  PhFmp4 *fmp4;
  PhHlsStream *stream;
  guint n_changes;
} Fixture;

static void
on_changed (PhHlsStream *stream, gpointer user_data)
{
  ((Fixture *)user_data)->n_changes++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  PhStreamConfig config = { .name = (char *)"main", .codec = PH_CODEC_H264 };
  PhFeedOwner owner = { test_on_demand, &f->feed };

  f->config = (PhHttpConfig){ .segment_duration = 2, .playlist_segments = 6 };
  f->feed.feed = ph_feed_new (&config, &owner);
  f->fmp4 = ph_fmp4_new (f->feed.feed);
  f->stream = ph_hls_stream_new (f->fmp4, &f->config, on_changed, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_hls_stream_free (f->stream);
  g_assert_false (f->feed.is_wanted);
  g_assert_cmpuint (test_feed_count (&f->feed, PH_VIEWER_HLS), ==, 0);
  ph_fmp4_free (f->fmp4);
  test_feed_clear (&f->feed);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* The whole clip, as if its last frame had been taken so many seconds ago. */
static void
push_clip (Fixture *f, guint age)
{
  GstClockTime start = ph_feed_now_any () - clip->samples->len * CLIP_FRAME - age * GST_SECOND;

  clip_push_range (clip, f->feed.feed, 0, clip->samples->len, start);
  settle ();
}

static void
the_first_request_starts_it_and_silence_stops_it (Fixture *f, gconstpointer data)
{
  gint64 now = g_get_monotonic_time ();

  ph_hls_stream_note_request (f->stream, "anna");
  g_assert_true (f->feed.is_wanted);
  ph_hls_stream_expire (f->stream, now + 9 * G_USEC_PER_SEC);
  g_assert_true (f->feed.is_wanted);
  ph_hls_stream_expire (f->stream, now + 11 * G_USEC_PER_SEC);
  g_assert_false (f->feed.is_wanted);
}

static void
a_long_target_duration_is_a_longer_silence (Fixture *f, gconstpointer data)
{
  gint64 now = g_get_monotonic_time ();

  ph_hls_stream_free (f->stream);
  f->config.segment_duration = 6;
  f->stream = ph_hls_stream_new (f->fmp4, &f->config, on_changed, f);
  ph_hls_stream_note_request (f->stream, "anna");
  ph_hls_stream_expire (f->stream, now + 17 * G_USEC_PER_SEC);
  g_assert_true (f->feed.is_wanted);
  ph_hls_stream_expire (f->stream, now + 19 * G_USEC_PER_SEC);
  g_assert_false (f->feed.is_wanted);
}

static void
each_viewer_is_counted_once_while_he_asks (Fixture *f, gconstpointer data)
{
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < 3; i++) {
    ph_hls_stream_note_request (f->stream, "anna");
    ph_hls_stream_note_request (f->stream, "bela");
    ph_hls_stream_note_request (f->stream, NULL);
  }
  g_assert_cmpuint (test_feed_count (&f->feed, PH_VIEWER_HLS), ==, 2);
  ph_hls_stream_expire (f->stream, now + 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (test_feed_count (&f->feed, PH_VIEWER_HLS), ==, 0);
}

static void
there_is_a_playlist_once_there_are_segments (Fixture *f, gconstpointer data)
{
  ph_hls_stream_note_request (f->stream, "anna");
  g_assert_null (ph_hls_stream_get_playlist (f->stream));
  push_clip (f, 0);
  g_assert_cmpuint (f->n_changes, ==, 1 + 3); /* the first fragment, three segments */
  g_assert_nonnull (ph_hls_stream_get_playlist (f->stream));
  g_assert_cmpuint (ph_hls_stream_get_header (f->stream)->width, ==, 160);
}

static char *
find_uri (Fixture *f, const char *pattern)
{
  const char *playlist = g_bytes_get_data (ph_hls_stream_get_playlist (f->stream), NULL);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  g_assert_true (g_regex_match (regex, playlist, 0, &match));
  return g_match_info_fetch (match, 1);
}

static void
its_files_are_found_by_name_and_play (Fixture *f, gconstpointer data)
{
  g_autofree char *segment_name = NULL;
  g_autofree char *init_name = NULL;
  GBytes *segment, *init;

  ph_hls_stream_note_request (f->stream, "anna");
  push_clip (f, 0);
  segment_name = find_uri (f, "\nhls/main/([^\n]*\\.m4s)\n");
  init_name = find_uri (f, "URI=\"hls/main/([^\"]*)\"");
  segment = ph_hls_stream_find (f->stream, segment_name);
  init = ph_hls_stream_find (f->stream, init_name);
  g_assert_nonnull (segment);
  g_assert_nonnull (init);
  g_assert_cmpmem ((const char *)g_bytes_get_data (init, NULL) + 4, 4, "ftyp", 4);
  g_assert_cmpmem ((const char *)g_bytes_get_data (segment, NULL) + 4, 4, "prft", 4);
  g_assert_null (ph_hls_stream_find (f->stream, "../../etc/passwd"));
}

static void
another_stream_of_the_same_feed_has_other_urls (Fixture *f, gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  ph_hls_stream_note_request (f->stream, "anna");
  push_clip (f, 5);
  first = find_uri (f, "\nhls/main/([^\n]*)\n");
  ph_hls_stream_free (f->stream);
  f->stream = ph_hls_stream_new (f->fmp4, &f->config, on_changed, f);
  ph_hls_stream_note_request (f->stream, "anna");
  push_clip (f, 0);
  second = find_uri (f, "\nhls/main/([^\n]*)\n");
  g_assert_cmpstr (first, !=, second);
}

static void
what_was_seen_long_ago_is_not_shown_as_live (Fixture *f, gconstpointer data)
{
  ph_hls_stream_note_request (f->stream, "anna");
  push_clip (f, 60);
  g_assert_null (ph_hls_stream_get_playlist (f->stream));
  push_clip (f, 2);
  push_clip (f, 0); /* its first keyframe ends a whole segment */
  g_assert_nonnull (ph_hls_stream_get_playlist (f->stream));
}

static void
after_silence_it_begins_anew (Fixture *f, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  ph_hls_stream_note_request (f->stream, "anna");
  push_clip (f, 5);
  before = find_uri (f, "MEDIA-SEQUENCE:(\\d+)");
  ph_hls_stream_expire (f->stream, g_get_monotonic_time () + 60 * G_USEC_PER_SEC);
  g_assert_null (ph_hls_stream_get_playlist (f->stream));
  ph_hls_stream_note_request (f->stream, "anna");
  push_clip (f, 0);
  after = find_uri (f, "MEDIA-SEQUENCE:(\\d+)");
  g_assert_cmpuint (
      g_ascii_strtoull (after, NULL, 10), ==, g_ascii_strtoull (before, NULL, 10) + 3);
}

int
main (int argc, char **argv)
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  clip = clip_new ("smpte", 160, 90, 20, 5);
#define ADD(path, func) \
  g_test_add ("/http/hls-stream/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("demand", the_first_request_starts_it_and_silence_stops_it);
  ADD ("silence", a_long_target_duration_is_a_longer_silence);
  ADD ("viewers", each_viewer_is_counted_once_while_he_asks);
  ADD ("playlist", there_is_a_playlist_once_there_are_segments);
  ADD ("files", its_files_are_found_by_name_and_play);
  ADD ("urls", another_stream_of_the_same_feed_has_other_urls);
  ADD ("old", what_was_seen_long_ago_is_not_shown_as_live);
  ADD ("again", after_silence_it_begins_anew);
  status = g_test_run ();
  clip_free (clip);
  return status;
}
