/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/hop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define NOBODY "192.0.2.1"
#define PORT 33434 /* traceroute(8) */
#define WAIT_MS 2000

typedef struct {
  GSocket *socket;
  GInetAddress *router;
  GSource *readable, *deadline;
} Search;

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
stop_sources (Search *self)
{
  drop_source (&self->readable);
  drop_source (&self->deadline);
}

static void
free_search (gpointer data)
{
  Search *self = data;

  stop_sources (self);
  g_clear_object (&self->socket);
  g_object_unref (self->router);
  g_free (self);
}

/* Takes address and error. The sources hold no reference to the task: this one does. */
static void
conclude (GTask *task, GInetAddress *address, GError *error)
{
  stop_sources (g_task_get_task_data (task));
  if (address != NULL)
    g_task_return_pointer (task, address, g_object_unref);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
}

GInetAddress *
ph_hop_read_offender_any (struct msghdr *header)
{
  const guint8 *end;

  if (header->msg_controllen == 0)
    return NULL;
  end = (const guint8 *)header->msg_control + header->msg_controllen;
  for (struct cmsghdr *c = CMSG_FIRSTHDR (header);
       c != NULL && c->cmsg_len <= (gsize)(end - (const guint8 *)c); c = CMSG_NXTHDR (header, c)) {
    struct sock_extended_err error;
    struct sockaddr_in offender;

    if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR ||
        c->cmsg_len < CMSG_LEN (sizeof error + sizeof offender))
      continue;
    memcpy (&error, CMSG_DATA (c), sizeof error);
    memcpy (&offender, CMSG_DATA (c) + sizeof error, sizeof offender);
    if (error.ee_origin == SO_EE_ORIGIN_ICMP && offender.sin_family == AF_INET)
      return g_inet_address_new_from_bytes (
          (const guint8 *)&offender.sin_addr, G_SOCKET_FAMILY_IPV4);
  }
  return NULL;
}

static GInetAddress *
receive_offender (int fd)
{
  union {
    char bytes[512];
    struct cmsghdr aligned;
  } control;
  char data[64];
  struct iovec part = { data, sizeof data };
  struct msghdr header = { .msg_iov = &part,
    .msg_iovlen = 1,
    .msg_control = control.bytes,
    .msg_controllen = sizeof control.bytes };

  if (recvmsg (fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
    return NULL;
  return ph_hop_read_offender_any (&header);
}

static gboolean
on_error (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  GTask *task = user_data;
  Search *self = g_task_get_task_data (task);
  g_autoptr (GInetAddress) offender = receive_offender (g_socket_get_fd (socket));

  if (offender == NULL || g_inet_address_equal (offender, self->router))
    conclude (task, NULL,
        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "the router says no more"));
  else
    conclude (task, g_steal_pointer (&offender), NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
on_deadline (gpointer user_data)
{
  conclude (user_data, NULL,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "nobody behind the router answers"));
  return G_SOURCE_REMOVE;
}

static gboolean
send_probe (Search *self, GError **error)
{
  g_autoptr (GSocketAddress) nobody = g_inet_socket_address_new_from_string (NOBODY, PORT);

  self->socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
  if (self->socket == NULL)
    return FALSE;
  g_socket_set_blocking (self->socket, FALSE);
  return g_socket_set_option (self->socket, IPPROTO_IP, IP_TTL, 2, error) &&
         g_socket_set_option (self->socket, IPPROTO_IP, IP_RECVERR, 1, error) &&
         g_socket_send_to (self->socket, nobody, "", 1, NULL, error) >= 0;
}

void
ph_hop_find_async (GInetAddress *router, GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Search *self = g_new0 (Search, 1);
  GError *error = NULL;

  self->router = g_object_ref (router);
  g_task_set_task_data (task, self, free_search);
  if (!send_probe (self, &error)) {
    conclude (task, NULL, error);
    return;
  }
  self->readable = g_socket_create_source (self->socket, G_IO_ERR, NULL);
  g_source_set_callback (self->readable, G_SOURCE_FUNC (on_error), task, NULL);
  g_source_attach (self->readable, g_task_get_context (task));
  self->deadline = g_timeout_source_new (WAIT_MS);
  g_source_set_callback (self->deadline, on_deadline, task, NULL);
  g_source_attach (self->deadline, g_task_get_context (task));
}

GInetAddress *
ph_hop_find_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
