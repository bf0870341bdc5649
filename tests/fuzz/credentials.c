/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An Authorization header, and what is done with what it holds. */
#include "access/credentials.h"
#include "access/digest.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (PhCredentials) c = ph_credentials_parse_any (text, NULL);

  if (c == NULL)
    return 0;
  g_assert_nonnull (c->name);
  if (!c->is_digest) {
    g_assert_true (g_utf8_validate (c->password, -1, NULL));
    return 0;
  }
  if (c->qop != NULL)
    ph_credentials_get_count_any (c);
  g_assert_false (ph_digest_is_right_any (c, NULL, "GET"));
  ph_digest_uri_fits_any (c->uri, "/front/mjpeg?fps=5", PH_URI_SAME);
  return 0;
}
