/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-http.h"

#include <string.h>

/* Answers each call with a byte now and then, and never with a whole answer. */
static gboolean
on_call (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
    gpointer user_data)
{
  static const char head[] = "HTTP/1.1 200 OK\r\nX: ";
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  gboolean is_open = g_output_stream_write_all (output, head, strlen (head), NULL, NULL, NULL);

  while (is_open) {
    g_usleep (G_USEC_PER_SEC / 10);
    is_open = g_output_stream_write_all (output, "x", 1, NULL, NULL, NULL);
  }
  return TRUE;
}

static guint16
start_dripping (GSocketService **service)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;

  *service = g_threaded_socket_service_new (1);
  g_signal_connect (*service, "run", G_CALLBACK (on_call), NULL);
  g_assert_true (g_socket_listener_add_address (G_SOCKET_LISTENER (*service), wanted,
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &address, NULL));
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

typedef struct {
  GMainLoop *loop;
  guint status;
  char *failure;
} Answer;

static void
on_done (const PhDdnsReply *reply, gpointer user_data)
{
  Answer *answer = user_data;

  answer->status = reply->status;
  answer->failure = g_strdup (reply->failure);
  g_main_loop_quit (answer->loop);
}

/* Real seconds: it is the clock of the whole call that counts, however much comes meanwhile. */
static void
a_call_ends_after_thirty_seconds_in_all (void)
{
  g_autoptr (PhDdnsHttp) http = ph_ddns_http_new (NULL, NULL, NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GSocketService) service = NULL;
  PhDdnsRequest *request = g_new0 (PhDdnsRequest, 1);
  Answer answer = { loop, 1, NULL };
  gint64 begin = g_get_monotonic_time ();

  request->method = g_strdup ("GET");
  request->url = g_strdup_printf ("http://127.0.0.1:%u/", start_dripping (&service));
  ph_ddns_http_send (http, request, NULL, on_done, &answer);
  g_main_loop_run (loop);
  g_assert_cmpuint (answer.status, ==, 0);
  g_assert_nonnull (answer.failure);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 29 * G_USEC_PER_SEC);
  g_socket_service_stop (service);
  g_free (answer.failure);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote/ddns-http/time", a_call_ends_after_thirty_seconds_in_all);
  return g_test_run ();
}
