/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hashes of Digest access authentication (RFC 7616, section 3.4), as lower-case hexadecimal
 * text. Any thread. */
#pragma once

#include <glib.h>

/* Part of each stored hash, so it never changes. */
#define PH_REALM "Porthole"

typedef enum { PH_HASH_MD5, PH_HASH_SHA256 } PhHash;
#define PH_N_HASHES 2

/* "MD5", "SHA-256" */
const char *ph_hash_get_name_any (PhHash hash);

/* H (first ":" second ":" …), the arguments end with NULL; free with g_free. */
char *ph_hash_join_any (PhHash hash, const char *first, ...) G_GNUC_NULL_TERMINATED;

/* H (name ":" realm ":" password), called HA1; free with g_free. */
char *ph_hash_password_any (PhHash hash, const char *name, const char *password);

/* In a time that depends on the length of expected only, and not on where they differ. */
gboolean ph_hash_is_equal_any (const char *expected, const char *given);
