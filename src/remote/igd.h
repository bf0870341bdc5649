/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The router by UPnP: an Internet Gateway Device, version 1 or 2, found by search (SSDP) and asked
 * by SOAP. Whatever it says is checked and has an end in time and size. Main thread, never blocks.
 */
#pragma once

#include "remote/igd-events.h"
#include "remote/mapping.h"

#include <libgupnp/gupnp.h>

typedef struct _PhIgd PhIgd;

/* The router went or came back: what it knew may be lost. */
typedef void (*PhIgdChanged) (gpointer user_data);

/* Nothing is sent before something is asked. PH_ERROR_UNAVAILABLE: no socket on that interface. */
PhIgd *ph_igd_new (
    const PhGateway *gateway, PhIgdChanged changed, gpointer user_data, GError **error);
PhIgd *ph_igd_ref (PhIgd *self);
void ph_igd_unref (PhIgd *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhIgd, ph_igd_unref)
/* Ends all that is under way, and calls nobody from now on. */
void ph_igd_close (PhIgd *self);

/* Finds the service that maps ports: at once when it is known, within 3 seconds else.
 * Unref it. G_IO_ERROR_NOT_FOUND: there is none, and why. */
void ph_igd_find_async (
    PhIgd *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GUPnPServiceProxy *ph_igd_find_finish (PhIgd *self, GAsyncResult *result, GError **error);
/* The service that opens the router's IPv6 firewall, at gateway, the same router by IPv6: from
 * there alone it lets a machine open it for itself. Only once ph_igd_find_finish gave a service.
 * Unref it. G_IO_ERROR_NOT_FOUND: there is none, and why. */
GUPnPServiceProxy *ph_igd_make_firewall (PhIgd *self, const PhGateway *gateway, GError **error);
/* Subscribes to the events of the service that ph_igd_find_finish gave, for as long as that is not
 * forgotten; nothing happens if it is subscribed to. heard is called as of ph_igd_events_new, and
 * when the router says goodbye. */
void ph_igd_ensure_events (PhIgd *self, PhIgdEventsHeard heard, gpointer user_data);
/* NULL: none are subscribed to. Owned by self. */
PhIgdEvents *ph_igd_get_events (PhIgd *self);
void ph_igd_drop_events (PhIgd *self);
/* The same, and ph_igd_close, at the end of the program: see ph_igd_events_free_at_end. */
void ph_igd_close_at_end (PhIgd *self);
/* What was found does not work: the next one who asks searches again. */
void ph_igd_forget (PhIgd *self);

GInetAddress *ph_igd_get_own_address (PhIgd *self);
