/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The path of a request: whatever it is, what is served belongs to a row of the table. */
#include "http/route.h"

#include "fuzz.h"

#include <string.h>

static const PhRoute routes[] = {
  { "/", "GET" },
  { "/assets/*", "GET" },
  { "/login", "POST" },
  { "/api/v1/cameras/NAME", "GET" },
  { "/api/v1/*", "GET" },
  { "/NAME/", "GET" },
  { "/NAME/hls/*", "GET" },
};

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *path = g_strndup ((const char *)data, size);
  g_auto (PhRouteMatch) match = { 0 };
  PhRouteResult result = ph_route_find (routes, G_N_ELEMENTS (routes), "GET", path, &match);

  g_assert_cmpuint (match.index, <, G_N_ELEMENTS (routes));
  if (result != PH_ROUTE_NONE && match.name != NULL)
    g_assert_null (strchr (match.name, '/'));
  g_assert_true ((match.allow != NULL) == (result == PH_ROUTE_WRONG_METHOD));
  return 0;
}
