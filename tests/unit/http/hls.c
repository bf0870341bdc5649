/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls.h"

#include "fixture.h"

typedef struct {
  TestServer server;
  TestCamera camera;
  PhHttpConfig config;
  PhFmp4Set *fmp4s;
  PhHls *hls;
} Fixture;

static const PhRoute routes[] = {
  { "/NAME/index.m3u8", "GET", PH_PERMISSION_VIEW, ph_hls_handle_playlist,
      G_STRUCT_OFFSET (Fixture, hls) },
  { "/NAME/hls/*", "GET", PH_PERMISSION_VIEW, ph_hls_handle_file, G_STRUCT_OFFSET (Fixture, hls) },
};

static void
set_up (Fixture *f, gconstpointer source)
{
  f->config = (PhHttpConfig){ .segment_duration = 1, .part_duration = 0.2, .playlist_segments = 3 };
  f->fmp4s = ph_fmp4_set_new ();
  f->hls = ph_hls_new (f->fmp4s, &f->config);
  test_camera_init (&f->camera);
  f->camera.source = *(const PhSourceConfig *)source;
  test_camera_renew (&f->camera);
  test_server_init (&f->server, routes, G_N_ELEMENTS (routes), f, f->camera.cameras);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->hls, ph_hls_free);
  g_clear_pointer (&f->fmp4s, ph_fmp4_set_free);
  test_server_clear (&f->server);
  test_camera_clear (&f->camera);
}

static const PhSourceConfig test_pattern = {
  .type = PH_SOURCE_TEST, .width = 160, .height = 90, .framerate = 15, .pattern = (char *)"smpte"
};
static const PhSourceConfig no_camera = { .type = PH_SOURCE_V4L2,
  .device = (char *)"/dev/there-is-no-such-camera" };

static char *
find (const TestAnswer *answer, const char *pattern)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  g_test_message ("looking for %s in: %s", pattern, answer->body);
  g_assert_true (g_regex_match (regex, answer->body, 0, &match));
  return g_match_info_fetch (match, 1);
}

static TestAnswer *
fetch_below_camera (Fixture *f, const char *method, const char *relative)
{
  g_autofree char *target = g_strconcat ("/front/", relative, NULL);

  return test_fetch (&f->server, method, target);
}

static void
a_player_finds_its_way_from_an_idle_camera_to_segments (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) choice = fetch_below_camera (f, "GET", "index.m3u8");
  g_autofree char *variant = find (choice, "CODECS=\"avc1[^\n]*RESOLUTION=160x90[^\n]*\n(.*)\n");
  g_autoptr (TestAnswer) playlist = fetch_below_camera (f, "GET", variant);
  g_autofree char *init_uri = find (playlist, "EXT-X-MAP:URI=\"(.*)\"");
  g_autofree char *segment_uri = find (playlist, "\n(hls/main/.*\\.m4s)\n");
  g_autoptr (TestAnswer) init = fetch_below_camera (f, "GET", init_uri);
  g_autoptr (TestAnswer) segment = fetch_below_camera (f, "GET", segment_uri);
  g_autoptr (TestAnswer) head = fetch_below_camera (f, "HEAD", segment_uri);
  g_autofree char *length = g_strdup_printf ("%" G_GSIZE_FORMAT, segment->length);
  PhFeedStats stats;

  g_assert_cmpstr (variant, ==, "index.m3u8?stream=main");
  g_assert_nonnull (strstr (choice->body, "\nindex.m3u8?stream=sub\n"));
  g_assert_cmpstr (test_header (playlist, "Content-Type"), ==, "application/vnd.apple.mpegurl");
  g_assert_cmpstr (test_header (playlist, "Cache-Control"), ==, "no-cache");
  g_assert_cmpuint (init->status, ==, 200);
  g_assert_cmpuint (segment->status, ==, 200);
  g_assert_cmpstr (test_header (segment, "Content-Type"), ==, "video/mp4");
  g_assert_nonnull (strstr (test_header (segment, "Cache-Control"), "immutable"));
  g_assert_cmpstr (test_header (head, "Content-Length"), ==, length);
  g_assert_cmpuint (head->length, ==, 0);
  ph_feed_get_stats_any (ph_camera_get_feed (f->camera.camera, 0), &stats);
  g_assert_cmpuint (stats.n_viewers[PH_VIEWER_HLS], ==, 1);
}

static void
a_single_stream_needs_no_choice (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) playlist = NULL;

  g_ptr_array_remove_index (f->camera.config.streams, 1);
  test_camera_renew (&f->camera);
  playlist = fetch_below_camera (f, "GET", "index.m3u8");
  g_assert_cmpuint (playlist->status, ==, 200);
  g_assert_nonnull (strstr (playlist->body, "#EXTINF:"));
}

static void
a_camera_that_does_not_start_is_503_with_its_reason (Fixture *f, gconstpointer data)
{
  static const char *const targets[] = { "index.m3u8", "index.m3u8?stream=sub", "index.m3u8" };

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++) {
    g_autoptr (TestAnswer) answer = fetch_below_camera (f, "GET", targets[i]);

    g_assert_cmpuint (answer->status, ==, 503);
    g_assert_nonnull (test_header (answer, "Retry-After"));
    g_assert_nonnull (strstr (answer->body, "/dev/there-is-no-such-camera"));
  }
}

static void
what_is_not_there_is_404 (Fixture *f, gconstpointer data)
{
  static const char *const targets[] = { "hls/main/x.m4s", "hls/main", "hls/main/", "hls/nope/x",
    "hls//", "hls/jpeg/x.m4s", "hls/main/../x", "index.m3u8?stream=nope",
    "index.m3u8?stream=jpeg" };

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++) {
    g_autoptr (TestAnswer) answer = fetch_below_camera (f, "GET", targets[i]);

    g_test_message ("%s", targets[i]);
    g_assert_cmpuint (answer->status, ==, 404);
  }
  g_assert_cmpint (ph_camera_get_state (f->camera.camera), ==, PH_CAMERA_IDLE);
}

static void
an_unknown_key_is_400 (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) answer = fetch_below_camera (f, "GET", "index.m3u8?quality=best");

  g_assert_cmpuint (answer->status, ==, 400);
  g_assert_nonnull (strstr (answer->body, "quality"));
  g_assert_cmpint (ph_camera_get_state (f->camera.camera), ==, PH_CAMERA_IDLE);
}

static guint64
find_number (const TestAnswer *answer, const char *pattern)
{
  g_autofree char *text = find (answer, pattern);

  return g_ascii_strtoull (text, NULL, 10);
}

static void
a_reload_waits_for_the_part_it_names (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) before = fetch_below_camera (f, "GET", "index.m3u8?stream=main");
  guint64 number = find_number (before, "EXT-X-PRELOAD-HINT[^\n]*-(\\d+)\\.0\\.m4s");
  g_autofree char *target =
      g_strdup_printf ("index.m3u8?stream=main&_HLS_msn=%" G_GUINT64_FORMAT "&_HLS_part=2", number);
  g_autoptr (TestAnswer) after = fetch_below_camera (f, "GET", target);
  g_autofree char *part_uri = find (after, "EXT-X-PART:[^\n]*URI=\"(hls/main/[^\n]*\\.2\\.m4s)\"");
  g_autofree char *next_uri = find (after, "EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"(.*)\"");
  g_autoptr (TestAnswer) part = fetch_below_camera (f, "GET", part_uri);
  g_autoptr (TestAnswer) next = fetch_below_camera (f, "GET", next_uri);

  g_assert_cmpuint (part->status, ==, 200);
  g_assert_nonnull (strstr (test_header (part, "Cache-Control"), "immutable"));
  g_assert_cmpuint (next->status, ==, 200);
  g_assert_cmpuint (next->length, >, 0);
}

static void
a_reload_of_nonsense_is_400 (Fixture *f, gconstpointer data)
{
  static const char *const queries[] = { "_HLS_msn=x", "_HLS_msn=-1", "_HLS_part=1",
    "_HLS_msn=1&_HLS_part=", "_HLS_msn=99999999999999999999" };

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++) {
    g_autofree char *target = g_strconcat ("index.m3u8?stream=main&", queries[i], NULL);
    g_autoptr (TestAnswer) answer = fetch_below_camera (f, "GET", target);

    g_test_message ("%s", target);
    g_assert_cmpuint (answer->status, ==, 400);
    g_assert_nonnull (strstr (answer->body, "_HLS_"));
  }
  g_assert_cmpint (ph_camera_get_state (f->camera.camera), ==, PH_CAMERA_IDLE);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  /* That a camera is lost is a warning, and expected here. */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
#define ADD(path, source, func) \
  g_test_add ("/http/hls/" path, Fixture, &source, set_up, func, tear_down)
  ADD ("player", test_pattern, a_player_finds_its_way_from_an_idle_camera_to_segments);
  ADD ("single", test_pattern, a_single_stream_needs_no_choice);
  ADD ("lost", no_camera, a_camera_that_does_not_start_is_503_with_its_reason);
  ADD ("missing", no_camera, what_is_not_there_is_404);
  ADD ("key", no_camera, an_unknown_key_is_400);
  ADD ("reload", test_pattern, a_reload_waits_for_the_part_it_names);
  ADD ("nonsense", no_camera, a_reload_of_nonsense_is_400);
  return g_test_run ();
}
