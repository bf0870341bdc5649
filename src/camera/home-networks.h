/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The networks this machine is part of: whoever is in one of them does not come by the line that is
 * paid for. Needed for IPv6 above all, where the addresses at home are public ones. Any thread. */
#pragma once

#include <gio/gio.h>

/* Of all interfaces that are up; element-type GInetAddressMask. Free with g_ptr_array_unref. */
GPtrArray *ph_home_networks_list_any (void);
