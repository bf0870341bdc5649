/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/forwarded.h"

#include "access/network.h"

#include <string.h>

#define MAX_HEADER 2048

/* "192.0.2.7", "192.0.2.7:80", "2001:db8::7", "[2001:db8::7]:80". NULL: none of these. */
static GInetAddress *
parse_address (const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  char *start = stripped;
  char *colon = strchr (start, ':');

  if (*start == '[') {
    start++;
    start[strcspn (start, "]")] = '\0';
  } else if (colon != NULL && strchr (colon + 1, ':') == NULL) {
    *colon = '\0';
  }
  return g_inet_address_new_from_string (start);
}

GInetAddress *
ph_forwarded_find_peer_any (GPtrArray *trusted, GInetAddress *peer, const char *header)
{
  g_auto (GStrv) hops = NULL;
  GInetAddress *found = ph_network_unmap_any (peer);

  if (header == NULL || strnlen (header, MAX_HEADER + 1) > MAX_HEADER)
    return found;
  hops = g_strsplit (header, ",", -1);
  for (guint i = g_strv_length (hops); i > 0 && ph_network_has_any (trusted, found); i--) {
    g_autoptr (GInetAddress) hop = parse_address (hops[i - 1]);

    if (hop == NULL)
      break;
    g_object_unref (found);
    found = ph_network_unmap_any (hop);
  }
  return found;
}

gboolean
ph_forwarded_is_tls_any (
    GPtrArray *trusted, GInetAddress *peer, gboolean is_tls, const char *header)
{
  const char *last = NULL;
  g_autofree char *word = NULL;

  if (header == NULL || !ph_network_has_any (trusted, peer))
    return is_tls;
  last = strrchr (header, ',');
  word = g_strstrip (g_strdup (last != NULL ? last + 1 : header));
  return g_ascii_strcasecmp (word, "https") == 0;
}
