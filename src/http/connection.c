/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/connection.h"

#include "base/socket.h"
#include "http/request-stream.h"
#include "http/request.h"
#include "http/secure-stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

/* Milliseconds in which a peer must take something of what is sent to it. */
#define STALL_LIMIT 30000
/* Seconds a connection may be kept without a request. */
#define IDLE_TIME 60
/* Seconds for the request of one who is refused. */
#define REFUSED_TIME 2
#define RETRY_AFTER "10"
/* A player asks for a playlist and for files of one stream or two. */
#define MOST_REPETITIONS 4

/* Shared by the stream libsoup reads and by the address its messages have. */
typedef struct {
  GSocket *socket; /* NULL once it is closed */
  PhRequestStream *stream; /* unowned; NULL likewise */
  PhLimiterPlace *place; /* nullable */
  PhLimiterAnswer answer;
  guint request_time; /* seconds; 0: as long as it likes */
  gint64 deadline; /* monotonic time */
  gint64 due; /* of the timer, the same, at the latest then */
  guint timer;
  PhRepetition *repetitions[MOST_REPETITIONS]; /* the newest first; nullable */
  PhRepetition *answering; /* nullable: that of them whose answer is being written */
} Connection;

static G_DEFINE_QUARK (ph - http - connection, connection)

static void
clear_connection (gpointer data)
{
  Connection *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->place, ph_limiter_place_free_any);
  g_clear_object (&self->socket);
  for (guint i = 0; i < MOST_REPETITIONS; i++)
    g_clear_pointer (&self->repetitions[i], ph_repetition_free);
  self->stream = NULL;
}

static void
unref_connection (gpointer data)
{
  g_rc_box_release_full (data, clear_connection);
}

static gboolean on_timer (gpointer user_data);

/* A timer that is due before is left as it is: most deadlines are only put off. */
static void
set_deadline (Connection *self, gint64 now, guint seconds)
{
  self->deadline = now + seconds * G_USEC_PER_SEC;
  if (self->timer != 0 && self->due <= self->deadline)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add_seconds (seconds, on_timer, self);
  self->due = self->deadline;
}

/* libsoup finds its end of the connection closed, whatever it is doing, and lets it go. */
static gboolean
on_timer (gpointer user_data)
{
  Connection *self = user_data;
  gint64 now = g_get_monotonic_time ();

  self->timer = 0;
  if (self->deadline == G_MAXINT64)
    return G_SOURCE_REMOVE;
  if (now < self->deadline)
    set_deadline (self, now, (self->deadline - now) / G_USEC_PER_SEC + 1);
  else
    ph_socket_reset_any (self->socket);
  return G_SOURCE_REMOVE;
}

static void
allow_seconds (Connection *self, guint seconds)
{
  if (self->socket != NULL && self->request_time > 0)
    set_deadline (self, g_get_monotonic_time (), seconds);
}

/* Of an answer it is the kernel that tells when nothing is taken of it. */
static void
allow_any_time (Connection *self)
{
  self->deadline = G_MAXINT64;
}

/* libsoup hands on the address it was given. NULL: that of a connection that is over. */
static Connection *
find_connection (SoupServerMessage *message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);
  Connection *self =
      remote != NULL ? g_object_get_qdata (G_OBJECT (remote), connection_quark ()) : NULL;

  return self != NULL && self->socket != NULL ? self : NULL;
}

GSocket *
ph_http_connection_get_socket (SoupServerMessage *message)
{
  Connection *self = find_connection (message);

  return self != NULL ? self->socket : NULL;
}

/* ---- from one request to the next ------------------------------------------------------------ */

static gboolean
has_no_body (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  return soup_message_headers_get_encoding (headers) == SOUP_ENCODING_NONE &&
         soup_message_headers_get_expectations (headers) == 0;
}

gboolean
ph_http_connection_may_be_kept (SoupServerMessage *message)
{
  Connection *self = find_connection (message);

  return soup_check_version (3, 3, 0) ||
         (self != NULL && ph_request_stream_is_single (self->stream) && has_no_body (message));
}

static void
on_request_whole (SoupServerMessage *message, gpointer user_data)
{
  Connection *self = find_connection (message);

  if (self != NULL)
    allow_any_time (self);
}

/* A repetition keeps the message, of which it needs the headers. */
static void
on_answer_whole (SoupServerMessage *message, gpointer user_data)
{
  Connection *self = find_connection (message);

  soup_message_body_truncate (soup_server_message_get_response_body (message));
  if (self == NULL)
    return;
  allow_seconds (self, IDLE_TIME);
  if (has_no_body (message))
    ph_request_stream_note_answered (self->stream);
}

/* ---- requests that are repeated -------------------------------------------------------------- */

void
ph_http_connection_offer_repetition (
    PhRequest *request, gboolean is_file, const PhRepetitionSource *source)
{
  Connection *self = find_connection (request->message);
  GBytes *head = self != NULL ? ph_request_stream_get_head (self->stream) : NULL;
  PhRepetition *repetition = NULL;
  guint i = 0;

  if (head != NULL && has_no_body (request->message))
    repetition = ph_repetition_new (request, head, is_file, source);
  else if (source->free_data != NULL)
    source->free_data (source->user_data);
  if (repetition == NULL)
    return;
  while (i < MOST_REPETITIONS - 1 && self->repetitions[i] != NULL &&
         !ph_repetition_is_same (self->repetitions[i], repetition))
    i++;
  g_clear_pointer (&self->repetitions[i], ph_repetition_free);
  memmove (self->repetitions + 1, self->repetitions, i * sizeof (PhRepetition *));
  self->repetitions[0] = repetition;
}

static gboolean
try_answer (PhRequestStream *stream, const char *data, gsize size, gpointer user_data)
{
  Connection *self = user_data;
  PhRequestHead asked;

  if (self->repetitions[0] == NULL || !ph_request_head_read_get_any (data, size, &asked))
    return FALSE;
  for (guint i = 0; i < MOST_REPETITIONS && self->repetitions[i] != NULL; i++) {
    g_autoptr (GBytes) head = NULL;
    g_autoptr (GBytes) body = NULL;

    if (!ph_repetition_try_answer (self->repetitions[i], &asked, &head, &body))
      continue;
    self->answering = self->repetitions[i];
    allow_any_time (self);
    ph_request_stream_answer (stream, head, body);
    return TRUE;
  }
  return FALSE;
}

static gboolean
may_go_on (gpointer user_data)
{
  return ph_repetition_may_go_on (((Connection *)user_data)->answering);
}

static void
on_answered (gpointer user_data)
{
  Connection *self = user_data;

  self->answering = NULL;
  allow_seconds (self, IDLE_TIME);
}

static void
on_closed (gpointer user_data)
{
  clear_connection (user_data);
}

/* ---- from accept on -------------------------------------------------------------------------- */

static void
take_place (Connection *self, GSocketAddress *remote, PhGate *gate)
{
  GInetAddress *peer = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
  PhLimiter *limiter = ph_gate_get_connections_any (gate);

  self->answer = ph_limiter_ask_any (limiter, peer);
  self->place = ph_limiter_take_any (limiter, peer);
  self->request_time =
      self->answer == PH_LIMITER_ROOM ? ph_gate_get_request_time_any (gate) : REFUSED_TIME;
  if (self->answer != PH_LIMITER_ROOM)
    ph_gate_note_limit_any (gate, "HTTP", "connections", peer, self->answer);
}

/* Nobody is asked for a certificate. g_tls_server_connection_new() would read all the authorities
 * of the system for each connection nevertheless: milliseconds, and megabytes for as long as it
 * lasts. */
static GIOStream *
try_start_tls (GIOStream *clear, GTlsCertificate *certificate)
{
  static const char *const protocols[] = { "http/1.1", "http/1.0", NULL };
  GType type = g_tls_backend_get_server_connection_type (g_tls_backend_get_default ());
  g_autoptr (GError) error = NULL;
  GIOStream *secure = g_initable_new (type, NULL, &error, "base-io-stream", clear, "certificate",
      certificate, "database", NULL, NULL);

  if (secure == NULL) {
    g_warning_once ("connections to the HTTPS port are refused: %s", error->message);
    return NULL;
  }
  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (secure), FALSE);
  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (secure), protocols);
  return secure;
}

/* NULL: it was to be secure, and cannot be. */
static GIOStream *
try_make_stream (Connection *self, GTlsCertificate *certificate)
{
  g_autoptr (GIOStream) clear =
      G_IO_STREAM (g_socket_connection_factory_create_connection (self->socket));
  g_autoptr (GIOStream) secure = certificate != NULL ? try_start_tls (clear, certificate) : NULL;
  PhRequestStreamOwner owner = { try_answer, may_go_on, on_answered, on_closed, unref_connection };
  g_autoptr (GInputStream) input = NULL;

  if (certificate != NULL && secure == NULL)
    return NULL;
  owner.user_data = g_rc_box_acquire (self);
  self->stream = ph_request_stream_new (secure != NULL ? secure : clear, &owner);
  input = G_INPUT_STREAM (self->stream);
  if (secure != NULL)
    return ph_secure_stream_new (G_TLS_CONNECTION (secure), input);
  return g_simple_io_stream_new (input, g_io_stream_get_output_stream (clear));
}

static void
tune_socket (GSocket *socket)
{
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, STALL_LIMIT, NULL);
}

/* Whoever hung up before it was looked at has no address any more. */
void
ph_http_connection_accept (
    GSocket *socket, GTlsCertificate *certificate, SoupServer *soup, PhGate *gate)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (socket, NULL);
  g_autoptr (GSocketAddress) remote = g_socket_get_remote_address (socket, NULL);
  g_autoptr (GIOStream) stream = NULL;
  Connection *self;

  if (local == NULL || !G_IS_INET_SOCKET_ADDRESS (remote))
    return;
  self = g_rc_box_new0 (Connection);
  g_object_set_qdata_full (G_OBJECT (remote), connection_quark (), self, unref_connection);
  self->socket = g_object_ref (socket);
  if (gate != NULL)
    take_place (self, remote, gate);
  tune_socket (socket);
  if (self->answer != PH_LIMITER_OVERRUN)
    stream = try_make_stream (self, certificate);
  if (stream == NULL) {
    ph_socket_reset_any (socket);
    clear_connection (self);
    return;
  }
  soup_server_accept_iostream (soup, stream, local, remote, NULL);
}

/* A status that is set before there is a request is the answer to it. */
static void
refuse (SoupServerMessage *message, PhLimiterAnswer answer)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  ph_request_reply_text (message,
      answer == PH_LIMITER_PEER_FULL ? PH_STATUS_TOO_MANY_REQUESTS
                                     : SOUP_STATUS_SERVICE_UNAVAILABLE,
      answer == PH_LIMITER_PEER_FULL ? "Too many connections come from your address"
                                     : "There are too many connections; try again later");
  soup_message_headers_replace (headers, "Retry-After", RETRY_AFTER);
  soup_message_headers_replace (headers, "Connection", "close");
}

void
ph_http_connection_begin (SoupServerMessage *message)
{
  Connection *self = find_connection (message);

  if (self == NULL)
    return;
  allow_seconds (self, self->request_time);
  if (self->answer != PH_LIMITER_ROOM)
    refuse (message, self->answer);
  g_signal_connect (message, "got-body", G_CALLBACK (on_request_whole), NULL);
  g_signal_connect (message, "finished", G_CALLBACK (on_answer_whole), NULL);
}
