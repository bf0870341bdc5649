/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/igd-session.h"

#define LOOK_MS 10

typedef struct {
  SoupSession *session;
  SoupMessage *message;
  gsize max_bytes;
  guint timer;
} Watch;

static void
watch_free (gpointer user_data)
{
  Watch *self = user_data;

  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self);
}

static gboolean
maybe_end (Watch *self, gsize n_bytes)
{
  if (n_bytes <= self->max_bytes)
    return FALSE;
  g_debug ("the router's answer is too long");
  /* There is no way to end one message of another's: but they are all of one router. */
  soup_session_abort (self->session);
  return TRUE;
}

static gsize
count_bytes (Watch *self)
{
  SoupMessageMetrics *metrics = soup_message_get_metrics (self->message);

  return metrics != NULL ? soup_message_metrics_get_response_body_bytes_received (metrics) : 0;
}

static gboolean
on_look_due (gpointer user_data)
{
  Watch *self = user_data;

  if (!maybe_end (self, count_bytes (self)))
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  return G_SOURCE_REMOVE;
}

static void
on_got_headers (SoupMessage *message, Watch *self)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);

  if (!maybe_end (self, MAX (0, soup_message_headers_get_content_length (headers))) &&
      self->timer == 0)
    self->timer = g_timeout_add_full (G_PRIORITY_HIGH, LOOK_MS, on_look_due, self, NULL);
}

static void
on_got_body (SoupMessage *message, Watch *self)
{
  maybe_end (self, count_bytes (self));
}

static void
on_finished (SoupMessage *message, Watch *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
}

static void
on_request_queued (SoupSession *session, SoupMessage *message, gpointer user_data)
{
  Watch *self = g_new0 (Watch, 1);

  self->session = session;
  self->message = message;
  self->max_bytes = GPOINTER_TO_SIZE (user_data);
  g_object_set_data_full (G_OBJECT (message), "porthole-watch", self, watch_free);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_COLLECT_METRICS);
  g_signal_connect (message, "got-headers", G_CALLBACK (on_got_headers), self);
  g_signal_connect (message, "got-body", G_CALLBACK (on_got_body), self);
  g_signal_connect (message, "finished", G_CALLBACK (on_finished), self);
}

void
ph_igd_session_limit (SoupSession *session, gsize max_bytes)
{
  g_signal_connect (
      session, "request-queued", G_CALLBACK (on_request_queued), GSIZE_TO_POINTER (max_bytes));
}

/* To a link-local router the kernel would take a link-local address, which nobody may open the
 * firewall from. A bind that fails shows in what the router says. */
static void
on_network_event (
    SoupMessage *message, GSocketClientEvent event, GIOStream *connection, gpointer user_data)
{
  g_autoptr (GSocketAddress) local = NULL;

  if (event != G_SOCKET_CLIENT_CONNECTING || !G_IS_SOCKET_CONNECTION (connection))
    return;
  local = g_inet_socket_address_new (user_data, 0);
  g_socket_bind (
      g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection)), local, FALSE, NULL);
}

static void
on_request_to_bind (SoupSession *session, SoupMessage *message, gpointer user_data)
{
  g_signal_connect_object (message, "network-event", G_CALLBACK (on_network_event), user_data, 0);
}

void
ph_igd_session_bind (SoupSession *session, GInetAddress *self)
{
  g_object_set_data_full (G_OBJECT (session), "porthole-self", g_object_ref (self), g_object_unref);
  g_signal_connect (session, "request-queued", G_CALLBACK (on_request_to_bind), self);
}
