/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is behind a proxy, by the headers X-Forwarded-For and X-Forwarded-Proto. Anybody can send
 * those, so they count only as far as the proxies that wrote them are trusted. Hostile text in. Any
 * thread. */
#pragma once

#include <gio/gio.h>

/* trusted: element-type GInetAddressMask. peer: the other end of the connection. header: all
 * X-Forwarded-For joined by ", "; nullable. The nearest address that is no trusted proxy; unref
 * with g_object_unref. A proxy that names nobody, or what is no address, is the peer itself. */
GInetAddress *ph_forwarded_find_peer_any (
    GPtrArray *trusted, GInetAddress *peer, const char *header);

/* Whether the one behind the proxy came by TLS. is_tls: how the proxy came. header:
 * X-Forwarded-Proto; nullable. */
gboolean ph_forwarded_is_tls_any (
    GPtrArray *trusted, GInetAddress *peer, gboolean is_tls, const char *header);
