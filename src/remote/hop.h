/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who comes after the router: a datagram with two hops to live, to an address that nobody has
 * (RFC 5737), comes back as an ICMP error from there (RFC 792; IP_RECVERR of ip(7)). No privileges
 * are needed. Main thread, never blocks. */
#pragma once

#include <gio/gio.h>
#include <sys/socket.h>

/* Answers within 2 seconds. router: the first hop, whose errors tell nothing. */
void ph_hop_find_async (GInetAddress *router, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);
/* NULL with an error of GIO: nobody said anything. */
GInetAddress *ph_hop_find_finish (GAsyncResult *result, GError **error);

/* Who sent the ICMP error that header's control messages are of (ip(7), IP_RECVERR); anybody on the
 * way can send one. NULL: there is none, or it is of something else. Any thread. */
GInetAddress *ph_hop_read_offender_any (struct msghdr *header);
