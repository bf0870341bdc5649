/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The headers Sec-Fetch-Site, Origin and Host, each on a line of its own. */
#include "http/origin.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 3);

  if (g_strv_length (lines) < 3)
    return 0;
  ph_origin_find_any (lines[0], lines[1], lines[2]);
  ph_origin_find_any (NULL, lines[1], lines[2]);
  g_assert_cmpint (ph_origin_find_any (NULL, lines[1], NULL), ==, PH_ORIGIN_FOREIGN);
  g_assert_cmpint (ph_origin_find_any (NULL, NULL, lines[2]), ==, PH_ORIGIN_UNSAID);
  return 0;
}
