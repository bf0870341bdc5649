/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/stream.h"

#include "http/client.h"
#include "http/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* Bytes the kernel may hold unsent. Without a limit it takes megabytes, which on a thin line are
 * pictures of half a minute ago. */
#define UNSENT_LIMIT 16384

struct _PhStream {
  SoupServerMessage *message;
  PhClientWatch *client;
  PhStreamOwner owner;
  GSocket *socket; /* nullable: of a connection in clear */
  gboolean has_head; /* libsoup has written the headers, and a first block */
  gboolean is_writing, is_gone;
};

static void
on_client_gone (gpointer user_data)
{
  PhStream *self = user_data;

  self->is_gone = TRUE;
  self->owner.gone (self->owner.user_data);
}

static void
on_chunk_written (SoupServerMessage *message, gpointer user_data)
{
  PhStream *self = user_data;

  self->is_writing = FALSE;
  self->has_head = TRUE;
  self->owner.ready (self->owner.user_data);
}

/* Best effort: without these it works as well, only with older pictures for the slow. */
static void
tune_socket (GSocket *socket)
{
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_LIMIT, NULL);
}

static gboolean
is_clear (SoupServerMessage *message)
{
  return g_str_equal (g_uri_get_scheme (soup_server_message_get_uri (message)), "http");
}

void
ph_stream_reply_head (SoupServerMessage *message, const char *content_type)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_EOF);
  soup_message_headers_replace (headers, "Connection", "close");
  soup_message_headers_replace (headers, "Content-Type", content_type);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
}

PhStream *
ph_stream_new (SoupServerMessage *message, const char *content_type, const PhStreamOwner *owner)
{
  PhStream *self = g_new0 (PhStream, 1);
  GSocket *socket = ph_http_connection_get_socket (message);

  ph_stream_reply_head (message, content_type);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  if (socket != NULL)
    tune_socket (socket);
  if (socket != NULL && is_clear (message))
    self->socket = g_object_ref (socket);
  self->message = g_object_ref (message);
  self->owner = *owner;
  self->client = ph_client_watch_new (message, on_client_gone, self);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (on_chunk_written), self);
  return self;
}

void
ph_stream_free (PhStream *self)
{
  g_signal_handlers_disconnect_by_data (self->message, self);
  ph_client_watch_free (self->client);
  if (!self->is_gone) {
    soup_message_body_complete (soup_server_message_get_response_body (self->message));
    soup_server_message_unpause (self->message);
  }
  g_clear_object (&self->socket);
  g_object_unref (self->message);
  g_free (self);
}

gboolean
ph_stream_is_ready (PhStream *self)
{
  return !self->is_writing && !self->is_gone;
}

/* While libsoup has nothing to write, what has no end and no framing of its own (RFC 9112, section
 * 6.3) may go straight into the socket: one system call, where libsoup takes a turn of the main
 * loop and several. Returns the bytes the socket took; whoever is gone is found by libsoup. */
static gsize
write_directly (PhStream *self, GBytes *block)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (block, &size);
  gssize n_sent;

  if (self->socket == NULL || !self->has_head)
    return 0;
  n_sent = send (g_socket_get_fd (self->socket), data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  return MAX (n_sent, 0);
}

static void
write_by_soup (PhStream *self, GBytes *block)
{
  self->is_writing = TRUE;
  soup_message_body_append_bytes (soup_server_message_get_response_body (self->message), block);
  soup_server_message_unpause (self->message);
}

void
ph_stream_write (PhStream *self, GBytes *block)
{
  gsize size = g_bytes_get_size (block);
  g_autoptr (GBytes) rest = NULL;
  gsize n_sent;

  g_return_if_fail (ph_stream_is_ready (self));

  n_sent = write_directly (self, block);
  if (n_sent == size)
    return;
  rest = g_bytes_new_from_bytes (block, n_sent, size - n_sent);
  write_by_soup (self, rest);
}
