/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls-playlist.h"

#include <string.h>

/* 2026-11-21 01:02:03.456 UTC */
#define WALL_TIME G_GINT64_CONSTANT (1795222923456789)

static void
a_media_playlist_has_its_tags_in_order (void)
{
  const PhHlsPlaylistSegment segments[] = {
    { "hls/main/a-7.m4s", "hls/main/a-1.mp4", 2.0, WALL_TIME, FALSE, TRUE, NULL, 0 },
    { "hls/main/a-8.m4s", "hls/main/a-1.mp4", 1.9666, 0, FALSE, TRUE, NULL, 0 },
    { "hls/main/a-9.m4s", "hls/main/a-2.mp4", 2.0333, 0, TRUE, TRUE, NULL, 0 },
  };
  const PhHlsMediaPlaylist playlist = { 2, 7, 3, segments, G_N_ELEMENTS (segments), 0, NULL };
  g_autofree char *text = ph_hls_playlist_make_media (&playlist);

  g_assert_cmpstr (text, ==,
      "#EXTM3U\n"
      "#EXT-X-VERSION:7\n"
      "#EXT-X-TARGETDURATION:2\n"
      "#EXT-X-MEDIA-SEQUENCE:7\n"
      "#EXT-X-DISCONTINUITY-SEQUENCE:3\n"
      "#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-MAP:URI=\"hls/main/a-1.mp4\"\n"
      "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T01:02:03.456Z\n"
      "#EXTINF:2.000,\n"
      "hls/main/a-7.m4s\n"
      "#EXTINF:1.967,\n"
      "hls/main/a-8.m4s\n"
      "#EXT-X-DISCONTINUITY\n"
      "#EXT-X-MAP:URI=\"hls/main/a-2.mp4\"\n"
      "#EXTINF:2.033,\n"
      "hls/main/a-9.m4s\n");
}

static void
one_segment_without_keyframe_takes_the_promise_back (void)
{
  PhHlsPlaylistSegment segments[] = {
    { "0.m4s", "i.mp4", 2, 0, FALSE, TRUE, NULL, 0 },
    { "1.m4s", "i.mp4", 2, 0, FALSE, FALSE, NULL, 0 },
  };
  const PhHlsMediaPlaylist playlist = { 2, 0, 0, segments, G_N_ELEMENTS (segments), 0, NULL };
  g_autofree char *dependent = ph_hls_playlist_make_media (&playlist);
  g_autofree char *independent = NULL;

  g_assert_null (strstr (dependent, "INDEPENDENT"));
  segments[1].is_independent = TRUE;
  independent = ph_hls_playlist_make_media (&playlist);
  g_assert_nonnull (strstr (independent, "INDEPENDENT"));
}

static void
parts_come_before_their_segment_and_what_is_next_at_the_end (void)
{
  const PhHlsPlaylistPart whole[] = { { "7.0.m4s", 0.2, TRUE }, { "7.1.m4s", 0.1, FALSE } };
  const PhHlsPlaylistPart open[] = { { "8.0.m4s", 0.2, TRUE } };
  const PhHlsPlaylistSegment segments[] = {
    { .uri = "7.m4s",
        .map_uri = "1.mp4",
        .duration = 0.3,
        .is_independent = TRUE,
        .parts = whole,
        .n_parts = 2 },
    { .map_uri = "2.mp4",
        .is_discontinuity = TRUE,
        .is_independent = TRUE,
        .parts = open,
        .n_parts = 1 },
  };
  const PhHlsMediaPlaylist playlist = { .target_duration = 2,
    .media_sequence = 7,
    .segments = segments,
    .n_segments = 2,
    .part_target = 0.21,
    .next_part_uri = "8.1.m4s" };
  g_autofree char *text = ph_hls_playlist_make_media (&playlist);

  g_assert_cmpstr (text, ==,
      "#EXTM3U\n"
      "#EXT-X-VERSION:7\n"
      "#EXT-X-TARGETDURATION:2\n"
      "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.630,HOLD-BACK=6\n"
      "#EXT-X-PART-INF:PART-TARGET=0.210\n"
      "#EXT-X-MEDIA-SEQUENCE:7\n"
      "#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-MAP:URI=\"1.mp4\"\n"
      "#EXT-X-PART:DURATION=0.200,URI=\"7.0.m4s\",INDEPENDENT=YES\n"
      "#EXT-X-PART:DURATION=0.100,URI=\"7.1.m4s\"\n"
      "#EXTINF:0.300,\n"
      "7.m4s\n"
      "#EXT-X-DISCONTINUITY\n"
      "#EXT-X-MAP:URI=\"2.mp4\"\n"
      "#EXT-X-PART:DURATION=0.200,URI=\"8.0.m4s\",INDEPENDENT=YES\n"
      "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"8.1.m4s\"\n");
}

static void
a_delta_update_says_how_many_segments_it_leaves_out (void)
{
  const PhHlsPlaylistPart parts[] = { { "9.0.m4s", 0.2, TRUE } };
  const PhHlsPlaylistSegment segments[] = {
    { "7.m4s", "1.mp4", 2, 0, FALSE, TRUE, NULL, 0 },
    { "8.m4s", "1.mp4", 2, 0, FALSE, TRUE, NULL, 0 },
    { "9.m4s", "1.mp4", 2, 0, FALSE, TRUE, parts, 1 },
    { "10.m4s", "2.mp4", 2, 0, FALSE, TRUE, NULL, 0 },
  };
  const PhHlsMediaPlaylist playlist = { .target_duration = 2,
    .media_sequence = 7,
    .segments = segments,
    .n_segments = G_N_ELEMENTS (segments),
    .part_target = 0.2,
    .can_skip_until = 12,
    .n_skipped = 2 };
  g_autofree char *text = ph_hls_playlist_make_media (&playlist);

  g_assert_cmpstr (text, ==,
      "#EXTM3U\n"
      "#EXT-X-VERSION:9\n"
      "#EXT-X-TARGETDURATION:2\n"
      "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.600,HOLD-BACK=6,"
      "CAN-SKIP-UNTIL=12\n"
      "#EXT-X-PART-INF:PART-TARGET=0.200\n"
      "#EXT-X-MEDIA-SEQUENCE:7\n"
      "#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-SKIP:SKIPPED-SEGMENTS=2\n"
      "#EXT-X-PART:DURATION=0.200,URI=\"9.0.m4s\",INDEPENDENT=YES\n"
      "#EXTINF:2.000,\n"
      "9.m4s\n"
      "#EXT-X-MAP:URI=\"2.mp4\"\n"
      "#EXTINF:2.000,\n"
      "10.m4s\n");
}

static void
a_report_says_how_far_another_stream_is (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  ph_hls_playlist_append_report (text, "index.m3u8?stream=sub", 12, 3);
  ph_hls_playlist_append_report (text, "index.m3u8?stream=low", 7, PH_HLS_NO_PART);
  g_assert_cmpstr (text->str, ==,
      "#EXT-X-RENDITION-REPORT:URI=\"index.m3u8?stream=sub\",LAST-MSN=12,LAST-PART=3\n"
      "#EXT-X-RENDITION-REPORT:URI=\"index.m3u8?stream=low\",LAST-MSN=7\n");
}

static void
a_multivariant_playlist_says_what_is_known (void)
{
  const PhHlsVariant variants[] = {
    { "index.m3u8?stream=main", 4400000, 4000000, "avc1.42C01F", 1280, 720, 29.97 },
    { "index.m3u8?stream=sub", 440000, 0, NULL, 0, 0, 0 },
  };
  g_autofree char *text = ph_hls_playlist_make_multivariant (variants, G_N_ELEMENTS (variants));

  g_assert_cmpstr (text, ==,
      "#EXTM3U\n"
      "#EXT-X-VERSION:7\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=4400000,AVERAGE-BANDWIDTH=4000000,CODECS=\"avc1.42C01F\","
      "RESOLUTION=1280x720,FRAME-RATE=29.970\n"
      "index.m3u8?stream=main\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=440000\n"
      "index.m3u8?stream=sub\n");
}

static void
no_segment_rounds_beyond_the_target (void)
{
  static const struct {
    double longest;
    guint target;
  } cases[] = { { 0.2, 1 }, { 1.49, 1 }, { 1.5, 2 }, { 2.0, 2 }, { 2.49, 2 }, { 9.9, 10 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (ph_hls_playlist_round_target (cases[i].longest), ==, cases[i].target);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/hls-playlist/media", a_media_playlist_has_its_tags_in_order);
  g_test_add_func (
      "/http/hls-playlist/dependent", one_segment_without_keyframe_takes_the_promise_back);
  g_test_add_func (
      "/http/hls-playlist/parts", parts_come_before_their_segment_and_what_is_next_at_the_end);
  g_test_add_func ("/http/hls-playlist/delta", a_delta_update_says_how_many_segments_it_leaves_out);
  g_test_add_func ("/http/hls-playlist/report", a_report_says_how_far_another_stream_is);
  g_test_add_func ("/http/hls-playlist/multivariant", a_multivariant_playlist_says_what_is_known);
  g_test_add_func ("/http/hls-playlist/target", no_segment_rounds_beyond_the_target);
  return g_test_run ();
}
