/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holes in the router's IPv6 firewall by UPnP (WANIPv6FirewallControl:1). Main thread, never
 * blocks. */
#pragma once

#include "remote/igd.h"

/* request is copied, its gateway is the IPv6 one; it is answered within 8 seconds. A hole that it
 * knows of is renewed, or filled in with a lifetime of 0. As ph_pcp_map_finish. */
void ph_igd_pinhole_async (PhIgd *igd, const PhMappingRequest *request, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);
PhMappingAnswer *ph_igd_pinhole_finish (GAsyncResult *result, GError **error);
