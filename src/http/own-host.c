/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/own-host.h"

#include <gio/gio.h>
#include <string.h>

gboolean
ph_own_host_is (const char *host, const char *const *more)
{
  g_autofree char *name = g_ascii_strdown (host, -1);
  g_autofree char *own = g_ascii_strdown (g_get_host_name (), -1);
  gsize own_length = strlen (own);

  if (g_hostname_is_ip_address (name))
    return TRUE;
  if (g_str_has_suffix (name, "."))
    name[strlen (name) - 1] = '\0';
  if (g_str_equal (name, "localhost") || g_str_has_suffix (name, ".localhost"))
    return TRUE;
  for (guint i = 0; more != NULL && more[i] != NULL; i++)
    if (g_ascii_strcasecmp (name, more[i]) == 0)
      return TRUE;
  return own_length > 0 && g_str_has_prefix (name, own) &&
         (name[own_length] == '\0' || g_str_equal (name + own_length, ".local"));
}
