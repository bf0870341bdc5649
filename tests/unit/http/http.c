/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/http.h"

#include "fixture.h"

typedef struct {
  TestCamera camera;
  PhHttpConfig config;
  PhHttp *http;
  TestServer client; /* only its session is used */
} Fixture;

/* data: NULL, or the path of a file the camera is to play. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) sockets = test_listen ();

  test_camera_init (&f->camera);
  f->camera.streams[2].framerate = 10;
  if (data != NULL) {
    f->camera.source.type = PH_SOURCE_FILE;
    f->camera.source.path = (char *)data;
  }
  test_camera_renew (&f->camera);
  f->config = (PhHttpConfig){ .listen = (char *)"loopback" };
  f->http = ph_http_new (&f->config, f->camera.cameras, 8554);
  ph_http_set_sockets (f->http, sockets, NULL);
  f->client.session = soup_session_new ();
}

static gboolean
has_planned (gpointer camera)
{
  return ph_camera_is_stopped (camera);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  soup_session_abort (f->client.session);
  g_clear_object (&f->client.session);
  g_clear_pointer (&f->http, ph_http_free);
  ph_camera_stop (f->camera.camera);
  g_assert_true (test_run_until (has_planned, f->camera.camera, TEST_SECONDS));
  test_camera_clear (&f->camera);
}

static TestAnswer *
ask (Fixture *f, const char *method, const char *target)
{
  g_autofree char *url =
      g_strdup_printf ("http://127.0.0.1:%u%s", ph_http_get_port (f->http), target);

  return test_wait (test_send (&f->client, soup_message_new (method, url)));
}

static guint
read_width (TestAnswer *answer)
{
  const guchar *data = (const guchar *)answer->body;

  /* The frame header (SOF0, ITU-T T.81 B.2.2): marker, length, precision, height, width. */
  for (gsize i = 2; i + 8 < answer->length; i += 2 + (data[i + 2] << 8 | data[i + 3]))
    if (data[i] == 0xff && data[i + 1] == 0xc0)
      return data[i + 7] << 8 | data[i + 8];
  return 0;
}

static void
a_picture_is_had_in_any_width (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) narrow = ask (f, "GET", "/front/snapshot.jpg?width=320");
  g_autoptr (TestAnswer) whole = ask (f, "GET", "/front/snapshot.jpg?max_age=60");
  g_autoptr (TestAnswer) same = ask (f, "GET", "/front/snapshot.jpg?max_age=60&width=1280");

  g_assert_cmpuint (narrow->status, ==, 200);
  g_assert_cmpuint (read_width (narrow), ==, 320);
  g_assert_cmpuint (read_width (whole), ==, 1280);
  g_assert_cmpuint (read_width (same), ==, 1280);
  g_assert_cmpint (ph_camera_get_state (f->camera.camera), ==, PH_CAMERA_LIVE);
}

static void
a_wrong_question_starts_no_camera (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *method, *target;
    guint status;
    const char *in_body;
  } rows[] = {
    { "GET", "/front/snapshot.jpg?width=100", 400, "from 160 to 1280" },
    { "GET", "/front/snapshot.jpg?width=1281", 400, "from 160 to 1280" },
    { "GET", "/front/snapshot.jpg?fps=5", 400, "\"fps\"" },
    { "GET", "/front/snapshot.jpg?max_age=-1", 400, "max_age" },
    { "GET", "/front/snapshot.jpg?stream=main", 404, "not JPEG" },
    { "GET", "/front/mjpeg?fps=61", 400, "0.1 to 60" },
    { "GET", "/front/mjpeg?width=5000", 400, "width" },
    { "GET", "/front/mjpeg?max_age=1", 400, "\"max_age\"" },
    { "POST", "/front/mjpeg", 405, "GET" },
    { "HEAD", "/front/mjpeg?fps=5&width=320", 200, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (TestAnswer) answer = ask (f, rows[i].method, rows[i].target);

    g_test_message ("%s %s", rows[i].method, rows[i].target);
    g_assert_cmpuint (answer->status, ==, rows[i].status);
    g_assert_nonnull (strstr (answer->body, rows[i].in_body));
  }
  g_assert_cmpint (ph_camera_get_state (f->camera.camera), ==, PH_CAMERA_IDLE);
}

static GLogWriterOutput
drop_warnings (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if ((level & G_LOG_LEVEL_WARNING) != 0)
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, user_data);
}

static void
a_camera_that_cannot_start_says_why (Fixture *f, gconstpointer data)
{
  static const char *const targets[] = { "/front/snapshot.jpg", "/front/mjpeg",
    "/front/snapshot.jpg?width=320" };

  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++) {
    g_autoptr (TestAnswer) answer = ask (f, "GET", targets[i]);
    const char *retry_after = test_header (answer, "Retry-After");

    g_test_message ("%s: %s", targets[i], answer->body);
    g_assert_cmpuint (answer->status, ==, 503);
    g_assert_true (g_regex_match_simple ("^[1-9][0-9]*$", retry_after, 0, 0));
    g_assert_nonnull (strstr (answer->body, ph_camera_get_last_error (f->camera.camera)));
  }
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (drop_warnings, NULL, NULL);
  g_test_add ("/http/http/width", Fixture, NULL, set_up, a_picture_is_had_in_any_width, tear_down);
  g_test_add (
      "/http/http/wrong", Fixture, NULL, set_up, a_wrong_question_starts_no_camera, tear_down);
  g_test_add ("/http/http/lost", Fixture, "/nonexistent/clip.mp4", set_up,
      a_camera_that_cannot_start_says_why, tear_down);
  return g_test_run ();
}
