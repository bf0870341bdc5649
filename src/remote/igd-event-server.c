/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/igd-event-server.h"

#include "base/socket.h"

#include <libsoup/soup.h>
#include <sys/random.h>

#define MAX_CONNECTIONS 4
#define CONNECTION_S 5
#define MAX_BODY 16384
/* Connections taken in one turn of the main loop. */
#define MOST_AT_ONCE 8
#define PAUSE_S 1
#define PATH_BYTES 16

struct _PhIgdEventServer {
  PhGateway *gateway;
  PhIgdEventCame came;
  gpointer user_data;
  GSocket *socket;
  GSource *source; /* NULL while it waits to try again */
  guint pause;
  SoupServer *server;
  GPtrArray *connections; /* element-type Connection, unowned */
  char *path;
  char *url;
};

/* Owned by the stream that libsoup reads. */
typedef struct {
  PhIgdEventServer *owner; /* NULL: it is gone */
  GSocket *socket;
  guint timer;
} Connection;

static G_DEFINE_QUARK (ph - igd - event - size, size)
static G_DEFINE_QUARK (ph - igd - event - socket, socket)

static void
connection_free (gpointer user_data)
{
  Connection *self = user_data;

  if (self->owner != NULL)
    g_ptr_array_remove_fast (self->owner->connections, self);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_object_unref (self->socket);
  g_free (self);
}

/* ---- requests -------------------------------------------------------------------------------- */

/* Notes that size bytes of the body are there, or will be. libsoup hands on the address that it was
 * given, but not the socket. */
static void
note_size (SoupServerMessage *message, guint64 size)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);

  g_object_set_qdata (
      G_OBJECT (message), size_quark (), GSIZE_TO_POINTER (MIN (size, MAX_BODY + 1)));
  if (size <= MAX_BODY)
    return;
  g_debug ("UPnP: an event is too long");
  ph_socket_reset_any (g_object_get_qdata (G_OBJECT (remote), socket_quark ()));
}

static gsize
get_size (SoupServerMessage *message)
{
  return GPOINTER_TO_SIZE (g_object_get_qdata (G_OBJECT (message), size_quark ()));
}

static void
on_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  if (get_size (message) <= MAX_BODY)
    note_size (message, get_size (message) + g_bytes_get_size (chunk));
}

/* Called once the head is there. */
static void
bound (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer user_data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED)
    g_signal_connect (message, "got-chunk", G_CALLBACK (on_chunk), NULL);
  else
    note_size (message, MAX (0, soup_message_headers_get_content_length (headers)));
}

static guint
judge (PhIgdEventServer *self, SoupServerMessage *message, const char *path)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *sid = soup_message_headers_get_one (headers, "SID");

  if (get_size (message) > MAX_BODY)
    return SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE;
  if (!g_str_equal (path, self->path))
    return SOUP_STATUS_NOT_FOUND;
  if (!g_str_equal (soup_server_message_get_method (message), "NOTIFY"))
    return SOUP_STATUS_METHOD_NOT_ALLOWED;
  return sid != NULL && self->came (sid, self->user_data) ? SOUP_STATUS_OK
                                                          : SOUP_STATUS_PRECONDITION_FAILED;
}

/* Called once the body is there, too. Before 3.3.0 libsoup never closes its end of a connection
 * that was kept and that the client has closed: so none is kept. */
static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer user_data)
{
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Connection", "close");
  soup_server_message_set_status (message, judge (user_data, message, path), NULL);
}

/* ---- connections ----------------------------------------------------------------------------- */

static gboolean
on_connection_over (gpointer user_data)
{
  Connection *self = user_data;

  self->timer = 0;
  ph_socket_reset_any (self->socket);
  return G_SOURCE_REMOVE;
}

static void
take (PhIgdEventServer *self, GSocket *socket, GSocketAddress *remote)
{
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (socket, NULL);
  Connection *connection = g_new0 (Connection, 1);

  connection->owner = self;
  connection->socket = g_object_ref (socket);
  connection->timer = g_timeout_add_seconds (CONNECTION_S, on_connection_over, connection);
  g_ptr_array_add (self->connections, connection);
  g_object_set_data_full (G_OBJECT (stream), "porthole-connection", connection, connection_free);
  g_object_set_qdata_full (
      G_OBJECT (remote), socket_quark (), g_object_ref (socket), g_object_unref);
  soup_server_accept_iostream (self->server, G_IO_STREAM (stream), local, remote, NULL);
}

static void
maybe_take (PhIgdEventServer *self, GSocket *socket)
{
  g_autoptr (GSocketAddress) remote = g_socket_get_remote_address (socket, NULL);
  g_autofree char *text = NULL;

  if (remote == NULL) /* gone already */
    return;
  if (ph_gateway_is_router (self->gateway, remote) && self->connections->len < MAX_CONNECTIONS) {
    take (self, socket, remote);
    return;
  }
  text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (remote));
  g_debug ("UPnP: %s is not let in to send events", text);
}

static void watch (PhIgdEventServer *self);

static gboolean
on_pause_over (gpointer user_data)
{
  PhIgdEventServer *self = user_data;

  self->pause = 0;
  watch (self);
  return G_SOURCE_REMOVE;
}

/* Without a free descriptor, whoever waits would wake the main loop again and again. */
static gboolean
pause_listening (PhIgdEventServer *self, const GError *error)
{
  g_debug ("UPnP: no event can be taken for now: %s", error->message);
  g_clear_pointer (&self->source, g_source_unref);
  self->pause = g_timeout_add_seconds (PAUSE_S, on_pause_over, self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_incoming (GSocket *listening, GIOCondition condition, gpointer user_data)
{
  PhIgdEventServer *self = user_data;

  for (guint i = 0; i < MOST_AT_ONCE; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GSocket) socket = g_socket_accept (listening, NULL, &error);

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return G_SOURCE_CONTINUE;
    if (socket == NULL)
      return pause_listening (self, error);
    maybe_take (self, socket);
  }
  return G_SOURCE_CONTINUE;
}

static void
watch (PhIgdEventServer *self)
{
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_incoming), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

/* ---- from start to end ----------------------------------------------------------------------- */

static GSocket *
open_socket (const PhGateway *gateway, GError **error)
{
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new (gateway->self, 0);
  g_autoptr (GSocket) socket =
      g_socket_new (gateway->family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL)
    return NULL;
  g_socket_set_listen_backlog (socket, MOST_AT_ONCE);
  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_bind (socket, local, FALSE, error) || !g_socket_listen (socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}

static char *
make_path (void)
{
  guint8 bytes[PATH_BYTES];
  g_autoptr (GString) path = g_string_new ("/");

  if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    return NULL;
  for (guint i = 0; i < sizeof bytes; i++)
    g_string_append_printf (path, "%02x", bytes[i]);
  return g_string_free (g_steal_pointer (&path), FALSE);
}

PhIgdEventServer *
ph_igd_event_server_new (
    const PhGateway *gateway, PhIgdEventCame came, gpointer user_data, GError **error)
{
  g_autoptr (GSocket) socket = open_socket (gateway, error);
  g_autoptr (GSocketAddress) local =
      socket != NULL ? g_socket_get_local_address (socket, error) : NULL;
  g_autofree char *host = g_inet_address_to_string (gateway->self);
  g_autofree char *path = make_path ();
  PhIgdEventServer *self = NULL;

  if (local == NULL)
    return NULL;
  if (path == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the system has no random numbers");
    return NULL;
  }
  self = g_new0 (PhIgdEventServer, 1);
  self->gateway = ph_gateway_copy (gateway);
  self->came = came;
  self->user_data = user_data;
  self->socket = g_steal_pointer (&socket);
  self->connections = g_ptr_array_new ();
  self->path = g_steal_pointer (&path);
  self->url = g_strdup_printf ("http://%s:%u%s", host,
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local)), self->path);
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_early_handler (self->server, NULL, bound, self, NULL);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  watch (self);
  return self;
}

void
ph_igd_event_server_free (PhIgdEventServer *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_handle_id (&self->pause, g_source_remove);
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  for (guint i = 0; i < self->connections->len; i++) {
    Connection *connection = g_ptr_array_index (self->connections, i);

    connection->owner = NULL;
    ph_socket_reset_any (connection->socket);
  }
  g_ptr_array_unref (self->connections);
  g_object_unref (self->socket);
  ph_gateway_free (self->gateway);
  g_free (self->path);
  g_free (self->url);
  g_free (self);
}

const char *
ph_igd_event_server_get_url (PhIgdEventServer *self)
{
  return self->url;
}
