/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/waiting-message.h"

#include "http/client.h"

struct _PhWaitingMessage {
  SoupServerMessage *message;
  PhClientWatch *client;
  gboolean is_gone;
};

static void
on_client_gone (gpointer user_data)
{
  PhWaitingMessage *self = user_data;

  self->is_gone = TRUE;
}

PhWaitingMessage *
ph_waiting_message_new (SoupServerMessage *message)
{
  PhWaitingMessage *self = g_new0 (PhWaitingMessage, 1);

  self->message = g_object_ref (message);
  soup_server_message_pause (message);
  self->client = ph_client_watch_new (message, on_client_gone, self);
  return self;
}

SoupServerMessage *
ph_waiting_message_get (PhWaitingMessage *self)
{
  return self->message;
}

void
ph_waiting_message_free (PhWaitingMessage *self)
{
  ph_client_watch_free (self->client);
  if (!self->is_gone)
    soup_server_message_unpause (self->message);
  g_object_unref (self->message);
  g_free (self);
}
