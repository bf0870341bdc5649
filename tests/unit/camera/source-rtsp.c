/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/source.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

/* A camera that gives every request the same answer. */
typedef struct {
  GSocketService *service;
  const char *answer; /* status line and headers, without CSeq */
  char *url;
  char *password_file;
  PhSourceConfig config;
  PhSourcePlan plan;
  GPtrArray *warnings;
} Fixture;

static gboolean
read_request (GDataInputStream *input, int *sequence)
{
  for (;;) {
    g_autofree char *line = g_data_input_stream_read_line (input, NULL, NULL, NULL);

    if (line == NULL)
      return FALSE;
    if (*line == '\0')
      return TRUE;
    if (g_ascii_strncasecmp (line, "CSeq:", 5) == 0)
      *sequence = (int)g_ascii_strtoll (line + 5, NULL, 10);
  }
}

static gboolean
serve_on_worker (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
    gpointer user_data)
{
  Fixture *f = user_data;
  GIOStream *stream = G_IO_STREAM (connection);
  g_autoptr (GDataInputStream) input =
      g_data_input_stream_new (g_io_stream_get_input_stream (stream));
  int sequence = 0;

  g_data_input_stream_set_newline_type (input, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  while (read_request (input, &sequence))
    if (!g_output_stream_printf (g_io_stream_get_output_stream (stream), NULL, NULL, NULL,
            "%s\r\nCSeq: %d\r\n\r\n", f->answer, sequence))
      break;
  return TRUE;
}

static void
set_up (Fixture *f, gconstpointer answer)
{
  guint16 port;

  f->answer = answer;
  f->warnings = g_ptr_array_new_with_free_func (g_free);
  f->service = g_threaded_socket_service_new (4);
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (f->service), NULL, NULL);
  g_signal_connect (f->service, "run", G_CALLBACK (serve_on_worker), f);
  f->url = g_strdup_printf ("rtsp://127.0.0.1:%u/front", port);
  g_close (g_file_open_tmp (NULL, &f->password_file, NULL), NULL);
  g_file_set_contents (f->password_file, "open sesame!\r\nnot this\n", -1, NULL);
  g_chmod (f->password_file, 0600);
  f->config =
      (PhSourceConfig){ .type = PH_SOURCE_RTSP, .url = f->url, .transport = PH_TRANSPORT_TCP };
}

static void
tear_down (Fixture *f, gconstpointer answer)
{
  g_socket_service_stop (f->service);
  g_socket_listener_close (G_SOCKET_LISTENER (f->service));
  g_object_unref (f->service);
  g_unlink (f->password_file);
  g_ptr_array_unref (f->warnings);
  ph_source_plan_clear (&f->plan);
  g_free (f->url);
  g_free (f->password_file);
}

/* Connections are accepted in the main context, so it runs here while the plan is made elsewhere.
 */
static void
make_plan_on_worker (GTask *task, gpointer source, gpointer user_data, GCancellable *cancellable)
{
  Fixture *f = user_data;
  GError *error = NULL;

  if (ph_source_make_plan_on_worker (&f->config, &f->plan, f->warnings, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
expect_error (Fixture *f, PhErrorCode code, const char *message)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_task_set_task_data (task, f, NULL);
  g_task_run_in_thread (task, make_plan_on_worker);
  while (!g_task_get_completed (task))
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (g_task_propagate_boolean (task, &error));
  g_assert_error (error, PH_ERROR, (int)code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
a_locked_camera_asks_for_a_password (Fixture *f, gconstpointer answer)
{
  expect_error (f, PH_ERROR_UNAVAILABLE,
      "the camera at 127.0.0.1 wants a user and a password: set username and password_file");
}

static void
a_wrong_password_is_said (Fixture *f, gconstpointer answer)
{
  f->config.username = (char *)"anna";
  f->config.password_file = f->password_file;
  expect_error (f, PH_ERROR_UNAVAILABLE, "the camera at 127.0.0.1 refuses user and password");
}

static void
a_wrong_path_is_said (Fixture *f, gconstpointer answer)
{
  expect_error (
      f, PH_ERROR_NOT_FOUND, "the camera at 127.0.0.1 has no stream under the path of the url");
}

static void
a_dead_address_is_said (Fixture *f, gconstpointer answer)
{
  g_socket_service_stop (f->service);
  g_socket_listener_close (G_SOCKET_LISTENER (f->service));
  expect_error (f, PH_ERROR_UNAVAILABLE, "no camera answers at 127.0.0.1");
}

static void
a_password_in_the_url_is_refused (Fixture *f, gconstpointer answer)
{
  f->config.url = (char *)"rtsp://anna:secret@127.0.0.1/front";
  expect_error (f, PH_ERROR_SETTINGS,
      "user and password do not belong into the url of the camera: use username and "
      "password_file");
}

static void
the_password_is_set_on_the_element_only (Fixture *f, gconstpointer answer)
{
  g_autoptr (GstElement) pipeline = gst_parse_launch ("rtspsrc name=source ! fakesink", NULL);
  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_autofree char *password = NULL;
  g_autoptr (GError) error = NULL;

  f->config.password_file = f->password_file;
  g_assert_true (ph_source_apply_secrets (&f->config, pipeline, &error));
  g_assert_no_error (error);
  g_object_get (source, "user-pw", &password, NULL);
  g_assert_cmpstr (password, ==, "open sesame!");
}

static void
a_password_that_everybody_reads_is_refused (Fixture *f, gconstpointer answer)
{
  g_autoptr (GstElement) pipeline = gst_parse_launch ("rtspsrc name=source ! fakesink", NULL);
  g_autoptr (GError) error = NULL;

  g_chmod (f->password_file, 0644);
  f->config.password_file = f->password_file;
  g_assert_false (ph_source_apply_secrets (&f->config, pipeline, &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "chmod 600"));
}

static void
the_printed_line_has_the_shell_read_the_password (Fixture *f, gconstpointer answer)
{
  PhPlan plan = { .branches = g_ptr_array_new () };
  PhCameraConfig camera = { .source = &f->config };
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  plan.source.text = (char *)"rtspsrc name=source location=\"rtsp://h/\"";
  plan.source.media = PH_MEDIA_H264;
  f->config.password_file = (char *)"/etc/it's secret";
  text = ph_plan_to_text (&plan);
  line = ph_plan_to_shell_line (&plan, &camera);
  g_assert_null (strstr (text, "user-pw"));
  g_assert_cmpstr (line, ==,
      "rtspsrc name=source user-pw=\"$(head -n 1 '/etc/it'\\''s secret')\" "
      "'location=\"rtsp://h/\"' ! tee name=coded allow-not-linked=true");
  g_ptr_array_unref (plan.branches);
}

#define ADD(name, answer, test) \
  g_test_add ("/camera/source-rtsp/" name, Fixture, answer, set_up, test, tear_down)
#define LOCKED \
  "RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"camera\", nonce=\"1234\""

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  ADD ("locked", LOCKED, a_locked_camera_asks_for_a_password);
  ADD ("wrong-password", LOCKED, a_wrong_password_is_said);
  ADD ("wrong-path", "RTSP/1.0 404 Not Found", a_wrong_path_is_said);
  ADD ("dead", "", a_dead_address_is_said);
  ADD ("url", "", a_password_in_the_url_is_refused);
  ADD ("secret", "", the_password_is_set_on_the_element_only);
  ADD ("readable", "", a_password_that_everybody_reads_is_refused);
  ADD ("shell", "", the_printed_line_has_the_shell_read_the_password);
  return g_test_run ();
}
