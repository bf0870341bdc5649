/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/origin.h"

#include <string.h>

PhOrigin
ph_origin_find_any (const char *fetch_site, const char *origin, const char *host)
{
  const char *authority;

  if (fetch_site != NULL)
    return g_str_equal (fetch_site, "same-origin") ? PH_ORIGIN_OWN : PH_ORIGIN_FOREIGN;
  if (origin == NULL)
    return PH_ORIGIN_UNSAID;
  authority = strstr (origin, "://");
  if (authority == NULL || host == NULL || g_ascii_strcasecmp (authority + 3, host) != 0)
    return PH_ORIGIN_FOREIGN;
  return PH_ORIGIN_OWN;
}
