/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/network.h"

#include <string.h>

GInetAddress *
ph_network_unmap_any (GInetAddress *address)
{
  static const guint8 prefix[12] = { [10] = 0xff, [11] = 0xff };
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 &&
      memcmp (bytes, prefix, sizeof prefix) == 0)
    return g_inet_address_new_from_bytes (bytes + sizeof prefix, G_SOCKET_FAMILY_IPV4);
  return g_object_ref (address);
}

gboolean
ph_network_is_loopback_any (GInetAddress *address)
{
  g_autoptr (GInetAddress) unmapped = ph_network_unmap_any (address);

  return g_inet_address_get_is_loopback (unmapped);
}

GPtrArray *
ph_network_parse_list_any (const char *const *texts)
{
  GPtrArray *networks = g_ptr_array_new_with_free_func (g_object_unref);

  for (; *texts != NULL; texts++) {
    GInetAddressMask *network = g_inet_address_mask_new_from_string (*texts, NULL);

    if (network != NULL)
      g_ptr_array_add (networks, network);
  }
  return networks;
}

gboolean
ph_network_has_any (GPtrArray *networks, GInetAddress *address)
{
  g_autoptr (GInetAddress) unmapped = ph_network_unmap_any (address);

  for (guint i = 0; i < networks->len; i++)
    if (g_inet_address_mask_matches (networks->pdata[i], unmapped))
      return TRUE;
  return FALSE;
}

/* A subscriber has a /64 at least, and may change its address in it at will. */
char *
ph_network_make_peer_key_any (GInetAddress *peer)
{
  g_autoptr (GInetAddress) address = ph_network_unmap_any (peer);
  g_autoptr (GInetAddress) network = NULL;
  g_autofree char *text = NULL;
  guint8 bytes[16] = { 0 };

  if (g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV6)
    return g_inet_address_to_string (address);
  memcpy (bytes, g_inet_address_to_bytes (address), 8);
  network = g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV6);
  text = g_inet_address_to_string (network);
  return g_strconcat (text, "/64", NULL);
}
