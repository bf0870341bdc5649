/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets to listen on for the settings http.listen and rtsp.listen. Any thread. */
#pragma once

#include <gio/gio.h>

typedef enum {
  PH_LISTEN_LOOPBACK, /* this machine only, whatever the settings say */
  PH_LISTEN_AS_ASKED
} PhListenScope;

/* Sockets that listen already and do not block, element-type GSocket, all on one port; never empty.
 * listen: "any", "loopback" (each IPv4 and IPv6) or an address; port 0: any free one. section
 * ("http") names the settings in messages. Errors: PH_ERROR_UNAVAILABLE (the port is taken, …),
 * PH_ERROR_SETTINGS. */
GPtrArray *ph_listen_open (
    const char *section, const char *listen, guint port, PhListenScope scope, GError **error);

/* Either takes sockets that a service manager hands over as "http", "https", "rtsp" or "rtsps"
 * instead of opening any (base/inherited-sockets.h). */

/* The same for the tls_port of section. */
GPtrArray *ph_listen_open_tls (
    const char *section, const char *listen, guint port, PhListenScope scope, GError **error);

/* The same while own (element-type GSocket) listen, which may have the port on another address:
 * ours may both be open for a while, those of others still not. key is "port" or "tls_port". */
GPtrArray *ph_listen_open_beside (GPtrArray *own, const char *section, const char *key,
    const char *listen, guint port, PhListenScope scope, GError **error);

/* Whether listen, of the settings, is this machine alone. */
gboolean ph_listen_is_loopback (const char *listen);

/* The port they listen on. */
guint ph_listen_get_port (GPtrArray *sockets);
