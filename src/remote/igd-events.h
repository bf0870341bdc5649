/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A subscription to the events of the router's service that maps ports (GENA: UPnP Device
 * Architecture 1.1, section 4), renewed in time, and made anew when the router does not know it any
 * more. An event is believed to be one, and nothing else of it: who wants to know what changed asks
 * the router. Main thread, never blocks. */
#pragma once

#include "remote/gateway.h"

#include <libsoup/soup.h>

typedef struct _PhIgdEvents PhIgdEvents;

/* Something changed at the router, or it may have while nothing was heard. At most once a second,
 * however many events come. Must not free self. */
typedef void (*PhIgdEventsHeard) (gpointer user_data);

/* Subscribes at url, a service's eventSubURL, which must be of the router itself; session is the
 * one that speaks with the router, and is referenced. G_IO_ERROR_INVALID_ARGUMENT: url is
 * another's; else those of ph_igd_event_server_new. */
PhIgdEvents *ph_igd_events_new (const PhGateway *gateway, SoupSession *session, const char *url,
    PhIgdEventsHeard heard, gpointer user_data, GError **error);
/* Unsubscribes, but does not wait for that. */
void ph_igd_events_free (PhIgdEvents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhIgdEvents, ph_igd_events_free)
/* The same for the end of the program: turns the default main context until the router has
 * answered, half a second at most. */
void ph_igd_events_free_at_end (PhIgdEvents *self);

/* Whether the router tells changes: it has agreed to, and of this subscription at least one event
 * came, which it owes to each new one (section 4.1.2). Where a firewall of this machine lets none
 * in, it is FALSE for ever. */
gboolean ph_igd_events_is_alive (PhIgdEvents *self);
