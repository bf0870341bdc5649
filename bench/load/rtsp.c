/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An RTSP viewer (RFC 2326) of a stream's first track, over TCP or UDP. */
#include "load/rtp.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_DATAGRAMS 64
#define DATAGRAM_SIZE 2048
/* A second of the clip: for as long as the others take to be read from. */
#define RECEIVE_BUFFER (1024 * 1024)
#define MAX_PORT_TRIES 20

typedef enum { STEP_DESCRIBE, STEP_SETUP, STEP_PLAY, STEP_PLAYING } Step;

static const char *const methods[] = { "DESCRIBE", "SETUP", "PLAY" };

typedef struct {
  LoadViewer base;
  LoadRtp rtp;
  Step step;
  guint sequence; /* CSeq */
  char *challenge; /* the head of the 401 that was answered; NULL: nobody asked */
  char *base_url; /* of the session description */
  char *control; /* URL of the track */
  char *session;
  LoadSource datagrams;
  int rtp_fd, rtcp_fd; /* 0: none */
} Viewer;

/* ---- datagrams ------------------------------------------------------------------------------ */

static void
on_datagrams (LoadSource *source)
{
  static guint8 data[N_DATAGRAMS][DATAGRAM_SIZE];
  static struct iovec vectors[N_DATAGRAMS];
  static struct mmsghdr messages[N_DATAGRAMS];
  Viewer *self = (Viewer *)source->viewer;
  int n;

  for (guint i = 0; i < N_DATAGRAMS; i++) {
    vectors[i] = (struct iovec){ data[i], DATAGRAM_SIZE };
    messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &vectors[i], .msg_iovlen = 1 } };
  }
  n = recvmmsg (self->rtp_fd, messages, N_DATAGRAMS, MSG_DONTWAIT, NULL);
  for (int i = 0; i < n; i++) {
    self->base.n_bytes += messages[i].msg_len;
    load_rtp_take (&self->rtp, &self->base, data[i], messages[i].msg_len);
  }
}

static int
try_bind (sa_family_t family, guint16 port)
{
  struct sockaddr_storage address = { .ss_family = family };
  int fd = socket (family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int size = RECEIVE_BUFFER;

  ((struct sockaddr_in *)&address)->sin_port = htons (port); /* IPv6 has it there, too */
  if (setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) /* needs root */
    setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind (fd, (struct sockaddr *)&address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

static guint16
get_port (int fd)
{
  struct sockaddr_storage address;
  socklen_t size = sizeof address;

  getsockname (fd, (struct sockaddr *)&address, &size);
  return ntohs (((struct sockaddr_in *)&address)->sin_port);
}

/* An even port and the one above it. Returns 0 when there are none. */
static guint16
open_ports (Viewer *self)
{
  sa_family_t family = g_socket_address_get_family (self->base.task->server);
  struct epoll_event event = { EPOLLIN, { .ptr = &self->datagrams } };

  for (guint i = 0; i < MAX_PORT_TRIES; i++) {
    int fd = try_bind (family, 0);
    guint16 port = get_port (fd);

    if (port % 2 == 0 && (self->rtcp_fd = try_bind (family, port + 1)) > 0) {
      self->rtp_fd = fd;
      self->datagrams = (LoadSource){ on_datagrams, &self->base };
      epoll_ctl (self->base.task->epoll, EPOLL_CTL_ADD, fd, &event);
      return port;
    }
    close (fd);
  }
  return 0;
}

static char *
make_transport (Viewer *self)
{
  guint16 port;

  if (!self->base.task->is_udp)
    return g_strdup ("RTP/AVP/TCP;unicast;interleaved=0-1");
  port = open_ports (self);
  return g_strdup_printf ("RTP/AVP;unicast;client_port=%u-%u", port, port + 1);
}

/* ---- requests ------------------------------------------------------------------------------- */

static void
ask (Viewer *self)
{
  const LoadTask *task = self->base.task;
  const char *method = methods[self->step];
  const char *url = self->step == STEP_DESCRIBE ? task->url
                    : self->step == STEP_SETUP  ? self->control
                                                : self->base_url;
  g_autofree char *authorization =
      self->challenge != NULL ? load_auth_make_header (&task->login, self->challenge, method, url)
                              : NULL;
  g_autoptr (GString) request = g_string_new (NULL);

  g_string_append_printf (request, "%s %s RTSP/1.0\r\nCSeq: %u\r\nUser-Agent: porthole-load\r\n%s",
      method, url, ++self->sequence, authorization != NULL ? authorization : "");
  if (self->step == STEP_SETUP && self->session == NULL) {
    g_autofree char *transport = make_transport (self);

    g_string_append_printf (request, "Transport: %s\r\n", transport);
  }
  if (self->session != NULL)
    g_string_append_printf (request, "Session: %s\r\n", self->session);
  g_string_append (request, "\r\n");
  load_viewer_send (&self->base, request->str);
}

static void
on_connected (LoadViewer *viewer)
{
  ask ((Viewer *)viewer);
}

/* ---- answers -------------------------------------------------------------------------------- */

/* What follows name in a line of text; NULL: there is no such line. Free with g_free. */
static char *
dup_line (const char *text, const char *name)
{
  const char *found = text != NULL ? strcasestr (text, name) : NULL;

  if (found == NULL)
    return NULL;
  found += strlen (name);
  return g_strstrip (g_strndup (found, strcspn (found, "\r\n")));
}

static void
take_description (Viewer *self, const char *head, const char *body)
{
  const char *media = strstr (body, "m=video");
  g_autofree char *control = dup_line (media, "a=control:");
  char *base = dup_line (head, "Content-Base:");

  self->base_url = base != NULL ? base : g_strdup (self->base.task->url);
  if (control == NULL)
    load_viewer_fail (&self->base, "no video in the description");
  else if (strstr (control, "://") != NULL)
    self->control = g_steal_pointer (&control);
  else
    self->control = g_strconcat (
        self->base_url, g_str_has_suffix (self->base_url, "/") ? "" : "/", control, NULL);
}

static void
take_session (Viewer *self, const char *head)
{
  self->session = dup_line (head, "Session:");
  if (self->session != NULL)
    self->session[strcspn (self->session, ";")] = '\0';
}

/* Only what comes from there is let in: servers go on sending for a while to viewers that have
 * left, and the ports are given out anew. */
static void
take_transport (Viewer *self, const char *head)
{
  struct sockaddr_storage address;
  GSocketAddress *server = self->base.task->server;
  guint16 port = load_head_get_number (head, "server_port=", 0);

  if (self->rtp_fd == 0 || port == 0 ||
      !g_socket_address_to_native (server, &address, sizeof address, NULL))
    return;
  ((struct sockaddr_in *)&address)->sin_port = htons (port);
  if (connect (self->rtp_fd, (struct sockaddr *)&address,
          g_socket_address_get_native_size (server)) != 0)
    load_viewer_fail (&self->base, "cannot connect to the server's UDP port");
}

static gboolean
try_log_in (Viewer *self, const char *head)
{
  if (self->challenge != NULL || self->base.task->login.user == NULL)
    return FALSE;
  self->challenge = g_strdup (head);
  ask (self);
  return TRUE;
}

static void
take_setup (Viewer *self, const char *head)
{
  take_session (self, head);
  take_transport (self, head);
}

static void
take_answer (Viewer *self, const char *head, const char *body)
{
  gint64 status = load_head_get_number (head, "RTSP/1.0", 0);

  if (self->step == STEP_PLAYING || (status == 401 && try_log_in (self, head)))
    return;
  if (status != 200) {
    load_viewer_fail (&self->base, "the server refused");
    return;
  }
  if (self->step == STEP_DESCRIBE)
    take_description (self, head, body);
  else if (self->step == STEP_SETUP)
    take_setup (self, head);
  if (++self->step == STEP_PLAYING)
    load_viewer_note_playing (&self->base);
  else if (self->base.failure == NULL)
    ask (self);
}

static gsize
take_message (Viewer *self, const guint8 *data, gsize size)
{
  gsize length = load_find_head (data, size);
  g_autofree char *head = length > 0 ? g_strndup ((const char *)data, length) : NULL;
  gsize n_body = head != NULL ? load_head_get_number (head, "Content-Length:", 0) : 0;
  g_autofree char *body = NULL;

  if (head == NULL || length + n_body > size)
    return 0;
  body = g_strndup ((const char *)data + length, n_body);
  if (g_str_has_prefix (head, "RTSP/"))
    take_answer (self, head, body);
  return length + n_body;
}

static gsize
take (LoadViewer *viewer, const guint8 *data, gsize size)
{
  Viewer *self = (Viewer *)viewer;
  gsize length;

  if (data[0] != '$')
    return take_message (self, data, size);
  if (size < 4)
    return 0;
  length = 4 + ((data[2] << 8) | data[3]);
  if (size < length)
    return 0;
  if (data[1] == 0)
    load_rtp_take (&self->rtp, viewer, data + 4, length - 4);
  return length;
}

static void
clear (LoadViewer *viewer)
{
  Viewer *self = (Viewer *)viewer;

  g_free (self->challenge);
  g_free (self->base_url);
  g_free (self->control);
  g_free (self->session);
  if (self->rtp_fd > 0) {
    close (self->rtp_fd);
    close (self->rtcp_fd);
  }
}

const LoadKind load_kind_rtsp = {
  .name = "rtsp", .size = sizeof (Viewer), .connected = on_connected, .take = take, .clear = clear
};
