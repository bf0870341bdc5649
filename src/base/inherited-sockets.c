/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/inherited-sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_DESCRIPTOR 3 /* SD_LISTEN_FDS_START */
#define MOST_DESCRIPTORS 64

static guint
count_descriptors (void)
{
  const char *pid = g_getenv ("LISTEN_PID");
  const char *count = g_getenv ("LISTEN_FDS");

  if (pid == NULL || count == NULL || g_ascii_strtoull (pid, NULL, 10) != (guint64)getpid ())
    return 0;
  return MIN (g_ascii_strtoull (count, NULL, 10), MOST_DESCRIPTORS);
}

static gboolean
is_listening (GSocket *socket)
{
  int is_accepting = 0;

  return g_socket_get_option (socket, SOL_SOCKET, SO_ACCEPTCONN, &is_accepting, NULL) &&
         is_accepting && g_socket_get_socket_type (socket) == G_SOCKET_TYPE_STREAM;
}

static void
maybe_add (GPtrArray *sockets, int inherited)
{
  int descriptor = fcntl (inherited, F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR);
  g_autoptr (GSocket) socket = descriptor >= 0 ? g_socket_new_from_fd (descriptor, NULL) : NULL;

  if (socket == NULL && descriptor >= 0)
    close (descriptor);
  if (socket == NULL || !is_listening (socket))
    return;
  g_socket_set_blocking (socket, FALSE);
  g_ptr_array_add (sockets, g_steal_pointer (&socket));
}

GPtrArray *
ph_inherited_sockets_find (const char *name)
{
  guint n_descriptors = count_descriptors ();
  const char *listed = g_getenv ("LISTEN_FDNAMES");
  g_auto (GStrv) names = g_strsplit (listed != NULL ? listed : "", ":", -1);
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n_descriptors && names[i] != NULL; i++)
    if (g_str_equal (names[i], name))
      maybe_add (sockets, FIRST_DESCRIPTOR + i);
  return sockets->len > 0 ? g_steal_pointer (&sockets) : NULL;
}
