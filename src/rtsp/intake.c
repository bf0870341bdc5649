/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/intake.h"

#include "base/socket.h"

#include <linux/tcp.h> /* the C library's lacks tcpi_bytes_received */
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

/* A head of what players send has 500 bytes; a body, 16 KiB at most (rtsp/client.c). */
#define MAX_BYTES 32768

struct _PhRtspIntake {
  gint64 request_time; /* microseconds */

  /* under lock */
  GMutex lock;
  GSocket *socket; /* nullable */
  gint64 since; /* monotonic, microseconds: of what is not whole; 0: nothing */
  guint64 n_whole; /* bytes that had come with the last whole request */
};

/* 0: the kernel does not tell. */
static guint64
count_received (GSocket *socket)
{
  struct tcp_info info = { 0 };
  socklen_t length = sizeof info;

  if (socket == NULL || g_socket_is_closed (socket) ||
      getsockopt (g_socket_get_fd (socket), IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
    return 0;
  return info.tcpi_bytes_received;
}

PhRtspIntake *
ph_rtsp_intake_new (GSocket *socket, guint request_time_s, gint64 now)
{
  PhRtspIntake *self = g_atomic_rc_box_new0 (PhRtspIntake);

  g_mutex_init (&self->lock);
  self->request_time = request_time_s * G_TIME_SPAN_SECOND;
  self->socket = g_object_ref (socket);
  self->since = now;
  return self;
}

PhRtspIntake *
ph_rtsp_intake_ref_any (PhRtspIntake *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_intake (gpointer data)
{
  PhRtspIntake *self = data;

  g_clear_object (&self->socket);
  g_mutex_clear (&self->lock);
}

void
ph_rtsp_intake_unref_any (PhRtspIntake *self)
{
  g_atomic_rc_box_release_full (self, clear_intake);
}

void
ph_rtsp_intake_note_request_any (PhRtspIntake *self, GSocket *socket)
{
  g_mutex_lock (&self->lock);
  g_set_object (&self->socket, socket);
  self->n_whole = count_received (socket);
  self->since = 0;
  g_mutex_unlock (&self->lock);
}

void
ph_rtsp_intake_check_any (PhRtspIntake *self, gint64 now)
{
  guint64 n_received;

  g_mutex_lock (&self->lock);
  n_received = count_received (self->socket);
  if (self->since == 0 && n_received > self->n_whole)
    self->since = now;
  if (n_received > self->n_whole + MAX_BYTES ||
      (self->since != 0 && self->socket != NULL && now - self->since > self->request_time))
    ph_socket_reset_any (self->socket);
  g_mutex_unlock (&self->lock);
}
