/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/relisten.h"

#include <fcntl.h>
#include <unistd.h>

#define TICK_S 1

struct _PhRelisten {
  SoupServer *soup;
  GSocket *socket;
  SoupServerListenOptions options;
  guint timer;
  gboolean is_somebody_waiting; /* was, at the last tick */
};

static gboolean
is_a_descriptor_left (void)
{
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  if (fd == -1)
    return FALSE;
  close (fd);
  return TRUE;
}

/* Whoever waits for two ticks was passed over by the main loop that runs this. */
static gboolean
on_tick (gpointer user_data)
{
  PhRelisten *self = user_data;
  gboolean was_waiting = self->is_somebody_waiting;
  g_autoptr (GError) error = NULL;

  self->is_somebody_waiting =
      g_socket_condition_check (self->socket, G_IO_IN) != 0 && is_a_descriptor_left ();
  if (!was_waiting || !self->is_somebody_waiting)
    return G_SOURCE_CONTINUE;
  self->is_somebody_waiting = FALSE;
  g_message ("listening again, after no connection could be taken: raise the limit on open files");
  if (!soup_server_listen_socket (self->soup, self->socket, self->options, &error))
    g_warning ("cannot listen: %s", error->message);
  return G_SOURCE_CONTINUE;
}

/* Should libsoup listen on it twice after all, the one that comes too late must not block. */
PhRelisten *
ph_relisten_new (SoupServer *soup, GSocket *socket, SoupServerListenOptions options)
{
  PhRelisten *self = g_new0 (PhRelisten, 1);

  self->soup = soup;
  self->socket = g_object_ref (socket);
  self->options = options;
  g_socket_set_blocking (socket, FALSE);
  self->timer = g_timeout_add_seconds (TICK_S, on_tick, self);
  return self;
}

void
ph_relisten_free (PhRelisten *self)
{
  g_source_remove (self->timer);
  g_object_unref (self->socket);
  g_free (self);
}
