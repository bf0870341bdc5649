/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/request-head.h"

#include <string.h>

#define END "\r\n\r\n"
#define METHOD "GET "
#define VERSION " HTTP/1.1"

/* Some take a line feed alone for the end of a line. */
gboolean
ph_request_head_is_single_any (const char *data, gsize size)
{
  if (data == NULL || size < strlen (END) ||
      memcmp (data + size - strlen (END), END, strlen (END)) != 0)
    return FALSE;
  return memmem (data, size, "\n\n", 2) == NULL &&
         memmem (data, size, "\n\r\n", 3) == data + size - 3;
}

static gboolean
is_plain (const char *target, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (target[i]))
      return FALSE;
  return length > 0 && target[0] == '/';
}

gboolean
ph_request_head_read_get_any (const char *data, gsize size, PhRequestHead *head)
{
  gsize method = strlen (METHOD), version = strlen (VERSION);
  const char *end = memmem (data, size, "\r\n", 2);

  if (!ph_request_head_is_single_any (data, size) || end == NULL ||
      (gsize)(end - data) < method + version || memcmp (data, METHOD, method) != 0 ||
      memcmp (end - version, VERSION, version) != 0)
    return FALSE;
  head->target = data + method;
  head->target_length = end - version - head->target;
  head->fields = end + 2;
  head->fields_length = data + size - head->fields;
  return is_plain (head->target, head->target_length);
}
