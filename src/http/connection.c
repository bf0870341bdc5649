/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/connection.h"

#include "base/socket.h"
#include "http/request.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#define TOO_MANY_REQUESTS 429 /* RFC 6585, section 4; libsoup has no name for it */
/* Milliseconds in which a peer must take something of what is sent to it. */
#define STALL_LIMIT 30000
/* Seconds a connection may be kept without a request. */
#define IDLE_TIME 60
/* Seconds for the request of one who is refused. */
#define REFUSED_TIME 2
#define RETRY_AFTER "10"

/* Belongs to the socket. */
typedef struct {
  GSocket *socket; /* unowned */
  PhLimiterPlace *place;
  PhLimiterAnswer answer;
  guint request_time; /* seconds */
  guint timer;
} Connection;

static G_DEFINE_QUARK (ph - http - connection, connection)

static void
free_connection (gpointer data)
{
  Connection *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  ph_limiter_place_free_any (self->place);
  g_free (self);
}

/* libsoup finds its end of the connection closed, whatever it is doing, and lets it go. */
static gboolean
on_time_over (gpointer user_data)
{
  Connection *self = user_data;

  self->timer = 0;
  ph_socket_reset_any (self->socket);
  return G_SOURCE_REMOVE;
}

static void
allow_seconds (Connection *self, guint seconds)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add_seconds (seconds, on_time_over, self);
}

/* NULL: it is over. */
static Connection *
find_connection (GSocket *socket)
{
  return socket != NULL ? g_object_get_qdata (G_OBJECT (socket), connection_quark ()) : NULL;
}

static void
on_request_whole (SoupServerMessage *message, gpointer user_data)
{
  Connection *self = find_connection (soup_server_message_get_socket (message));

  if (self != NULL)
    g_clear_handle_id (&self->timer, g_source_remove);
}

static void
on_answer_whole (SoupServerMessage *message, gpointer user_data)
{
  Connection *self = find_connection (soup_server_message_get_socket (message));

  if (self != NULL)
    allow_seconds (self, IDLE_TIME);
}

/* The socket lives on for ever: before 3.4.0 libsoup does not let go of it. */
static void
on_disconnected (SoupServerMessage *message, gpointer socket)
{
  g_object_set_qdata (socket, connection_quark (), NULL);
}

static Connection *
accept_connection (SoupServerMessage *message, GSocket *socket, GInetAddress *peer, PhGate *gate)
{
  PhLimiter *limiter = ph_gate_get_connections_any (gate);
  Connection *self = g_new0 (Connection, 1);

  self->socket = socket;
  self->answer = ph_limiter_ask_any (limiter, peer);
  self->place = ph_limiter_take_any (limiter, peer);
  self->request_time =
      self->answer == PH_LIMITER_ROOM ? ph_gate_get_request_time_any (gate) : REFUSED_TIME;
  g_object_set_qdata_full (G_OBJECT (socket), connection_quark (), self, free_connection);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, STALL_LIMIT, NULL);
  if (self->answer != PH_LIMITER_ROOM)
    ph_gate_note_limit_any (gate, "HTTP", "connections", peer, self->answer);
  if (self->answer == PH_LIMITER_OVERRUN)
    ph_socket_reset_any (socket);
  return self;
}

static GInetAddress *
find_peer (SoupServerMessage *message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);

  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return NULL;
  return g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
}

/* A status that is set before there is a request is the answer to it. */
static void
refuse (SoupServerMessage *message, PhLimiterAnswer answer)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  ph_request_reply_text (message,
      answer == PH_LIMITER_PEER_FULL ? TOO_MANY_REQUESTS : SOUP_STATUS_SERVICE_UNAVAILABLE,
      answer == PH_LIMITER_PEER_FULL ? "Too many connections come from your address"
                                     : "There are too many connections; try again later");
  soup_message_headers_replace (headers, "Retry-After", RETRY_AFTER);
  soup_message_headers_replace (headers, "Connection", "close");
}

void
ph_http_connection_begin (SoupServerMessage *message, PhGate *gate)
{
  GSocket *socket = soup_server_message_get_socket (message);
  Connection *self = find_connection (socket);
  GInetAddress *peer = self == NULL && socket != NULL ? find_peer (message) : NULL;

  if (peer != NULL)
    self = accept_connection (message, socket, peer, gate);
  if (self == NULL)
    return;
  allow_seconds (self, self->request_time);
  if (self->answer != PH_LIMITER_ROOM)
    refuse (message, self->answer);
  g_signal_connect (message, "got-body", G_CALLBACK (on_request_whole), NULL);
  g_signal_connect_object (message, "disconnected", G_CALLBACK (on_disconnected), socket, 0);
  g_signal_connect (message, "finished", G_CALLBACK (on_answer_whole), NULL);
}
