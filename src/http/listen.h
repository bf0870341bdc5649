/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the HTTP server listens and which names it answers to. */
#pragma once

#include <gio/gio.h>

typedef enum {
  PH_LISTEN_LOOPBACK, /* this machine only, whatever the settings say */
  PH_LISTEN_AS_ASKED
} PhListenScope;

/* The rule: without users nobody but this machine may look, and there are no users yet. */
PhListenScope ph_listen_scope (void);

/* TRUE when scope takes away from what listen ("any", "loopback" or an address) asks for. */
gboolean ph_listen_is_narrowed (const char *listen, PhListenScope scope);

/* The addresses to bind, element-type GSocketAddress: for "any" and "loopback" IPv4 and then IPv6.
 * NULL with PH_ERROR_SETTINGS when listen is none of these. */
GPtrArray *ph_listen_make_addresses (
    const char *listen, guint port, PhListenScope scope, GError **error);

/* FALSE for the name of a stranger in the Host header. A page on the internet can point its own
 * name at 127.0.0.1 (DNS rebinding) and would then read our pictures as its own; it cannot do so
 * with an address, with localhost, or with this machine's own name. */
gboolean ph_listen_is_own_host (const char *host);
