/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a router's UPnP events arrive: HTTP requests with the method NOTIFY (UPnP Device
 * Architecture 1.1, section 4.3), on this machine's own address towards the router alone. Main
 * thread, never blocks.
 *
 * Only the router is let in, on at most four connections at a time, with five seconds and 16 KiB
 * for each; all others are hung up on. What an event says is not read. */
#pragma once

#include "remote/gateway.h"

typedef struct _PhIgdEventServer PhIgdEventServer;

/* A whole event came, with this SID. TRUE: it is of a subscription; else it is answered with 412
 * (section 4.3.2). Must not free the server. */
typedef gboolean (*PhIgdEventCame) (const char *sid, gpointer user_data);

/* On any free port; gateway is of IPv4. GIO's errors. */
PhIgdEventServer *ph_igd_event_server_new (
    const PhGateway *gateway, PhIgdEventCame came, gpointer user_data, GError **error);
/* Ends the connections there are. */
void ph_igd_event_server_free (PhIgdEventServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhIgdEventServer, ph_igd_event_server_free)

/* Where to send events to (CALLBACK, section 4.1.2). Nobody can guess its path. Owned by self. */
const char *ph_igd_event_server_get_url (PhIgdEventServer *self);
