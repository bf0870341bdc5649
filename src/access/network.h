/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of peers. A socket for both families shows an IPv4 peer as an IPv6 one (RFC 4291,
 * section 2.5.5.2); here both are the same. Any thread. */
#pragma once

#include <gio/gio.h>

/* IPv4 where address is IPv4 in IPv6, else address; unref with g_object_unref. */
GInetAddress *ph_network_unmap_any (GInetAddress *address);

gboolean ph_network_is_loopback_any (GInetAddress *address);

/* Addresses and networks that g_inet_address_mask_new_from_string takes; others are left out.
 * Element-type GInetAddressMask; unref with g_ptr_array_unref. */
GPtrArray *ph_network_parse_list_any (const char *const *texts);

/* Whether address is in one of networks, element-type GInetAddressMask. */
gboolean ph_network_has_any (GPtrArray *networks, GInetAddress *address);

/* "192.0.2.7", "2001:db8:0:1::/64": what counts as one peer; free with g_free. */
char *ph_network_make_peer_key_any (GInetAddress *peer);
