/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* porthole-floor: the least a server can do. It plays a clip whose packets were made before, over
 * and over, to whoever asks, by RTSP or as MJPEG by HTTP: one system call per viewer and picture,
 * no access control, no bound on anything. What others take is measured against it, and it feeds
 * them. One thread; 127.0.0.1 only. */
#include "floor/viewer.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MAX_EVENTS 256
#define UDP_SEND_BUFFER (4 * 1024 * 1024)

typedef struct {
  FloorClip *rtp; /* nullable */
  FloorClip *jpeg; /* nullable */
  char *sdp;
  int listener, udp, epoll;
  guint16 port; /* of TCP and UDP */
  GPtrArray *viewers; /* element-type FloorViewer */
} Floor;

/* What epoll says is ready: the listener (NULL), a clip or a viewer. */
typedef struct {
  enum { TIMER, VIEWER } what;
  int fd;
  FloorClip *clip;
  FloorViewer *viewer;
} Event;

static void
watch (Floor *self, int fd, Event *event)
{
  struct epoll_event wanted = { EPOLLIN | EPOLLOUT | EPOLLET, { .ptr = event } };

  epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &wanted);
}

static void
on_connection (Floor *self)
{
  int fd;

  while ((fd = accept4 (self->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    Event *event = g_new0 (Event, 1);

    event->what = VIEWER;
    event->fd = fd;
    event->viewer = floor_viewer_new (fd);
    g_ptr_array_add (self->viewers, event->viewer);
    watch (self, fd, event);
  }
}

static void
on_tick (Floor *self, Event *event)
{
  guint64 n_ticks;
  const FloorUnit *unit;

  if (read (event->fd, &n_ticks, sizeof n_ticks) != sizeof n_ticks)
    return;
  for (; n_ticks > 0; n_ticks--) {
    unit = floor_clip_next (event->clip);
    for (guint i = 0; i < self->viewers->len; i++) {
      FloorViewer *viewer = g_ptr_array_index (self->viewers, i);

      if ((viewer->way == FLOOR_WAY_MJPEG) == (event->clip == self->jpeg))
        floor_viewer_send (viewer, unit, self->udp);
    }
  }
}

static void
on_viewer (Floor *self, Event *event)
{
  floor_viewer_flush (event->viewer);
  if (floor_viewer_read (event->viewer, self->sdp, self->port))
    return;
  g_ptr_array_remove_fast (self->viewers, event->viewer);
  floor_viewer_free (event->viewer);
  g_free (event);
}

static void
start_clip (Floor *self, FloorClip *clip)
{
  struct itimerspec times = { 0 };
  Event *event = g_new0 (Event, 1);

  event->what = TIMER;
  event->fd = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  event->clip = clip;
  times.it_interval.tv_nsec = 1e9 / clip->framerate;
  times.it_value = times.it_interval;
  timerfd_settime (event->fd, 0, &times, NULL);
  watch (self, event->fd, event);
}

static void
run (Floor *self)
{
  struct epoll_event events[MAX_EVENTS];

  for (;;) {
    int n = epoll_wait (self->epoll, events, MAX_EVENTS, -1);

    for (int i = 0; i < n; i++) {
      Event *event = events[i].data.ptr;

      if (event == NULL)
        on_connection (self);
      else if (event->what == TIMER)
        on_tick (self, event);
      else
        on_viewer (self, event);
    }
  }
}

/* ---- the start ------------------------------------------------------------------------------ */

static int
open_socket (int type, guint16 port)
{
  struct sockaddr_in address = { AF_INET, htons (port), { htonl (INADDR_LOOPBACK) } };
  int fd = socket (AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int yes = 1, size = UDP_SEND_BUFFER;

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (type == SOCK_DGRAM)
    setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (bind (fd, (struct sockaddr *)&address, sizeof address) == 0 &&
      (type == SOCK_DGRAM || listen (fd, SOMAXCONN) == 0))
    return fd;
  close (fd);
  return -1;
}

static gboolean
open_sockets (Floor *self, GError **error)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  self->listener = open_socket (SOCK_STREAM, self->port);
  self->udp = open_socket (SOCK_DGRAM, self->port);
  if (self->listener >= 0 && self->udp >= 0) {
    watch (self, self->listener, NULL);
    return TRUE;
  }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, "cannot have port %u", self->port);
  return FALSE;
}

static gboolean
start_clips (Floor *self, const char *rtp, const char *sdp, const char *jpeg, double framerate,
    double jpeg_framerate, GError **error)
{
  if (rtp != NULL) {
    self->rtp = floor_clip_load (rtp, TRUE, framerate, error);
    if (self->rtp == NULL || !g_file_get_contents (sdp, &self->sdp, NULL, error))
      return FALSE;
    start_clip (self, self->rtp);
  }
  if (jpeg != NULL) {
    self->jpeg = floor_clip_load (jpeg, FALSE, jpeg_framerate, error);
    if (self->jpeg == NULL)
      return FALSE;
    start_clip (self, self->jpeg);
  }
  return TRUE;
}

int
main (int argc, char **argv)
{
  Floor self = { .sdp = NULL };
  g_autofree char *rtp = NULL;
  g_autofree char *sdp = NULL;
  g_autofree char *jpeg = NULL;
  double framerate = 30, jpeg_framerate = 10;
  int port = 0;
  const GOptionEntry entries[] = {
    { "port", 'p', 0, G_OPTION_ARG_INT, &port, "Port, for TCP and UDP", "PORT" },
    { "rtp", 0, 0, G_OPTION_ARG_FILENAME, &rtp, "Packets of H.264", "FILE" },
    { "sdp", 0, 0, G_OPTION_ARG_FILENAME, &sdp, "Their description", "FILE" },
    { "framerate", 0, 0, G_OPTION_ARG_DOUBLE, &framerate, "Of these", "RATE" },
    { "jpeg", 0, 0, G_OPTION_ARG_FILENAME, &jpeg, "Parts of MJPEG", "FILE" },
    { "jpeg-framerate", 0, 0, G_OPTION_ARG_DOUBLE, &jpeg_framerate, "Of these", "RATE" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  self.viewers = g_ptr_array_new ();
  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, &argc, &argv, &error)) {
    self.port = port;
    if (open_sockets (&self, &error) &&
        start_clips (&self, rtp, sdp, jpeg, framerate, jpeg_framerate, &error))
      run (&self);
  }
  g_printerr ("porthole-floor: %s\n", error->message);
  return 64;
}
