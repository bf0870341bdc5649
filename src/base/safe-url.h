/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which addresses may be called with a password. Any thread. */
#pragma once

#include <glib.h>

/* https, or http to this machine itself; without user name and fragment. Braces of a template may
 * stand in its path and query, but not in its host. */
gboolean ph_safe_url_check (const char *url);
#define PH_SAFE_URL_ALLOWED \
  "an address that starts with \"https://\" (\"http://\" only to this machine)"
