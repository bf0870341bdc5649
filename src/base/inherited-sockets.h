/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets that a service manager opened for this process (socket activation, sd_listen_fds(3)), by
 * the names it gave them. Reads the environment each time and gives out duplicates, so they can be
 * taken again. Any thread. */
#pragma once

#include <gio/gio.h>

/* Listening stream sockets of that name, element-type GSocket; NULL when there are none. */
GPtrArray *ph_inherited_sockets_find (const char *name);
