/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a router says of itself in UPnP, checked before it is believed. Main thread. */
#pragma once

#include <libgupnp/gupnp.h>

#define PH_IGD_MAX_BYTES 65536 /* of a description, and of an answer */

/* Whether url is of the router itself: plain HTTP at exactly this address. Anybody in the network
 * can answer a search, and would otherwise send us anywhere. */
gboolean ph_igd_is_routers_url (const char *url, GInetAddress *router);

/* The services that map ports of IPv4 (WANIPConnection, WANPPPConnection), element-type
 * GUPnPServiceProxy, in the order of the description at location; only those that the router itself
 * answers. NULL with PH_ERROR_FAILED: it is none, or has none. */
GPtrArray *ph_igd_device_list_services (GUPnPContext *context, GBytes *description,
    const char *location, GInetAddress *router, GError **error);

/* The service that opens the router's IPv6 firewall (WANIPv6FirewallControl), of the same
 * description as if it were at location, at router's IPv6 address. NULL with PH_ERROR_FAILED. */
GUPnPServiceProxy *ph_igd_device_find_firewall (GUPnPContext *context, GBytes *description,
    const char *location, GInetAddress *router, GError **error);

/* Text of a router for a person's eyes: printable ASCII, at most 80 characters. Free with g_free.
 */
char *ph_igd_clean_text (const char *text);
