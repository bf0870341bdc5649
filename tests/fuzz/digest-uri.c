/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The uri of credentials and the one of a request line, each on a line of its own. */
#include "access/digest.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 2);

  if (lines[0] == NULL || lines[1] == NULL)
    return 0;
  for (PhUriRule rule = PH_URI_SAME; rule <= PH_URI_WITHIN; rule++)
    ph_digest_uri_fits_any (lines[0], lines[1], rule);
  g_assert_true (ph_digest_uri_fits_any (lines[1], lines[1], PH_URI_SAME));
  g_assert_true (ph_digest_uri_fits_any (lines[1], lines[1], PH_URI_WITHIN));
  return 0;
}
