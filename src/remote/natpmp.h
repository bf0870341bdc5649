/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mappings and the public address by NAT-PMP (RFC 6886). IPv4 only. Main thread, never blocks. */
#pragma once

#include "remote/mapping.h"

/* request is copied; it is answered within 2 seconds. As ph_pcp_map_finish. */
void ph_natpmp_map_async (const PhMappingRequest *request, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);
PhMappingAnswer *ph_natpmp_map_finish (GAsyncResult *result, GError **error);

/* Asks for the router's public address alone: of the answer external_address counts. */
void ph_natpmp_ask_address_async (const PhGateway *gateway, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);
PhMappingAnswer *ph_natpmp_ask_address_finish (GAsyncResult *result, GError **error);
