/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/home-networks.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#define LONGEST_ADDRESS 16 /* bytes */

/* NULL: neither IPv4 nor IPv6. Its size comes with it. */
static const guint8 *
get_bytes (const struct sockaddr *address, gsize *size)
{
  if (address->sa_family == AF_INET) {
    *size = sizeof (struct in_addr);
    return (const guint8 *)&((const struct sockaddr_in *)address)->sin_addr;
  }
  *size = sizeof (struct in6_addr);
  return address->sa_family == AF_INET6
             ? (const guint8 *)&((const struct sockaddr_in6 *)address)->sin6_addr
             : NULL;
}

static guint
count_bits (const guint8 *bytes, gsize size)
{
  guint n = 0;

  for (gsize i = 0; i < size; i++)
    for (guint8 byte = bytes[i]; byte != 0; byte <<= 1)
      n += byte >> 7;
  return n;
}

/* NULL: it is none, or one that everybody is in. */
static GInetAddressMask *
try_make_network (const struct ifaddrs *interface)
{
  gsize size = 0, mask_size = 0;
  const guint8 *bytes = interface->ifa_addr != NULL ? get_bytes (interface->ifa_addr, &size) : NULL;
  const guint8 *mask =
      interface->ifa_netmask != NULL ? get_bytes (interface->ifa_netmask, &mask_size) : NULL;
  guint8 network[LONGEST_ADDRESS];
  g_autoptr (GInetAddress) address = NULL;

  if (bytes == NULL || mask == NULL || size != mask_size || count_bits (mask, size) == 0)
    return NULL;
  for (gsize i = 0; i < size; i++)
    network[i] = bytes[i] & mask[i];
  address = g_inet_address_new_from_bytes (network,
      interface->ifa_addr->sa_family == AF_INET ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
  return g_inet_address_mask_new (address, count_bits (mask, size), NULL);
}

GPtrArray *
ph_home_networks_list_any (void)
{
  GPtrArray *networks = g_ptr_array_new_with_free_func (g_object_unref);
  struct ifaddrs *interfaces = NULL;

  if (getifaddrs (&interfaces) != 0)
    return networks;
  for (const struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next) {
    GInetAddressMask *network = (i->ifa_flags & IFF_UP) != 0 ? try_make_network (i) : NULL;

    if (network != NULL)
      g_ptr_array_add (networks, network);
  }
  freeifaddrs (interfaces);
  return networks;
}
