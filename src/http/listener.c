/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/listener.h"

#define RETRY_S 1
/* Connections taken in one turn of the main loop, which has others to serve. */
#define MOST_AT_ONCE 32

struct _PhListener {
  GSocket *socket;
  PhListenerFunc accepted;
  gpointer user_data;
  GSource *source; /* NULL while it waits to try again */
  guint retry;
  gboolean is_told; /* that none can be taken */
};

static void watch (PhListener *self);

static gboolean
on_retry (gpointer user_data)
{
  PhListener *self = user_data;

  self->retry = 0;
  watch (self);
  return G_SOURCE_REMOVE;
}

static void
pause_listening (PhListener *self, const GError *error)
{
  if (!self->is_told)
    g_message ("no connection can be taken for now: %s", error->message);
  self->is_told = TRUE;
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  self->retry = g_timeout_add_seconds (RETRY_S, on_retry, self);
}

static gboolean
on_incoming (GSocket *listening, GIOCondition condition, gpointer user_data)
{
  PhListener *self = user_data;

  for (guint i = 0; i < MOST_AT_ONCE; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GSocket) socket = g_socket_accept (listening, NULL, &error);

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return G_SOURCE_CONTINUE;
    if (socket == NULL) {
      pause_listening (self, error);
      return G_SOURCE_REMOVE;
    }
    self->is_told = FALSE;
    self->accepted (socket, self->user_data);
  }
  return G_SOURCE_CONTINUE;
}

static void
watch (PhListener *self)
{
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_incoming), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

PhListener *
ph_listener_new (GSocket *socket, PhListenerFunc accepted, gpointer user_data)
{
  PhListener *self = g_new0 (PhListener, 1);

  self->socket = g_object_ref (socket);
  self->accepted = accepted;
  self->user_data = user_data;
  g_socket_set_blocking (socket, FALSE);
  watch (self);
  return self;
}

void
ph_listener_free (PhListener *self)
{
  g_clear_handle_id (&self->retry, g_source_remove);
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_object_unref (self->socket);
  g_free (self);
}
