/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/ongoing.h"

#include "http/connection.h"

#define ASK_SECONDS 1

struct _PhOngoing {
  PhOngoingFunc may_go_on;
  gpointer user_data;
  GHashTable *requests; /* Request to itself */
  guint source; /* 0 while there are none */
};

typedef struct {
  PhOngoingRequest facts;
  PhOngoing *owner;
} Request;

static void
free_request (gpointer data)
{
  Request *request = data;

  g_signal_handlers_disconnect_by_data (request->facts.message, request);
  g_object_unref (request->facts.message);
  g_free (request->facts.camera);
  g_clear_pointer (&request->facts.users, ph_users_unref_any);
  g_free (request);
}

PhOngoing *
ph_ongoing_new (PhOngoingFunc may_go_on, gpointer user_data)
{
  PhOngoing *self = g_new0 (PhOngoing, 1);

  self->may_go_on = may_go_on;
  self->user_data = user_data;
  self->requests = g_hash_table_new_full (NULL, NULL, free_request, NULL);
  return self;
}

void
ph_ongoing_free (PhOngoing *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_hash_table_unref (self->requests);
  g_free (self);
}

static gboolean
on_time_to_ask (gpointer user_data)
{
  PhOngoing *self = user_data;

  ph_ongoing_ask_again (self);
  if (g_hash_table_size (self->requests) > 0)
    return G_SOURCE_CONTINUE;
  self->source = 0;
  return G_SOURCE_REMOVE;
}

static void
on_message_over (SoupServerMessage *message, gpointer user_data)
{
  Request *request = user_data;

  g_hash_table_remove (request->owner->requests, request);
}

void
ph_ongoing_add (PhOngoing *self, SoupServerMessage *message, PhPermission permission,
    const char *camera, PhUsers *users)
{
  Request *request = g_new0 (Request, 1);

  request->facts = (PhOngoingRequest){
    .message = g_object_ref (message),
    .permission = permission,
    .camera = g_strdup (camera),
    .users = users != NULL ? ph_users_ref_any (users) : NULL,
  };
  request->owner = self;
  g_hash_table_add (self->requests, request);
  g_signal_connect (message, "finished", G_CALLBACK (on_message_over), request);
  g_signal_connect (message, "disconnected", G_CALLBACK (on_message_over), request);
  if (self->source == 0)
    self->source = g_timeout_add_seconds (ASK_SECONDS, on_time_to_ask, self);
}

/* With the socket shut, whatever libsoup does next on it fails, and the watch of a paused answer
 * (client.h) hears of it. */
static void
close_connection (SoupServerMessage *message)
{
  GSocket *socket = ph_http_connection_get_socket (message);

  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

void
ph_ongoing_ask_again (PhOngoing *self)
{
  GHashTableIter iter;
  Request *request;

  g_hash_table_iter_init (&iter, self->requests);
  while (g_hash_table_iter_next (&iter, (gpointer *)&request, NULL)) {
    if (self->may_go_on (&request->facts, self->user_data))
      continue;
    close_connection (request->facts.message);
    g_hash_table_iter_remove (&iter);
  }
}
