/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "floor/viewer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_PACKETS 1024 /* IOV_MAX */
#define MAX_REQUEST 16384

FloorViewer *
floor_viewer_new (int fd)
{
  FloorViewer *self = g_new0 (FloorViewer, 1);

  self->fd = fd;
  self->request = g_string_new (NULL);
  return self;
}

void
floor_viewer_free (FloorViewer *self)
{
  close (self->fd);
  g_string_free (self->request, TRUE);
  g_clear_pointer (&self->unsent, g_byte_array_unref);
  g_free (self);
}

/* ---- requests ------------------------------------------------------------------------------- */

/* What follows name in request, up to the end of the line; free with g_free. */
static char *
dup_header (const char *request, const char *name)
{
  const char *found = strcasestr (request, name);

  if (found == NULL)
    return g_strdup ("");
  found += strlen (name);
  return g_strstrip (g_strndup (found, strcspn (found, "\r\n")));
}

static void
answer (FloorViewer *self, const char *request, const char *more, const char *body)
{
  g_autofree char *sequence = dup_header (request, "CSeq:");
  g_autofree char *text = g_strdup_printf ("RTSP/1.0 200 OK\r\nCSeq: %s\r\nSession: 1\r\n%s"
                                           "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
      sequence, more, strlen (body), body);

  send (self->fd, text, strlen (text), MSG_NOSIGNAL);
}

static void
answer_describe (FloorViewer *self, const char *request, const char *sdp)
{
  g_autofree char *url =
      g_strndup (request + strlen ("DESCRIBE "), strcspn (request + strlen ("DESCRIBE "), " "));
  g_autofree char *more =
      g_strdup_printf ("Content-Base: %s%s\r\nContent-Type: application/sdp\r\n", url,
          g_str_has_suffix (url, "/") ? "" : "/");

  answer (self, request, more, sdp);
}

static void
answer_setup (FloorViewer *self, const char *request, guint16 udp_port)
{
  g_autofree char *transport = dup_header (request, "Transport:");
  const char *port = strstr (transport, "client_port=");
  g_autofree char *more = NULL;
  socklen_t size = sizeof self->address;

  if (port == NULL) {
    self->way = FLOOR_WAY_TCP;
    more = g_strdup ("Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
  } else {
    self->way = FLOOR_WAY_UDP;
    getpeername (self->fd, (struct sockaddr *)&self->address, &size);
    self->address.sin_port = htons (atoi (port + strlen ("client_port=")));
    more =
        g_strdup_printf ("Transport: %s;server_port=%u-%u\r\n", transport, udp_port, udp_port + 1);
  }
  answer (self, request, more, "");
}

static void
handle (FloorViewer *self, const char *request, const char *sdp, guint16 udp_port)
{
  static const char mjpeg[] = "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; "
                              "boundary=floor\r\n\r\n";

  if (g_str_has_prefix (request, "GET ")) {
    send (self->fd, mjpeg, strlen (mjpeg), MSG_NOSIGNAL);
    self->way = FLOOR_WAY_MJPEG;
    self->is_playing = TRUE;
  } else if (g_str_has_prefix (request, "OPTIONS ")) {
    answer (self, request, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n", "");
  } else if (g_str_has_prefix (request, "DESCRIBE ")) {
    answer_describe (self, request, sdp);
  } else if (g_str_has_prefix (request, "SETUP ")) {
    answer_setup (self, request, udp_port);
  } else {
    answer (self, request, "", "");
    self->is_playing = g_str_has_prefix (request, "PLAY ") || self->is_playing;
  }
}

/* RTCP in the connection (RFC 2326, 10.12) is nothing to us. TRUE: something was taken. */
static gboolean
skip_interleaved (FloorViewer *self)
{
  const guint8 *data = (const guint8 *)self->request->str;
  gsize length;

  if (self->request->len < FLOOR_PREFIX || data[0] != '$')
    return FALSE;
  length = FLOOR_PREFIX + ((data[2] << 8) | data[3]);
  if (self->request->len < length)
    return FALSE;
  g_string_erase (self->request, 0, length);
  return TRUE;
}

static gboolean
handle_one (FloorViewer *self, const char *sdp, guint16 udp_port)
{
  const char *end = strstr (self->request->str, "\r\n\r\n");
  g_autofree char *request = NULL;

  if (end == NULL)
    return FALSE;
  request = g_strndup (self->request->str, end + 4 - self->request->str);
  g_string_erase (self->request, 0, strlen (request));
  handle (self, request, sdp, udp_port);
  return TRUE;
}

gboolean
floor_viewer_read (FloorViewer *self, const char *sdp, guint16 udp_port)
{
  char data[4096];
  gssize n = recv (self->fd, data, sizeof data, 0);

  if (n <= 0)
    return n < 0 && errno == EAGAIN;
  g_string_append_len (self->request, data, n);
  while (skip_interleaved (self) || handle_one (self, sdp, udp_port))
    ;
  return self->request->len < MAX_REQUEST;
}

/* ---- pictures ------------------------------------------------------------------------------- */

static void
keep_unsent (FloorViewer *self, const FloorUnit *unit, gsize n_sent)
{
  self->unsent = g_byte_array_sized_new (unit->size - n_sent);
  for (guint i = 0; i < unit->n_packets; i++) {
    gsize skipped = MIN (n_sent, unit->packets[i].iov_len);

    g_byte_array_append (self->unsent, (const guint8 *)unit->packets[i].iov_base + skipped,
        unit->packets[i].iov_len - skipped);
    n_sent -= skipped;
  }
}

static void
send_by_tcp (FloorViewer *self, const FloorUnit *unit)
{
  struct msghdr message = { .msg_iov = unit->packets,
    .msg_iovlen = MIN (unit->n_packets, MAX_PACKETS) };
  gssize n;

  if (self->unsent != NULL)
    return;
  n = sendmsg (self->fd, &message, MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN)
    self->is_playing = FALSE;
  else if (n >= 0 && (gsize)n < unit->size)
    keep_unsent (self, unit, n);
}

static void
send_by_udp (FloorViewer *self, const FloorUnit *unit, int udp_socket)
{
  static struct mmsghdr messages[MAX_PACKETS];
  static struct iovec vectors[MAX_PACKETS];
  guint n = MIN (unit->n_packets, MAX_PACKETS);

  for (guint i = 0; i < n; i++) {
    vectors[i] = (struct iovec){ (guint8 *)unit->packets[i].iov_base + FLOOR_PREFIX,
      unit->packets[i].iov_len - FLOOR_PREFIX };
    messages[i].msg_hdr = (struct msghdr){
      .msg_name = &self->address,
      .msg_namelen = sizeof self->address,
      .msg_iov = &vectors[i],
      .msg_iovlen = 1,
    };
  }
  sendmmsg (udp_socket, messages, n, 0);
}

void
floor_viewer_send (FloorViewer *self, const FloorUnit *unit, int udp_socket)
{
  self->has_keyframe |= unit->is_keyframe;
  if (!self->is_playing || !self->has_keyframe)
    return;
  if (self->way == FLOOR_WAY_UDP)
    send_by_udp (self, unit, udp_socket);
  else
    send_by_tcp (self, unit);
}

void
floor_viewer_flush (FloorViewer *self)
{
  gssize n;

  if (self->unsent == NULL)
    return;
  n = send (self->fd, self->unsent->data, self->unsent->len, MSG_NOSIGNAL);
  if (n > 0)
    g_byte_array_remove_range (self->unsent, 0, n);
  if (self->unsent->len == 0 || (n < 0 && errno != EAGAIN))
    g_clear_pointer (&self->unsent, g_byte_array_unref);
}
