/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fixture.h"

typedef struct _Fixture {
  struct _Fixture *self;
  TestServer server;
  TestCamera camera;
} Fixture;

static void
handle_numbers (PhRequest *request, gpointer user_data)
{
  guint width;
  double fps;
  gboolean is_download;

  if (ph_request_allow_keys (request, "width", "fps", "download", NULL) &&
      ph_request_get_uint (request, "width", 160, 1280, 0, &width) &&
      ph_request_get_double (request, "fps", 0.1, 60, 0, &fps) &&
      ph_request_get_boolean (request, "download", &is_download))
    ph_request_reply_format (request->message, SOUP_STATUS_OK, "%u %g %d", width, fps, is_download);
}

static void
handle_stream (PhRequest *request, gpointer user_data)
{
  gboolean is_jpeg = g_str_has_suffix (request->rest, "jpeg");
  PhFeed *feed = ph_request_find_feed (request, is_jpeg ? PH_CODEC_JPEG : PH_CODEC_H264);

  if (feed != NULL)
    ph_request_reply_text (request->message, SOUP_STATUS_OK, ph_feed_get_name_any (feed));
}

static void
handle_lost (PhRequest *request, gpointer user_data)
{
  ph_request_reply_lost (request);
}

#define SELF G_STRUCT_OFFSET (Fixture, self)
static const PhRoute routes[] = {
  { "/numbers", "GET", PH_PERMISSION_VIEW, handle_numbers, SELF },
  { "/NAME/jpeg", "GET", PH_PERMISSION_VIEW, handle_stream, SELF },
  { "/NAME/h264", "GET", PH_PERMISSION_VIEW, handle_stream, SELF },
  { "/NAME/lost", "GET", PH_PERMISSION_VIEW, handle_lost, SELF },
};

static void
set_up (Fixture *f, gconstpointer data)
{
  f->self = f;
  test_camera_init (&f->camera);
  test_server_init (&f->server, routes, G_N_ELEMENTS (routes), f, f->camera.cameras);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  test_server_clear (&f->server);
  test_camera_clear (&f->camera);
}

typedef struct {
  const char *target;
  guint status;
  const char *body;
} Row;

static void
check_rows (Fixture *f, const Row *rows, gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++) {
    g_autoptr (TestAnswer) answer = test_fetch (&f->server, "GET", rows[i].target);

    g_test_message ("%s", rows[i].target);
    g_assert_cmpstr (answer->body, ==, rows[i].body);
    g_assert_cmpuint (answer->status, ==, rows[i].status);
  }
}

#define WIDTH(found) \
  "The query key width is " found "; allowed is a whole number from 160 to 1280.\n"
#define FPS(found) "The query key fps is " found "; allowed is a number from 0.1 to 60.\n"

static void
a_wrong_query_key_is_named_with_what_is_allowed (Fixture *f, gconstpointer data)
{
  static const Row rows[] = {
    { "/numbers", 200, "0 0 0\n" },
    { "/numbers?width=160&fps=0.1&download=1", 200, "160 0.1 1\n" },
    { "/numbers?width=1280&fps=60&download=false", 200, "1280 60 0\n" },
    { "/numbers?width=159", 400, WIDTH ("\"159\"") },
    { "/numbers?width=1281", 400, WIDTH ("\"1281\"") },
    { "/numbers?width=", 400, WIDTH ("\"\"") },
    { "/numbers?width=%2B320", 400, WIDTH ("\"+320\"") },
    { "/numbers?width=320px", 400, WIDTH ("\"320px\"") },
    { "/numbers?width=99999999999999999999", 400, WIDTH ("\"99999999999999999999\"") },
    { "/numbers?width=%3Cscript%3E%0A%22", 400, WIDTH ("\"<script>\\n\\\"\"") },
    { "/numbers?width=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee", 400,
        WIDTH ("\"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd\"…") },
    { "/numbers?fps=0", 400, FPS ("\"0\"") },
    { "/numbers?fps=nan", 400, FPS ("\"nan\"") },
    { "/numbers?fps=inf", 400, FPS ("\"inf\"") },
    { "/numbers?fps=0x10", 400, FPS ("\"0x10\"") },
    { "/numbers?fps=5%20", 400, FPS ("\"5 \"") },
    { "/numbers?fps=1e9", 400, FPS ("\"1e9\"") },
    { "/numbers?fps=-5", 400, FPS ("\"-5\"") },
    { "/numbers?fps=1.2.3", 400, FPS ("\"1.2.3\"") },
    { "/numbers?download=yes", 400, "The query key download is \"yes\"; allowed is 0 or 1.\n" },
    { "/numbers?widht=320", 400,
        "There is no query key \"widht\" here; known are: width, fps, download.\n" },
  };

  check_rows (f, rows, G_N_ELEMENTS (rows));
}

static void
a_stream_is_found_by_name_or_by_codec (Fixture *f, gconstpointer data)
{
  static const Row rows[] = {
    { "/front/h264", 200, "main\n" },
    { "/front/h264?stream=sub", 200, "sub\n" },
    { "/front/jpeg", 200, "jpeg\n" },
    { "/front/jpeg?stream=jpeg", 200, "jpeg\n" },
    { "/front/jpeg?stream=sub", 404,
        "The stream \"sub\" of the camera front is not JPEG; those that are: jpeg.\n" },
    { "/front/h264?stream=third", 404,
        "The camera front has no stream \"third\"; its H.264 streams: main, sub.\n" },
  };

  check_rows (f, rows, G_N_ELEMENTS (rows));
}

static void
a_lost_camera_says_when_to_try_again (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) answer = test_fetch (&f->server, "GET", "/front/lost");

  g_assert_cmpuint (answer->status, ==, 503);
  g_assert_cmpstr (test_header (answer, "Retry-After"), ==, "1");
  g_assert_cmpstr (answer->body, ==, "The camera has given no picture in time; try again\n");
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/http/request/query", a_wrong_query_key_is_named_with_what_is_allowed);
  TEST ("/http/request/stream", a_stream_is_found_by_name_or_by_codec);
  TEST ("/http/request/lost", a_lost_camera_says_when_to_try_again);
  return g_test_run ();
}
