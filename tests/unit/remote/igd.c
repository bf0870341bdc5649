/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A router on loopback that is found by UPnP and then sends its description a byte at a time, and
 * one that takes PCP and NAT-PMP but never answers: the main loop must not notice. */
#include "remote/datagram.h"
#include "remote/igd-mapping.h"
#include "remote/natpmp.h"
#include "remote/pcp.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#define MAX_BLOCKED_US 20000
#define MAX_ROUNDS 4

typedef struct {
  char *address; /* of the router: of this process alone */
  GSocket *ear; /* SSDP */
  GSocket *pit; /* PCP and NAT-PMP: takes all, answers nothing */
  GSocket *http;
  GThread *threads[2];
  int is_over; /* atomic */
  guint port;
  PhGateway *gateway;
  PhIgd *igd;
  guint n_answers;
  PhMappingAnswer *upnp;
} Fixture;

static gint64 blocked_us, left_us, waited_us;

/* What the kernel let this thread wait for a processor: not its fault (proc(5), schedstat). */
static gint64
read_waited_us (void)
{
  g_autofree char *text = NULL;
  guint64 run = 0, waited = 0;

  if (g_file_get_contents ("/proc/thread-self/schedstat", &text, NULL, NULL))
    sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &run, &waited);
  return waited / 1000;
}

/* All that a main loop does beside waiting lies between two calls of this. */
static int
poll_and_measure (GPollFD *fds, guint n, int timeout)
{
  gint64 busy_us =
      left_us > 0 ? g_get_monotonic_time () - left_us - (read_waited_us () - waited_us) : 0;
  int result;

  blocked_us = MAX (blocked_us, busy_us);
  result = g_poll (fds, n, timeout);
  waited_us = read_waited_us ();
  left_us = g_get_monotonic_time ();
  return result;
}

static GSocket *
open_socket (const char *address, guint port, GSocketType type)
{
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new_from_string (address, port);
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, type, G_SOCKET_PROTOCOL_DEFAULT, &error);

  g_assert_no_error (error);
  g_socket_bind (socket, local, TRUE, &error);
  g_assert_no_error (error);
  return socket;
}

static gpointer
answer_searches_on_worker (gpointer user_data)
{
  Fixture *f = user_data;
  g_autofree char *answer = g_strdup_printf ("HTTP/1.1 200 OK\r\n"
                                             "CACHE-CONTROL: max-age=1800\r\nEXT:\r\n"
                                             "ST: urn:schemas-upnp-org:device:"
                                             "InternetGatewayDevice:1\r\n"
                                             "USN: uuid:1::urn:schemas-upnp-org:device:"
                                             "InternetGatewayDevice:1\r\n"
                                             "LOCATION: http://%s:%u/root.xml\r\n\r\n",
      f->address, f->port);

  while (!g_atomic_int_get (&f->is_over)) {
    g_autoptr (GSocketAddress) from = NULL;
    char bytes[2048];
    gssize length = g_socket_receive_from (f->ear, &from, bytes, sizeof bytes, NULL, NULL);

    if (length > 0 && g_str_has_prefix (bytes, "M-SEARCH"))
      g_socket_send_to (f->ear, from, answer, strlen (answer), NULL, NULL);
  }
  return NULL;
}

static gpointer
drip_on_worker (gpointer user_data)
{
  Fixture *f = user_data;
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n";

  for (;;) {
    g_autoptr (GSocket) client = g_socket_accept (f->http, NULL, NULL);

    if (client == NULL)
      return NULL;
    g_socket_send (client, head, strlen (head), NULL, NULL);
    while (g_socket_send (client, "x", 1, NULL, NULL) == 1)
      g_usleep (2000);
  }
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GInetAddress) group = g_inet_address_new_from_string ("239.255.255.250");
  g_autoptr (GInetAddress) self = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GInetAddress) router = NULL;
  g_autoptr (GSocketAddress) local = NULL;

  f->address = g_strdup_printf (
      "127.%u.%u.%u", 1 + (getpid () >> 16) % 250, (getpid () >> 8) % 256, getpid () % 256);
  router = g_inet_address_new_from_string (f->address);
  f->ear = open_socket ("239.255.255.250", 1900, G_SOCKET_TYPE_DATAGRAM);
  g_assert_true (g_socket_join_multicast_group (f->ear, group, FALSE, "lo", NULL));
  g_socket_set_timeout (f->ear, 1);
  f->pit = open_socket (f->address, PH_DATAGRAM_PORT, G_SOCKET_TYPE_DATAGRAM);
  f->http = open_socket (f->address, 0, G_SOCKET_TYPE_STREAM);
  g_assert_true (g_socket_listen (f->http, NULL));
  local = g_socket_get_local_address (f->http, NULL);
  f->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  f->gateway = ph_gateway_new (router, self, "lo");
  f->threads[0] = g_thread_new ("ssdp", answer_searches_on_worker, f);
  f->threads[1] = g_thread_new ("drip", drip_on_worker, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_igd_close (f->igd);
  ph_igd_unref (f->igd);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_atomic_int_set (&f->is_over, TRUE);
  g_socket_shutdown (f->http, TRUE, TRUE, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (f->threads); i++)
    g_thread_join (f->threads[i]);
  g_object_unref (f->ear);
  g_object_unref (f->pit);
  g_object_unref (f->http);
  ph_gateway_free (f->gateway);
  ph_mapping_answer_free (f->upnp);
  g_free (f->address);
}

static void
on_pcp (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (PhMappingAnswer) answer = ph_pcp_map_finish (result, NULL);

  g_assert_cmpint (answer->outcome, ==, PH_MAPPING_ABSENT);
  f->n_answers++;
}

static void
on_natpmp (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (PhMappingAnswer) answer = ph_natpmp_map_finish (result, NULL);

  g_assert_cmpint (answer->outcome, ==, PH_MAPPING_ABSENT);
  f->n_answers++;
}

static void
on_upnp (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;

  f->upnp = ph_igd_map_finish (result, NULL);
  f->n_answers++;
}

static void
on_igd_changed (gpointer user_data)
{
}

static void
ask_everybody (Fixture *f)
{
  PhMappingRequest request = { f->gateway, 8443, 8443, 3600 };

  f->n_answers = 0;
  g_clear_pointer (&f->upnp, ph_mapping_answer_free);
  blocked_us = left_us = 0;
  g_main_context_set_poll_func (NULL, poll_and_measure);
  ph_pcp_map_async (&request, NULL, on_pcp, f);
  ph_natpmp_map_async (&request, NULL, on_natpmp, f);
  ph_igd_map_async (f->igd, &request, NULL, on_upnp, f);
  while (f->n_answers < 3)
    g_main_context_iteration (NULL, TRUE);
  g_main_context_set_poll_func (NULL, NULL);
  g_assert_cmpstr (f->upnp->said, ==, "the router gives no whole description in time");
  g_test_message ("the main loop was away for %" G_GINT64_FORMAT " us at the longest", blocked_us);
  g_assert_cmpint (blocked_us, >, 0);
}

/* What blocks does so each time; a machine that stands still for a moment does not. */
static void
the_main_loop_goes_on_while_routers_hang (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->igd = ph_igd_new (f->gateway, on_igd_changed, NULL, &error);
  g_assert_no_error (error);
  ask_everybody (f);
  for (guint i = 1; i < MAX_ROUNDS && blocked_us >= MAX_BLOCKED_US; i++)
    ask_everybody (f);
  g_assert_cmpint (blocked_us, <, MAX_BLOCKED_US);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/remote/igd/main-loop", Fixture, NULL, set_up,
      the_main_loop_goes_on_while_routers_hang, tear_down);
  return g_test_run ();
}
