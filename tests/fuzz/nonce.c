/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/nonces.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (PhNonces) nonces = ph_nonces_new (60, 8);

  g_assert_cmpint (ph_nonces_check_any (nonces, text, 0), ==, PH_NONCE_STALE);
  g_assert_cmpint (ph_nonces_use_any (nonces, text, 1, 0), ==, PH_NONCE_STALE);
  return 0;
}
