/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/client.h"

#include "http/connection.h"

#include <glib-unix.h>
#include <poll.h>

struct _PhClientWatch {
  SoupServerMessage *message;
  guint hang_up_source;
  PhClientGone gone; /* NULL once called */
  gpointer user_data;
};

static void
call_gone (PhClientWatch *self)
{
  PhClientGone gone = g_steal_pointer (&self->gone);

  if (gone != NULL)
    gone (self->user_data);
}

static void
on_message_over (SoupServerMessage *message, gpointer user_data)
{
  call_gone (user_data);
}

/* With the socket shut, whatever libsoup does next on it fails, and the failure ends the request.
 */
static void
end_message (SoupServerMessage *message)
{
  GSocket *socket = ph_http_connection_get_socket (message);

  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
  if (soup_server_message_get_status (message) == 0)
    soup_server_message_set_status (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
  soup_message_body_complete (soup_server_message_get_response_body (message));
  soup_server_message_unpause (message);
}

static gboolean
on_hang_up (int fd, GIOCondition condition, gpointer user_data)
{
  PhClientWatch *self = user_data;
  g_autoptr (SoupServerMessage) message = g_object_ref (self->message);

  self->hang_up_source = 0;
  g_signal_handlers_disconnect_by_data (message, self);
  end_message (message);
  call_gone (self);
  return G_SOURCE_REMOVE;
}

/* POLLRDHUP is Linux's word for "the other side sends no more"; GLib hands conditions to poll() as
 * they are. POLLIN would also fire for a next request that is already on its way. */
PhClientWatch *
ph_client_watch_new (SoupServerMessage *message, PhClientGone gone, gpointer user_data)
{
  PhClientWatch *self = g_new0 (PhClientWatch, 1);
  GSocket *socket = ph_http_connection_get_socket (message);

  self->message = g_object_ref (message);
  self->gone = gone;
  self->user_data = user_data;
  g_signal_connect (message, "finished", G_CALLBACK (on_message_over), self);
  g_signal_connect (message, "disconnected", G_CALLBACK (on_message_over), self);
  if (socket != NULL)
    self->hang_up_source = g_unix_fd_add (
        g_socket_get_fd (socket), (GIOCondition)POLLRDHUP | G_IO_HUP | G_IO_ERR, on_hang_up, self);
  return self;
}

void
ph_client_watch_free (PhClientWatch *self)
{
  g_clear_handle_id (&self->hang_up_source, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->message, self);
  g_object_unref (self->message);
  g_free (self);
}
