/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/api.h"

#include "fixture.h"
#include "http/camera-json.h"
#include "http/http.h"

typedef struct {
  TestCamera camera;
  PhHttpConfig config;
  PhHttp *http;
  SoupSession *session;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) sockets = test_listen ();

  test_camera_init (&f->camera);
  f->config = (PhHttpConfig){ .listen = (char *)"loopback" };
  f->http = ph_http_new (&f->config, f->camera.cameras, 8554);
  ph_http_set_sockets (f->http, sockets, NULL);
  f->session = soup_session_new ();
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  soup_session_abort (f->session);
  g_clear_object (&f->session);
  g_clear_pointer (&f->http, ph_http_free);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  test_camera_clear (&f->camera);
}

static void
on_body (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GBytes **body = user_data;
  g_autoptr (GError) error = NULL;

  *body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  g_assert_no_error (error);
}

static gboolean
has_body (gpointer user_data)
{
  return *(GBytes **)user_data != NULL;
}

/* The answer as the text that json-glib writes of it, so that only its sense is compared. */
static char *
get_json (Fixture *f, const char *host, const char *path)
{
  g_autofree char *url = g_strdup_printf ("http://%s:%u%s", host, ph_http_get_port (f->http), path);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  soup_session_send_and_read_async (f->session, message, G_PRIORITY_DEFAULT, NULL, on_body, &body);
  g_assert_true (test_run_until (has_body, &body, TEST_SECONDS));
  g_assert_cmpuint (soup_message_get_status (message), ==, 200);
  g_assert_cmpstr (
      soup_message_headers_get_one (soup_message_get_response_headers (message), "Content-Type"),
      ==, "application/json");
  json_parser_load_from_data (
      parser, g_bytes_get_data (body, NULL), g_bytes_get_size (body), &error);
  g_assert_no_error (error);
  return json_to_string (json_parser_get_root (parser), FALSE);
}

#define NO_VIEWERS "{\"rtsp\":0,\"hls\":0,\"mp4\":0,\"mjpeg\":0,\"snapshot\":0}"
#define NOTHING_MEASURED \
  "{\"framerate\":0.0,\"bitrate\":0.0,\"access_units\":0,\"keyframes\":0,\"keyframes_forced\":0," \
  "\"bytes\":0,\"dropped\":0}"
#define STREAM(name, codec, size, bitrate, urls) \
  "{\"name\":\"" name "\",\"codec\":\"" codec "\"," size ",\"bitrate\":" bitrate "," \
  "\"encoder\":null,\"passthrough\":false,\"running\":false,\"placeholder\":false," \
  "\"measured\":" NOTHING_MEASURED "," \
  "\"viewers\":" NO_VIEWERS ",\"urls\":{" urls "}}"
#define NO_SIZE "\"width\":null,\"height\":null,\"framerate\":null"
#define FRONT(host) \
  "{\"name\":\"front\",\"title\":\"Front " \
  "\\\"door\\\"\",\"state\":\"idle\",\"last_error\":null,\"last_error_at\":null,\"restarts\":0," \
  "\"retry_in\":0.0," \
  "\"source\":{\"type\":\"test\",\"width\":1280,\"height\":720,\"framerate\":30.0}," \
  "\"streams\":[" STREAM ("main", "h264", NO_SIZE, "4000", \
      "\"rtsp\":\"rtsp://" host ":8554/front/main\"," \
      "\"hls\":\"/front/index.m3u8?stream=main\",\"mp4\":\"/front/live.mp4?stream=main\"") "," STREAM ("sub", \
      "h264", "\"width\":640,\"height\":360,\"framerate\":10.0", "400", \
      "\"rtsp\":\"rtsp://" host ":8554/front/sub\"," \
      "\"hls\":\"/front/index.m3u8?stream=sub\",\"mp4\":\"/front/live.mp4?stream=sub\"") "," STREAM ("jpeg", \
      "jpeg", NO_SIZE, "null", \
      "\"mjpeg\":\"/front/mjpeg?stream=jpeg\",\"snapshot\":\"/front/snapshot.jpg?stream=jpeg\"") "],\"viewers\":" NO_VIEWERS \
                                                                                                 ",\"urls\":{\"page\":\"/front/\"," \
                                                                                                 "\"rtsp\":\"rtsp://" host \
                                                                                                 ":8554/front\",\"hls\":\"/front/index.m3u8\"," \
                                                                                                 "\"mp4\":\"/front/live.mp4\",\"mjpeg\":\"/front/mjpeg\",\"snapshot\":\"/front/snapshot.jpg\"," \
                                                                                                 "\"restart\":\"/api/v1/cameras/front/restart\"}}"

static void
a_camera_is_told_whole (Fixture *f, gconstpointer data)
{
  g_autofree char *one = get_json (f, "127.0.0.1", "/api/v1/cameras/front");
  g_autofree char *all = get_json (f, "127.0.0.1", "/api/v1/cameras");

  g_assert_cmpstr (one, ==, FRONT ("127.0.0.1"));
  g_assert_cmpstr (all, ==, "{\"cameras\":[" FRONT ("127.0.0.1") "]}");
}

static void
urls_bear_the_name_the_client_used (Fixture *f, gconstpointer data)
{
  g_autofree char *by_name = get_json (f, "localhost", "/api/v1/cameras/front");

  g_assert_cmpstr (by_name, ==, FRONT ("localhost"));
}

static void
an_ipv6_address_stands_in_brackets (Fixture *f, gconstpointer data)
{
  PhCameraJsonPlace place = { .host = "::1", .rtsp_port = 8554, .has_restart = TRUE };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  ph_camera_json_add (builder, f->camera.camera, &place);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  g_assert_cmpstr (text, ==, FRONT ("[::1]"));
}

static void
viewers_are_counted_by_kind_and_added_up (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;

  ph_feed_count_viewer_any (ph_camera_get_feed (f->camera.camera, 0), PH_VIEWER_HLS, 2);
  ph_feed_count_viewer_any (ph_camera_get_feed (f->camera.camera, 1), PH_VIEWER_HLS, 3);
  ph_feed_count_viewer_any (ph_camera_get_feed (f->camera.camera, 2), PH_VIEWER_MJPEG, 7);
  text = get_json (f, "127.0.0.1", "/api/v1/cameras/front");
  g_assert_nonnull (strstr (text, "{\"rtsp\":0,\"hls\":2,\"mp4\":0,\"mjpeg\":0,\"snapshot\":0}"));
  g_assert_nonnull (strstr (text, "{\"rtsp\":0,\"hls\":0,\"mp4\":0,\"mjpeg\":7,\"snapshot\":0}"));
  g_assert_nonnull (
      strstr (text, "],\"viewers\":{\"rtsp\":0,\"hls\":5,\"mp4\":0,\"mjpeg\":7,\"snapshot\":0}"));
}

static gboolean
hide_cameras (
    SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data)
{
  return camera == NULL;
}

static void
a_list_holds_only_what_one_may_see (Fixture *f, gconstpointer data)
{
  PhHttpGuard guard = { hide_cameras, NULL, NULL };
  g_autofree char *all = NULL;

  ph_http_set_guard (f->http, &guard);
  all = get_json (f, "127.0.0.1", "/api/v1/cameras");
  g_assert_cmpstr (all, ==, "{\"cameras\":[]}");
}

static void
report_number (JsonBuilder *builder, gpointer user_data)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "answer");
  json_builder_add_int_value (builder, GPOINTER_TO_INT (user_data));
  json_builder_end_object (builder);
}

static void
another_room_can_be_seen (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;

  ph_api_add_report (ph_http_get_api (f->http), "ddns", report_number, GINT_TO_POINTER (42));
  text = get_json (f, "127.0.0.1", "/api/v1/ddns");
  g_assert_cmpstr (text, ==, "{\"answer\":42}");
}

static void
health_is_told_with_the_version (Fixture *f, gconstpointer data)
{
  g_autofree char *text = get_json (f, "127.0.0.1", "/healthz");

  g_assert_true (g_str_has_prefix (text, "{\"status\":\"ok\",\"version\":\""));
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/http/api/camera", a_camera_is_told_whole);
  TEST ("/http/api/host", urls_bear_the_name_the_client_used);
  TEST ("/http/api/ipv6", an_ipv6_address_stands_in_brackets);
  TEST ("/http/api/viewers", viewers_are_counted_by_kind_and_added_up);
  TEST ("/http/api/may-see", a_list_holds_only_what_one_may_see);
  TEST ("/http/api/report", another_room_can_be_seen);
  TEST ("/http/api/health", health_is_told_with_the_version);
  return g_test_run ();
}
