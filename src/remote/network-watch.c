/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/network-watch.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#define BURST_MS 300

struct _PhNetworkWatch {
  PhNetworkChanged changed;
  gpointer user_data;
  int fd; /* -1: none */
  guint source;
  guint burst; /* source id; 0: it is quiet */
};

static gboolean
on_burst_over (gpointer user_data)
{
  PhNetworkWatch *self = user_data;

  self->burst = 0;
  self->changed (self->user_data);
  return G_SOURCE_REMOVE;
}

/* What changed does not matter: who listens looks at all of it. ENOBUFS says that more changed than
 * there was room for. */
static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  PhNetworkWatch *self = user_data;
  char bytes[8192];

  while (recv (fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0 || errno == ENOBUFS)
    errno = 0;
  if (self->burst == 0)
    self->burst = g_timeout_add (BURST_MS, on_burst_over, self);
  return G_SOURCE_CONTINUE;
}

static int
open_socket (void)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK,
    .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE };
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

  if (fd < 0)
    return -1;
  if (bind (fd, (struct sockaddr *)&address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

PhNetworkWatch *
ph_network_watch_new (PhNetworkChanged changed, gpointer user_data)
{
  PhNetworkWatch *self = g_new0 (PhNetworkWatch, 1);

  self->changed = changed;
  self->user_data = user_data;
  self->fd = open_socket ();
  if (self->fd >= 0)
    self->source = g_unix_fd_add (self->fd, G_IO_IN, on_readable, self);
  else
    g_warning ("changes of the network cannot be heard of: %s", g_strerror (errno));
  return self;
}

void
ph_network_watch_free (PhNetworkWatch *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_handle_id (&self->burst, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}
