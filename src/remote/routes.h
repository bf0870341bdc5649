/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel's tables of routes and addresses say, as text (proc(5)). Pure; any thread. */
#pragma once

#include <gio/gio.h>

/* A default gateway, and the interface it is reached by. */
typedef struct {
  GInetAddress *router; /* owned; NULL: none */
  char interface[16];
} PhRoute;

/* The default route with the least metric of /proc/net/route. FALSE: there is none. */
gboolean ph_routes_find_ipv4 (const char *table, PhRoute *route);
/* The same of /proc/net/ipv6_route. */
gboolean ph_routes_find_ipv6 (const char *table, PhRoute *route);

/* The public address of interface that stays the longest, out of /proc/net/if_inet6: neither
 * temporary (RFC 8981) nor deprecated nor still being tested. interface NULL: of any. NULL: none.
 * prefer (nullable): is taken if it is among them, so that the choice does not jump. */
GInetAddress *ph_routes_find_stable_ipv6 (
    const char *table, const char *interface, GInetAddress *prefer);
