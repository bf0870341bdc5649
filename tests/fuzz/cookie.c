/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/cookie.h"

#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autofree char *value = ph_cookie_find_any (text, "id");

  if (value != NULL)
    g_assert_null (strpbrk (value, "\",;\\ \t\r\n"));
  return 0;
}
