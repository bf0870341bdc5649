/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mappings and the public address by UPnP (WANIPConnection:1 and :2). Main thread, never blocks. */
#pragma once

#include "remote/igd.h"

/* request is copied; it is answered within 8 seconds. An entry of somebody else's is never changed:
 * another port is taken instead. As ph_pcp_map_finish. */
void ph_igd_map_async (PhIgd *igd, const PhMappingRequest *request, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);
PhMappingAnswer *ph_igd_map_finish (GAsyncResult *result, GError **error);

/* Asks for the router's public address alone: of the answer external_address counts. */
void ph_igd_ask_address_async (
    PhIgd *igd, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
PhMappingAnswer *ph_igd_ask_address_finish (GAsyncResult *result, GError **error);
