/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/wait.h"

#include "http/client.h"

struct _PhWait {
  SoupServerMessage *message;
  PhCamera *camera; /* nullable */
  PhClientWatch *client;
  gulong changed_handler;
  guint deadline_source;
  PhWaitOver over;
  gpointer user_data;
};

static void
stop_watching (PhWait *self)
{
  g_clear_handle_id (&self->deadline_source, g_source_remove);
  if (self->changed_handler != 0)
    g_signal_handler_disconnect (self->camera, self->changed_handler);
  self->changed_handler = 0;
  g_clear_pointer (&self->client, ph_client_watch_free);
}

void
ph_wait_give_up (PhWait *self)
{
  PhRequest request = { .message = self->message, .camera = self->camera };

  stop_watching (self);
  ph_request_reply_lost (&request);
  soup_server_message_unpause (self->message);
}

static gboolean
on_deadline (gpointer user_data)
{
  PhWait *self = user_data;

  self->deadline_source = 0;
  ph_wait_give_up (self);
  self->over (self->user_data);
  return G_SOURCE_REMOVE;
}

/* In the next turn of the main loop: the camera may be in the midst of what the owner of the wait
 * has asked of it. */
static void
on_camera_changed (PhCamera *camera, gpointer user_data)
{
  PhWait *self = user_data;

  if (!ph_camera_is_dark (camera))
    return;
  g_clear_handle_id (&self->deadline_source, g_source_remove);
  self->deadline_source = g_timeout_add (0, on_deadline, self);
}

static void
on_client_gone (gpointer user_data)
{
  PhWait *self = user_data;

  self->over (self->user_data);
}

PhWait *
ph_wait_new (PhRequest *request, guint deadline, PhWaitOver over, gpointer user_data)
{
  PhWait *self = g_new0 (PhWait, 1);
  gboolean is_dark = request->camera != NULL && ph_camera_is_dark (request->camera);

  self->message = g_object_ref (request->message);
  self->over = over;
  self->user_data = user_data;
  soup_server_message_pause (self->message);
  self->client = ph_client_watch_new (self->message, on_client_gone, self);
  self->deadline_source = g_timeout_add (is_dark ? 0 : deadline, on_deadline, self);
  if (request->camera != NULL) {
    self->camera = g_object_ref (request->camera);
    self->changed_handler =
        g_signal_connect (self->camera, "changed", G_CALLBACK (on_camera_changed), self);
  }
  return self;
}

void
ph_wait_free (PhWait *self)
{
  stop_watching (self);
  g_clear_object (&self->camera);
  g_object_unref (self->message);
  g_free (self);
}
