/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which site's page had a browser send a request (RFC 6454, section 7; Fetch Metadata). Any thread.
 */
#pragma once

#include <glib.h>

typedef enum {
  PH_ORIGIN_UNSAID, /* no browser, or one that does not tell */
  PH_ORIGIN_OWN,
  PH_ORIGIN_FOREIGN
} PhOrigin;

/* The headers Sec-Fetch-Site, Origin and Host, each nullable. The scheme does not count: a proxy
 * may end TLS before us. */
PhOrigin ph_origin_find_any (const char *fetch_site, const char *origin, const char *host);
