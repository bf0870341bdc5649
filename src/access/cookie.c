/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/cookie.h"

#include <string.h>

#define MAX_HEADER 8192
#define SPACE " \t"

/* RFC 6265, section 4.1.1: cookie-octet */
static gboolean
is_value (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (text[i]) || strchr ("\",;\\", text[i]) != NULL)
      return FALSE;
  return TRUE;
}

static gsize
trim_end (const char *text, gsize length)
{
  while (length > 0 && strchr (SPACE, text[length - 1]) != NULL)
    length--;
  return length;
}

/* The pair at text, of this length, if it is that of name; *is_found even when the value is bad. */
static char *
try_pair (const char *text, gsize length, const char *name, gboolean *is_found)
{
  gsize name_length = strlen (name);
  const char *value = text + name_length + 1;
  gsize value_length;

  *is_found =
      length > name_length && text[name_length] == '=' && strncmp (text, name, name_length) == 0;
  if (!*is_found)
    return NULL;
  value_length = trim_end (value, length - name_length - 1);
  if (value_length >= 2 && *value == '"' && value[value_length - 1] == '"') {
    value++;
    value_length -= 2;
  }
  return is_value (value, value_length) ? g_strndup (value, value_length) : NULL;
}

char *
ph_cookie_find_any (const char *header, const char *name)
{
  gboolean is_found = FALSE;
  char *value = NULL;

  if (strnlen (header, MAX_HEADER + 1) > MAX_HEADER)
    return NULL;
  while (*header != '\0' && !is_found) {
    gsize length;

    header += strspn (header, SPACE ";");
    length = strcspn (header, ";");
    value = try_pair (header, length, name, &is_found);
    header += length;
  }
  return value;
}

char *
ph_cookie_make_any (const char *name, const char *value, guint max_age, gboolean is_secure)
{
  return g_strdup_printf ("%s=%s; Max-Age=%u; HttpOnly; SameSite=Lax%s", name, value, max_age,
      is_secure ? "; Secure" : "");
}
