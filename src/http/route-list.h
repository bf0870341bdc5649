/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every route there is, in the order in which they are looked for (http/http.c). Any thread. */
#pragma once

#include "http/route.h"

const PhRoute *ph_http_get_routes (guint *n_routes);
