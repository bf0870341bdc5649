/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A router on loopback, in the same main loop. */
#include "remote/datagram.h"

typedef struct {
  GSocket *router;
  GSource *source;
  guint port;
  PhGateway *gateway;
  guint n_heard;
  guint answers_from; /* the how manieth question is the first that is answered */
  GBytes *answer; /* nullable: it came without */
  GError *error;
  gboolean is_done;
} Fixture;

static gboolean
on_question (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (GSocketAddress) from = NULL;
  char bytes[64];

  g_assert_cmpint (g_socket_receive_from (socket, &from, bytes, sizeof bytes, NULL, NULL), ==, 4);
  if (++f->n_heard < f->answers_from)
    return G_SOURCE_CONTINUE;
  g_socket_send_to (socket, from, "stray", 5, NULL, NULL);
  g_socket_send_to (socket, from, "pong", 4, NULL, NULL);
  return G_SOURCE_CONTINUE;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) local = NULL;

  f->router =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_assert_true (g_socket_bind (f->router, any_port, FALSE, NULL));
  local = g_socket_get_local_address (f->router, NULL);
  f->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  f->source = g_socket_create_source (f->router, G_IO_IN, NULL);
  g_source_set_callback (f->source, G_SOURCE_FUNC (on_question), f, NULL);
  g_source_attach (f->source, NULL);
  f->gateway = ph_gateway_new (loopback, loopback, "lo");
  f->answers_from = 1;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_source_destroy (f->source);
  g_clear_pointer (&f->source, g_source_unref);
  g_clear_object (&f->router);
  g_clear_pointer (&f->gateway, ph_gateway_free);
  g_clear_pointer (&f->answer, g_bytes_unref);
  g_clear_error (&f->error);
}

static gboolean
is_pong (const guint8 *bytes, gsize length, gconstpointer user_data)
{
  return length == 4 && bytes[1] == 'o';
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;

  f->answer = ph_datagram_ask_finish (result, &f->error);
  f->is_done = TRUE;
}

static void
ask (Fixture *f, guint deadline_ms, GCancellable *cancellable)
{
  const PhDatagramPace pace = { .first_ms = 20, .deadline_ms = deadline_ms };
  g_autoptr (GBytes) question = g_bytes_new_static ("ping", 4);

  ph_datagram_ask_async (
      f->gateway, f->port, question, &pace, is_pong, NULL, cancellable, on_done, f);
  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
  while (!f->is_done)
    g_main_context_iteration (NULL, TRUE);
}

static void
the_answer_comes_and_strays_are_passed_over (Fixture *f, gconstpointer data)
{
  ask (f, 5000, NULL);
  g_assert_no_error (f->error);
  g_assert_cmpmem (g_bytes_get_data (f->answer, NULL), g_bytes_get_size (f->answer), "pong", 4);
}

static void
a_lost_question_is_asked_again (Fixture *f, gconstpointer data)
{
  f->answers_from = 3;
  ask (f, 5000, NULL);
  g_assert_no_error (f->error);
  g_assert_cmpuint (f->n_heard, >=, 3);
}

static void
silence_has_an_end (Fixture *f, gconstpointer data)
{
  f->answers_from = G_MAXUINT;
  ask (f, 200, NULL);
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpuint (f->n_heard, >=, 2);
  g_assert_cmpuint (f->n_heard, <=, 4); /* at 0, 20, 60 and 140 ms */
}

/* The port stays taken, so that the one who asks does not get it himself; but a connected socket
 * takes nothing from others. */
static void
a_closed_port_is_told_at_once (Fixture *f, gconstpointer data)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) elsewhere = g_inet_socket_address_new (loopback, 9);

  g_assert_true (g_socket_connect (f->router, elsewhere, NULL, NULL));
  ask (f, 60000, NULL);
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

static void
who_no_longer_wants_it_need_not_wait (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  f->answers_from = G_MAXUINT;
  ask (f, 60000, cancellable);
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) \
  g_test_add ("/remote/datagram/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("answer", the_answer_comes_and_strays_are_passed_over);
  ADD ("again", a_lost_question_is_asked_again);
  ADD ("silence", silence_has_an_end);
  ADD ("refused", a_closed_port_is_told_at_once);
  ADD ("cancelled", who_no_longer_wants_it_need_not_wait);
  return g_test_run ();
}
