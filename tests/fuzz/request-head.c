/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/request-head.h"

#include "fuzz.h"

#include <string.h>

/* What is read of a head is in it, and libsoup, which takes a line feed for the end of a line,
 * finds no end of the head before ours. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *)data;
  g_autofree char *whole = NULL;
  PhRequestHead head;

  if (!ph_request_head_read_get_any (text, size, &head))
    return 0;
  whole = g_strndup (text, size);
  g_assert_true (head.target > text && head.target[0] == '/');
  g_assert_true (head.target + head.target_length < head.fields);
  g_assert_true (head.fields + head.fields_length == text + size);
  g_assert_null (memchr (head.target, ' ', head.target_length));
  g_assert_null (memchr (head.target, '\n', head.target_length));
  g_assert_null (strstr (whole, "\n\n"));
  g_assert_true (strstr (whole, "\n\r\n") == NULL || strstr (whole, "\n\r\n") == whole + size - 3);
  return 0;
}
