/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cookies (RFC 6265). Any thread. */
#pragma once

#include <glib.h>

/* The value of name in a Cookie header (section 5.4), which may be any text; NULL: it is not there,
 * or holds what no value may (section 4.1.1). Of several the first, which is that of the longest
 * path. Free with g_free. */
char *ph_cookie_find_any (const char *header, const char *name);

/* A Set-Cookie header: not for scripts, not sent along by other sites' forms. name and value must
 * be tokens. max_age: seconds; 0: the browser is to forget it. Without a Path it holds for the
 * folder of the request (section 5.1.4), which is right under any prefix that a proxy puts before
 * it. Free with g_free. */
char *ph_cookie_make_any (const char *name, const char *value, guint max_age, gboolean is_secure);
