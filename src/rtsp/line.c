/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/line.h"

#include <errno.h>
#include <sys/socket.h>

struct _PhRtspLine {
  GMutex lock;
  GstRTSPWatch *watch; /* NULL once closed */
  GSocket *socket; /* NULL: everything goes by the watch */
  guint waiting; /* the last the watch has not sent yet; 0: nothing */
};

PhRtspLine *
ph_rtsp_line_new (GstRTSPWatch *watch)
{
  PhRtspLine *self = g_atomic_rc_box_new0 (PhRtspLine);

  g_mutex_init (&self->lock);
  self->watch = (GstRTSPWatch *)g_source_ref ((GSource *)watch);
  return self;
}

PhRtspLine *
ph_rtsp_line_ref_any (PhRtspLine *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_line (gpointer data)
{
  PhRtspLine *self = data;

  ph_rtsp_line_close_any (self);
  g_mutex_clear (&self->lock);
}

void
ph_rtsp_line_unref_any (PhRtspLine *self)
{
  g_atomic_rc_box_release_full (self, clear_line);
}

void
ph_rtsp_line_use_socket_any (PhRtspLine *self, GSocket *socket)
{
  g_mutex_lock (&self->lock);
  if (self->watch != NULL)
    g_set_object (&self->socket, socket);
  g_mutex_unlock (&self->lock);
}

/* Under the lock, and while nothing waits in the watch. FALSE: the connection is gone. */
static gboolean
send_directly (PhRtspLine *self, const guint8 *data, gsize size, gsize *n_sent)
{
  gssize n = send (g_socket_get_fd (self->socket), data, size, MSG_DONTWAIT | MSG_NOSIGNAL);

  *n_sent = MAX (n, 0);
  return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* Under the lock. */
static gboolean
hand_to_watch (PhRtspLine *self, const guint8 *data, gsize size, guint *waiting)
{
  guint8 *copy = g_memdup2 (data, size); /* the watch's own from here on */

  if (gst_rtsp_watch_write_data (self->watch, copy, size, waiting) != GST_RTSP_OK)
    return FALSE;
  if (*waiting != 0)
    self->waiting = *waiting;
  return TRUE;
}

gboolean
ph_rtsp_line_send_any (PhRtspLine *self, const guint8 *data, gsize size, guint *waiting)
{
  gboolean is_alive;
  gsize n_sent = 0;

  *waiting = 0;
  g_mutex_lock (&self->lock);
  is_alive = self->watch != NULL;
  if (is_alive && self->socket != NULL && self->waiting == 0)
    is_alive = send_directly (self, data, size, &n_sent);
  if (is_alive && n_sent < size)
    is_alive = hand_to_watch (self, data + n_sent, size - n_sent, waiting);
  g_mutex_unlock (&self->lock);
  return is_alive;
}

gboolean
ph_rtsp_line_answer_any (PhRtspLine *self, GstRTSPMessage *messages, guint n_messages)
{
  gboolean is_alive;
  guint waiting = 0;

  g_mutex_lock (&self->lock);
  is_alive = self->watch != NULL && gst_rtsp_watch_send_messages (
                                        self->watch, messages, n_messages, &waiting) == GST_RTSP_OK;
  if (is_alive && waiting != 0)
    self->waiting = waiting;
  g_mutex_unlock (&self->lock);
  return is_alive;
}

void
ph_rtsp_line_note_sent_on_rtsp (PhRtspLine *self, guint id)
{
  g_mutex_lock (&self->lock);
  if (self->waiting == id)
    self->waiting = 0;
  g_mutex_unlock (&self->lock);
}

void
ph_rtsp_line_close_any (PhRtspLine *self)
{
  g_autoptr (GSocket) socket = NULL;
  GstRTSPWatch *watch;

  g_mutex_lock (&self->lock);
  watch = g_steal_pointer (&self->watch);
  socket = g_steal_pointer (&self->socket);
  g_mutex_unlock (&self->lock);
  if (watch != NULL)
    gst_rtsp_watch_unref (watch);
}
