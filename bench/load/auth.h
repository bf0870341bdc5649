/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The answer to a 401 by HTTP Digest with MD5 (RFC 7616), which is what players send. */
#pragma once

#include <glib.h>

typedef struct {
  const char *user; /* NULL: there is nobody to log in as */
  const char *password;
} LoadLogin;

/* An "Authorization: …\r\n" line for method and uri. head is the whole answer that asked for it.
 * NULL: it offers no such challenge. Free with g_free. */
char *load_auth_make_header (
    const LoadLogin *login, const char *head, const char *method, const char *uri);
