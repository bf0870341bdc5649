/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mappings by the Port Control Protocol (RFC 6887); of IPv6 holes in the router's firewall. Main
 * thread, never blocks. */
#pragma once

#include "remote/mapping.h"

/* request is copied. Answers within 4 seconds. */
void ph_pcp_map_async (const PhMappingRequest *request, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);
/* Failures of the router are answers too; NULL with G_IO_ERROR_CANCELLED only. */
PhMappingAnswer *ph_pcp_map_finish (GAsyncResult *result, GError **error);
