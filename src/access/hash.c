/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/hash.h"

#include <gnutls/gnutls.h>
#include <string.h>

static const struct {
  const char *name;
  GChecksumType type;
} hashes[PH_N_HASHES] = {
  [PH_HASH_MD5] = { "MD5", G_CHECKSUM_MD5 },
  [PH_HASH_SHA256] = { "SHA-256", G_CHECKSUM_SHA256 },
};

const char *
ph_hash_get_name_any (PhHash hash)
{
  return hashes[hash].name;
}

char *
ph_hash_join_any (PhHash hash, const char *first, ...)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (hashes[hash].type);
  const char *next;
  va_list args;

  g_checksum_update (checksum, (const guchar *)first, -1);
  va_start (args, first);
  while ((next = va_arg (args, const char *)) != NULL) {
    g_checksum_update (checksum, (const guchar *)":", 1);
    g_checksum_update (checksum, (const guchar *)next, -1);
  }
  va_end (args);
  return g_strdup (g_checksum_get_string (checksum));
}

char *
ph_hash_password_any (PhHash hash, const char *name, const char *password)
{
  return ph_hash_join_any (hash, name, PH_REALM, password, NULL);
}

gboolean
ph_hash_is_equal_any (const char *expected, const char *given)
{
  gsize length = strlen (expected);

  return strlen (given) == length && gnutls_memcmp (expected, given, length) == 0;
}
