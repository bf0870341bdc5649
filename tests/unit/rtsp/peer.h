/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A raw RTSP client for tests (RFC 2326), that can do what a good one does not. It blocks, each
 * step for PEER_TIMEOUT seconds at most, so it runs in a thread of its own beside the main loop. */
#pragma once

#include "common/loop.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>

#define PEER_TIMEOUT 8

typedef struct {
  GSocket *socket;
  GSocket *udp; /* RTP; NULL over TCP */
  GByteArray *buffer;
  char *url;
  char *session; /* nullable */
  char *headers; /* of the last answer */
  char *body; /* of the last answer */
  guint16 last_sequence;
  gboolean has_sequence;
  guint n_lost;
} Peer;

typedef struct {
  gint64 time; /* monotonic, microseconds, of its last packet */
  guint32 rtp_time;
  gboolean is_keyframe; /* it has an IDR slice */
  gboolean has_parameter_sets;
} PeerUnit;

/* receive_buffer: bytes; 0: as the system has it. */
static inline Peer *
peer_new (guint port, const char *path, int receive_buffer)
{
  Peer *self = g_new0 (Peer, 1);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", port);

  self->url = g_strdup_printf ("rtsp://127.0.0.1:%u%s", port, path);
  self->buffer = g_byte_array_new ();
  self->socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_socket_set_timeout (self->socket, PEER_TIMEOUT);
  if (receive_buffer != 0)
    g_socket_set_option (self->socket, SOL_SOCKET, SO_RCVBUF, receive_buffer, NULL);
  g_assert_true (g_socket_connect (self->socket, address, NULL, NULL));
  return self;
}

/* The connection just ends, as when a process is killed. */
static inline void
peer_free (Peer *self)
{
  g_clear_object (&self->socket);
  g_clear_object (&self->udp);
  g_byte_array_unref (self->buffer);
  g_free (self->url);
  g_free (self->session);
  g_free (self->headers);
  g_free (self->body);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Peer, peer_free)

static inline gboolean
peer_fill (Peer *self, gsize size)
{
  while (self->buffer->len < size) {
    char data[16384];
    gssize n_read = g_socket_receive (self->socket, data, sizeof data, NULL, NULL);

    if (n_read <= 0)
      return FALSE;
    g_byte_array_append (self->buffer, (guint8 *)data, n_read);
  }
  return TRUE;
}

static inline void
peer_send (Peer *self, const char *method, const char *url, const char *headers)
{
  static int sequence;
  g_autofree char *session =
      self->session != NULL ? g_strdup_printf ("Session: %s\r\n", self->session) : g_strdup ("");
  g_autofree char *request = g_strdup_printf ("%s %s RTSP/1.0\r\nCSeq: %d\r\n%s%s\r\n", method, url,
      g_atomic_int_add (&sequence, 1), session, headers);

  g_socket_send (self->socket, request, strlen (request), NULL, NULL);
}

/* channel -1: an answer begins. FALSE: nothing came, or it is closed. */
static inline gboolean
peer_peek_frame (Peer *self, int *channel, gsize *size)
{
  if (!peer_fill (self, 4))
    return FALSE;
  *channel = -1;
  if (self->buffer->data[0] != '$')
    return TRUE;
  *channel = self->buffer->data[1];
  *size = 4 + (self->buffer->data[2] << 8 | self->buffer->data[3]);
  return peer_fill (self, *size);
}

static inline char *
peer_take_text (Peer *self, gsize size)
{
  char *text = g_strndup ((char *)self->buffer->data, size);

  g_byte_array_remove_range (self->buffer, 0, size);
  return text;
}

static inline guint
peer_read_answer_here (Peer *self)
{
  gsize size = 4;
  const char *found;

  while (memcmp (self->buffer->data + size - 4, "\r\n\r\n", 4) != 0)
    if (!peer_fill (self, ++size))
      return 0;
  g_free (self->headers);
  self->headers = peer_take_text (self, size);
  g_clear_pointer (&self->body, g_free);
  found = strstr (self->headers, "Content-Length: ");
  if (found != NULL) {
    gsize length = atoi (found + strlen ("Content-Length: "));

    if (!peer_fill (self, length))
      return 0;
    self->body = peer_take_text (self, length);
  }
  return atoi (self->headers + strlen ("RTSP/1.0 "));
}

/* Its status; pictures in between are thrown away. 0: none came. */
static inline guint
peer_read_answer (Peer *self)
{
  int channel;
  gsize size;

  while (peer_peek_frame (self, &channel, &size)) {
    if (channel == -1)
      return peer_read_answer_here (self);
    g_byte_array_remove_range (self->buffer, 0, size);
  }
  return 0;
}

static inline guint
peer_request (Peer *self, const char *method, const char *headers)
{
  peer_send (self, method, self->url, headers);
  return peer_read_answer (self);
}

static inline guint
peer_setup (Peer *self, const char *transport)
{
  g_autofree char *control = g_strconcat (self->url, "/stream=0", NULL);
  g_autofree char *header = g_strdup_printf ("Transport: %s\r\n", transport);
  guint status;
  const char *found;

  peer_send (self, "SETUP", control, header);
  status = peer_read_answer (self);
  found = status == 200 ? strstr (self->headers, "Session: ") : NULL;
  if (found != NULL) {
    g_free (self->session);
    self->session = g_strndup (found + 9, strcspn (found + 9, ";\r"));
  }
  return status;
}

/* Where nobody waits for whoever does not read: some seconds of pictures. Beyond what the system
 * allows everybody it takes root. */
static inline void
peer_enlarge_buffer (GSocket *socket)
{
  const int size = 8 * 1024 * 1024;

  if (!g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUFFORCE, size, NULL))
    g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, size, NULL);
}

static inline guint
peer_setup_udp (Peer *self)
{
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) own = NULL;
  g_autofree char *transport = NULL;
  guint port;

  self->udp =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_socket_set_timeout (self->udp, PEER_TIMEOUT);
  peer_enlarge_buffer (self->udp);
  g_socket_bind (self->udp, any, FALSE, NULL);
  own = g_socket_get_local_address (self->udp, NULL);
  port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (own));
  transport = g_strdup_printf ("RTP/AVP;unicast;client_port=%u-%u", port, port + 1);
  return peer_setup (self, transport);
}

/* DESCRIBE, SETUP over TCP, PLAY. */
static inline void
peer_start (Peer *self)
{
  g_assert_cmpuint (peer_request (self, "DESCRIBE", ""), ==, 200);
  g_assert_cmpuint (peer_setup (self, "RTP/AVP/TCP;unicast;interleaved=0-1"), ==, 200);
  g_assert_cmpuint (peer_request (self, "PLAY", ""), ==, 200);
}

/* An RTP packet, into data; its size; 0: nothing came. */
static inline gsize
peer_read_packet (Peer *self, guint8 *data, gsize capacity)
{
  int channel;
  gsize size;

  if (self->udp != NULL) {
    gssize n_read = g_socket_receive (self->udp, (char *)data, capacity, NULL, NULL);

    return MAX (n_read, 0);
  }
  while (peer_peek_frame (self, &channel, &size)) {
    gboolean is_rtp = channel == 0 && size - 4 <= capacity;

    if (channel == -1) {
      peer_read_answer_here (self);
      continue;
    }
    if (is_rtp)
      memcpy (data, self->buffer->data + 4, size - 4);
    g_byte_array_remove_range (self->buffer, 0, size);
    if (is_rtp)
      return size - 4;
  }
  return 0;
}

static inline void
peer_note_nal (PeerUnit *unit, const guint8 *payload)
{
  guint type = payload[0] & 0x1f;

  if (type == 28) /* FU-A, RFC 6184 5.8 */
    type = payload[1] & 0x1f;
  unit->is_keyframe |= type == 5;
  unit->has_parameter_sets |= type == 7;
}

/* FALSE: nothing more comes. */
static inline gboolean
peer_read_unit (Peer *self, PeerUnit *unit)
{
  *unit = (PeerUnit){ 0 };
  for (;;) {
    guint8 data[2048];
    gsize size = peer_read_packet (self, data, sizeof data);
    guint16 sequence = data[2] << 8 | data[3];

    if (size < 14)
      return FALSE;
    if (self->has_sequence)
      self->n_lost += (guint16)(sequence - self->last_sequence - 1);
    self->last_sequence = sequence;
    self->has_sequence = TRUE;
    peer_note_nal (unit, data + 12);
    unit->rtp_time = (guint32)data[4] << 24 | data[5] << 16 | data[6] << 8 | data[7];
    unit->time = g_get_monotonic_time ();
    if ((data[1] & 0x80) != 0)
      return TRUE;
  }
}

/* ---- threads -------------------------------------------------------------------------------- */

typedef struct {
  GThreadFunc func;
  gpointer data;
  int is_done;
} PeerTask;

static inline gpointer
peer_run_task (gpointer data)
{
  PeerTask *task = data;

  task->func (task->data);
  g_atomic_int_set (&task->is_done, TRUE);
  return NULL;
}

static inline gboolean
peer_is_task_done (gpointer data)
{
  return g_atomic_int_get (&((PeerTask *)data)->is_done);
}

/* Runs func in a thread and the main loop until it is done. */
static inline void
peer_run (GThreadFunc func, gpointer data)
{
  PeerTask task = { func, data, FALSE };
  GThread *thread = g_thread_new ("peer", peer_run_task, &task);

  g_assert_true (test_run_until (peer_is_task_done, &task, 30));
  g_thread_join (thread);
}
