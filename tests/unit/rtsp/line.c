/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/line.h"

#include <string.h>

/* More than two sockets hold. */
#define LARGE (16 * 1024 * 1024)
#define DEADLINE (20 * G_TIME_SPAN_SECOND)

typedef struct {
  GMainContext *context;
  GSocket *viewer;
  GstRTSPConnection *connection;
  GstRTSPWatch *watch;
  PhRtspLine *line;
  GByteArray *seen; /* by the viewer */
  guint last_sent; /* id */
} Fixture;

static GstRTSPResult
on_message_sent (GstRTSPWatch *watch, guint id, gpointer user_data)
{
  Fixture *f = user_data;

  f->last_sent = id;
  ph_rtsp_line_note_sent_on_rtsp (f->line, id);
  return GST_RTSP_OK;
}

static GstRTSPWatchFuncs funcs = { .message_sent = on_message_sent };

static GSocket *
make_socket (void)
{
  return g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) listener = make_socket ();

  g_assert_true (g_socket_bind (listener, any_port, FALSE, NULL));
  g_assert_true (g_socket_listen (listener, NULL));
  address = g_socket_get_local_address (listener, NULL);
  f->viewer = make_socket ();
  g_assert_true (g_socket_connect (f->viewer, address, NULL, NULL));
  g_socket_set_blocking (f->viewer, FALSE);
  g_assert_cmpint (gst_rtsp_connection_accept (listener, &f->connection, NULL), ==, GST_RTSP_OK);
  f->context = g_main_context_new ();
  f->watch = gst_rtsp_watch_new (f->connection, &funcs, f, NULL);
  gst_rtsp_watch_attach (f->watch, f->context);
  f->line = ph_rtsp_line_new (f->watch);
  ph_rtsp_line_use_socket_any (f->line, gst_rtsp_connection_get_write_socket (f->connection));
  f->seen = g_byte_array_new ();
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_rtsp_line_unref_any (f->line);
  g_source_destroy ((GSource *)f->watch);
  gst_rtsp_watch_unref (f->watch);
  gst_rtsp_connection_free (f->connection);
  g_main_context_unref (f->context);
  g_object_unref (f->viewer);
  g_byte_array_unref (f->seen);
}

static void
read_until (Fixture *f, gsize size)
{
  gint64 end = g_get_monotonic_time () + DEADLINE;
  static char data[256 * 1024];

  while (f->seen->len < size && g_get_monotonic_time () < end) {
    gssize n = g_socket_receive (f->viewer, data, sizeof data, NULL, NULL);

    if (n > 0)
      g_byte_array_append (f->seen, (const guint8 *)data, n);
    g_main_context_iteration (f->context, FALSE);
  }
  g_assert_cmpuint (f->seen->len, >=, size);
}

static guint8 *
make_large (void)
{
  guint8 *data = g_malloc (LARGE);

  for (gsize i = 0; i < LARGE; i++)
    data[i] = i * 31 >> 8;
  return data;
}

static void
what_fits_is_sent_at_once (Fixture *f, gconstpointer data)
{
  guint waiting = 1;

  g_assert_true (ph_rtsp_line_send_any (f->line, (const guint8 *)"picture", 7, &waiting));
  g_assert_cmpuint (waiting, ==, 0);
  read_until (f, 7);
  g_assert_cmpmem (f->seen->data, 7, "picture", 7);
}

static void
an_answer_never_comes_inside_a_picture (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *large = make_large ();
  GstRTSPMessage answer = { 0 };
  guint waiting = 0;

  g_assert_true (ph_rtsp_line_send_any (f->line, large, LARGE, &waiting));
  g_assert_cmpuint (waiting, !=, 0);
  gst_rtsp_watch_set_send_backlog (f->watch, 2 * LARGE, 0);
  gst_rtsp_message_init_response (&answer, GST_RTSP_STS_OK, "OK", NULL);
  g_assert_true (ph_rtsp_line_answer_any (f->line, &answer, 1));
  gst_rtsp_message_unset (&answer);

  read_until (f, LARGE + strlen ("RTSP/1.0 200 OK\r\n\r\n"));
  g_assert_cmpmem (f->seen->data, LARGE, large, LARGE);
  g_assert_true (g_str_has_prefix ((const char *)f->seen->data + LARGE, "RTSP/1.0 200"));
}

/* So that the socket has room again, while the watch has not been woken yet. */
static void
read_some (Fixture *f)
{
  static char data[256 * 1024];
  gssize n;

  while ((n = g_socket_receive (f->viewer, data, sizeof data, NULL, NULL)) > 0)
    g_byte_array_append (f->seen, (const guint8 *)data, n);
}

static void
a_picture_never_comes_inside_another (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *large = make_large ();
  guint first = 0, second = 0;

  g_assert_true (ph_rtsp_line_send_any (f->line, large, LARGE, &first));
  read_some (f);
  g_assert_true (ph_rtsp_line_send_any (f->line, (const guint8 *)"second", 6, &second));
  g_assert_cmpuint (second, !=, 0);
  read_until (f, LARGE + 6);
  g_assert_cmpmem (f->seen->data + LARGE, 6, "second", 6);
  g_assert_cmpuint (f->last_sent, ==, second);
  g_assert_true (ph_rtsp_line_send_any (f->line, (const guint8 *)"third", 5, &first));
  g_assert_cmpuint (first, ==, 0);
  read_until (f, LARGE + 11);
}

static void
nothing_goes_out_once_it_is_closed (Fixture *f, gconstpointer data)
{
  guint waiting;

  ph_rtsp_line_close_any (f->line);
  g_assert_false (ph_rtsp_line_send_any (f->line, (const guint8 *)"late", 4, &waiting));
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  ADD ("/rtsp/line/fits", what_fits_is_sent_at_once);
  ADD ("/rtsp/line/answer", an_answer_never_comes_inside_a_picture);
  ADD ("/rtsp/line/picture", a_picture_never_comes_inside_another);
  ADD ("/rtsp/line/closed", nothing_goes_out_once_it_is_closed);
  return g_test_run ();
}
