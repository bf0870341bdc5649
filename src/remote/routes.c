/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/routes.h"

#include "remote/address.h"

#include <linux/if_addr.h>
#include <linux/route.h>
#include <stdio.h>
#include <string.h>

#define UNFIT (IFA_F_TEMPORARY | IFA_F_DEPRECATED | IFA_F_TENTATIVE | IFA_F_DADFAILED)

static gboolean
parse_bytes (const char *hex, guint8 *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++) {
    int high = g_ascii_xdigit_value (hex[2 * i]);
    int low = high >= 0 ? g_ascii_xdigit_value (hex[2 * i + 1]) : -1;

    if (low < 0)
      return FALSE;
    bytes[i] = high << 4 | low;
  }
  return TRUE;
}

static void
keep_route (PhRoute *route, const guint8 *bytes, GSocketFamily family, const char *interface)
{
  g_clear_object (&route->router);
  route->router = g_inet_address_new_from_bytes (bytes, family);
  g_strlcpy (route->interface, interface, sizeof route->interface);
}

gboolean
ph_routes_find_ipv4 (const char *table, PhRoute *route)
{
  g_auto (GStrv) lines = g_strsplit (table, "\n", -1);
  guint best = G_MAXUINT;

  memset (route, 0, sizeof *route);
  for (char **line = lines; *line != NULL; line++) {
    char interface[16];
    guint target, gateway, flags, metric, mask;

    if (sscanf (*line, "%15s %8x %8x %x %*d %*d %u %8x", interface, &target, &gateway, &flags,
            &metric, &mask) != 6)
      continue;
    if (target != 0 || mask != 0 || (flags & RTF_GATEWAY) == 0 || gateway == 0 || metric >= best)
      continue;
    best = metric;
    keep_route (route, (const guint8 *)&gateway, G_SOCKET_FAMILY_IPV4, interface);
  }
  return route->router != NULL;
}

gboolean
ph_routes_find_ipv6 (const char *table, PhRoute *route)
{
  g_auto (GStrv) lines = g_strsplit (table, "\n", -1);
  guint best = G_MAXUINT;

  memset (route, 0, sizeof *route);
  for (char **line = lines; *line != NULL; line++) {
    char target[33], next[33], interface[16];
    guint length, metric, flags;
    guint8 bytes[16];

    if (sscanf (*line, "%32s %x %*s %*x %32s %x %*x %*x %x %15s", target, &length, next, &metric,
            &flags, interface) != 6)
      continue;
    if (length != 0 || (flags & RTF_GATEWAY) == 0 || (flags & RTF_REJECT) != 0 || metric >= best ||
        !parse_bytes (next, bytes, sizeof bytes))
      continue;
    best = metric;
    keep_route (route, bytes, G_SOCKET_FAMILY_IPV6, interface);
  }
  return route->router != NULL;
}

static GInetAddress *
parse_address (const char *line, const char *interface)
{
  char hex[33], name[16];
  guint flags;
  guint8 bytes[16];
  g_autoptr (GInetAddress) address = NULL;

  if (sscanf (line, "%32s %*x %*x %*x %x %15s", hex, &flags, name) != 3 || (flags & UNFIT) != 0 ||
      (interface != NULL && !g_str_equal (name, interface)) ||
      !parse_bytes (hex, bytes, sizeof bytes))
    return NULL;
  address = g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV6);
  return ph_address_classify (address) == PH_ADDRESS_PUBLIC ? g_steal_pointer (&address) : NULL;
}

GInetAddress *
ph_routes_find_stable_ipv6 (const char *table, const char *interface, GInetAddress *prefer)
{
  g_auto (GStrv) lines = g_strsplit (table, "\n", -1);
  g_autoptr (GInetAddress) first = NULL;

  for (char **line = lines; *line != NULL; line++) {
    g_autoptr (GInetAddress) address = parse_address (*line, interface);

    if (address != NULL && prefer != NULL && g_inet_address_equal (address, prefer))
      return g_steal_pointer (&address);
    if (first == NULL)
      first = g_steal_pointer (&address);
  }
  return g_steal_pointer (&first);
}
