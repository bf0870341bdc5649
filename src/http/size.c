/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/size.h"

#include "base/socket.h"
#include "http/connection.h"
#include "http/request.h"

#include <string.h>

/* Bytes of names and values. From 64 KiB on libsoup closes the connection. */
#define LARGEST_HEADERS 16384
/* Bytes. */
#define LARGEST_BODY 65536
/* A body that is refused is still read as far as this: who sends hears no answer before the end. */
#define LARGEST_REFUSED_BODY (1024 * 1024)

static G_DEFINE_QUARK (ph - http - size, body_size)

static void
add_size (const char *name, const char *value, gpointer user_data)
{
  *(gsize *)user_data += strlen (name) + strlen (value);
}

/* libsoup reads a body to its end whatever status is set. */
static void
refuse_body (SoupServerMessage *message)
{
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  ph_request_reply_format (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE,
      "A request may carry at most %d bytes", LARGEST_BODY);
}

static void
on_headers (SoupServerMessage *message, gpointer user_data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  gsize size = 0;

  soup_message_headers_foreach (headers, add_size, &size);
  if (size > LARGEST_HEADERS)
    ph_request_reply_format (message, PH_STATUS_HEADERS_TOO_LARGE,
        "The headers of a request may have at most %d bytes", LARGEST_HEADERS);
  else if (soup_message_headers_get_content_length (headers) > LARGEST_BODY)
    refuse_body (message);
}

static void
on_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  GObject *object = G_OBJECT (message);
  GSocket *socket = ph_http_connection_get_socket (message);
  gsize before = GPOINTER_TO_SIZE (g_object_get_qdata (object, body_size_quark ()));
  gsize size = before + g_bytes_get_size (chunk);

  g_object_set_qdata (object, body_size_quark (), GSIZE_TO_POINTER (size));
  if (size > LARGEST_REFUSED_BODY && socket != NULL)
    ph_socket_reset_any (socket);
  else if (size > LARGEST_BODY && before <= LARGEST_BODY)
    refuse_body (message);
}

void
ph_http_size_watch (SoupServerMessage *message)
{
  g_signal_connect (message, "got-headers", G_CALLBACK (on_headers), NULL);
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_chunk), NULL);
}
