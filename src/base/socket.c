/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/socket.h"

#include <sys/socket.h>

void
ph_socket_reset_any (GSocket *socket)
{
  const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

  if (!g_socket_is_closed (socket))
    connect (g_socket_get_fd (socket), &nobody, sizeof nobody);
}
