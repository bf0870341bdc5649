/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way out of this machine: the default router and the own address towards it. Main thread. */
#pragma once

#include "remote/routes.h"

typedef struct {
  GSocketFamily family;
  GInetAddress *router;
  GInetAddress *self; /* of IPv6 a public address, see ph_routes_find_stable_ipv6 */
  char interface[16];
  guint32 scope; /* of a link-local router: the number of interface, else 0 */
} PhGateway;

/* NULL with PH_ERROR_UNAVAILABLE: there is no default route of family, or no fitting own address.
 */
PhGateway *ph_gateway_find (GSocketFamily family, GError **error);
/* As it says; for tests on loopback. */
PhGateway *ph_gateway_new (GInetAddress *router, GInetAddress *self, const char *interface);
PhGateway *ph_gateway_copy (const PhGateway *self);
void ph_gateway_free (PhGateway *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhGateway, ph_gateway_free)

/* Either may be NULL. */
gboolean ph_gateway_equal (const PhGateway *a, const PhGateway *b);

/* The IPv4 address that this machine has on its way out. NULL: there is no way out. */
GInetAddress *ph_gateway_find_ipv4_source (void);

/* The router's port. */
GSocketAddress *ph_gateway_get_socket_address (const PhGateway *self, guint port);
/* Whether a datagram from address (a GInetSocketAddress) is the router's. */
gboolean ph_gateway_is_router (const PhGateway *self, GSocketAddress *address);

/* The public IPv6 address of this machine that stays the longest, of any interface; prefer as for
 * ph_routes_find_stable_ipv6. NULL: none. */
GInetAddress *ph_gateway_find_stable_ipv6 (GInetAddress *prefer);
