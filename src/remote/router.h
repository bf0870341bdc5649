/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The router of this network, whatever it speaks: asked by PCP, NAT-PMP or UPnP, and heard when it
 * calls out. Main thread only.
 *
 * Signal "restarted" (): what the router knew may be lost, or it is another one, or the way to it
 * is: everything has to be asked again. Signal "address-changed" (): ph_router_get_address gives
 * another answer. Signal "notified" (): something changed at the router, maybe its address; only
 * who asks knows. Comes of UPnP's events, which are subscribed to when the router tells its address
 * by UPnP and somebody has connected to the signal. */
#pragma once

#include "remote/mapping.h"

#define PH_TYPE_ROUTER (ph_router_get_type ())
G_DECLARE_FINAL_TYPE (PhRouter, ph_router, PH, ROUTER, GObject)

/* Sends nothing before it is asked something. */
PhRouter *ph_router_new (void);
/* Looks at the routes, and listens from now on; once. */
void ph_router_start (PhRouter *self);
/* Ends what is under way, and listens no more. */
void ph_router_stop (PhRouter *self);

/* Owned by self, until "restarted". NULL: there is none for family, and why in error. */
const PhGateway *ph_router_get_gateway (PhRouter *self, GSocketFamily family, GError **error);

/* Whether protocol can do anything for family. */
gboolean ph_router_has_protocol (GSocketFamily family, PhMappingProtocol protocol);

/* request is copied; its gateway says which router and from where. */
void ph_router_map_async (PhRouter *self, PhMappingProtocol protocol,
    const PhMappingRequest *request, GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);
/* Failures of the router are answers too; NULL with G_IO_ERROR_CANCELLED only. */
PhMappingAnswer *ph_router_map_finish (PhRouter *self, GAsyncResult *result, GError **error);

/* Asks for the router's IPv4 address, by NAT-PMP, then by UPnP, and opens nothing for that. */
void ph_router_ask_address_async (
    PhRouter *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
PhMappingAnswer *ph_router_ask_address_finish (
    PhRouter *self, GAsyncResult *result, GError **error);

/* Whether "notified" can be relied on: the router's events are seen to arrive. */
gboolean ph_router_has_events (PhRouter *self);
/* Ends the subscription to them, until the address is asked for again. */
void ph_router_unsubscribe (PhRouter *self);

/* The IPv4 address of the router's other side as it last told; NULL: it has not. Owned by self. */
GInetAddress *ph_router_get_address (PhRouter *self);
/* By which protocol it told. */
PhMappingProtocol ph_router_get_address_protocol (PhRouter *self);
/* Owned by self; "" while nothing was asked. */
const char *ph_router_get_address_words (PhRouter *self);
