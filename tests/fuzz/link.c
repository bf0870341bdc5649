/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/links.h"

#include "fuzz.h"

/* There are no links, so no token shows anything. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static PhLinks *links;
  g_autofree char *token = g_strndup ((const char *)data, size);

  if (links == NULL)
    links = ph_links_new ("/nonexistent");
  g_assert_null (ph_links_find (links, token, "front", 1800000000));
  return 0;
}
