/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/stream.h"

#include "http/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

/* Bytes the kernel may hold unsent. Without a limit it takes megabytes, which on a thin line are
 * pictures of half a minute ago. */
#define UNSENT_LIMIT 16384
/* Milliseconds in which a viewer must take something before its connection is given up. */
#define STALL_LIMIT 30000

struct _PhStream {
  SoupServerMessage *message;
  PhClientWatch *client;
  PhStreamOwner owner;
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
  self->owner.ready (self->owner.user_data);
}

/* Best effort: without these it works as well, only with older pictures for the slow. */
static void
tune_socket (GSocket *socket)
{
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_LIMIT, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, STALL_LIMIT, NULL);
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
  GSocket *socket = soup_server_message_get_socket (message);

  ph_stream_reply_head (message, content_type);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  if (socket != NULL)
    tune_socket (socket);
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
  g_object_unref (self->message);
  g_free (self);
}

gboolean
ph_stream_is_ready (PhStream *self)
{
  return !self->is_writing && !self->is_gone;
}

void
ph_stream_write (PhStream *self, GBytes *block)
{
  g_return_if_fail (ph_stream_is_ready (self));

  self->is_writing = TRUE;
  soup_message_body_append_bytes (soup_server_message_get_response_body (self->message), block);
  soup_server_message_unpause (self->message);
}
