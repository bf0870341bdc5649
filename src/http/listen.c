/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/listen.h"

#include "base/error.h"

#include <string.h>

PhListenScope
ph_listen_scope (void)
{
  return PH_LISTEN_LOOPBACK;
}

static gboolean
is_loopback (const char *listen)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (listen);

  return g_str_equal (listen, "loopback") ||
         (address != NULL && g_inet_address_get_is_loopback (address));
}

gboolean
ph_listen_is_narrowed (const char *listen, PhListenScope scope)
{
  return scope == PH_LISTEN_LOOPBACK && !is_loopback (listen);
}

static void
add_address (GPtrArray *addresses, GInetAddress *address, guint port)
{
  g_ptr_array_add (addresses, g_inet_socket_address_new (address, port));
  g_object_unref (address);
}

GPtrArray *
ph_listen_make_addresses (const char *listen, guint port, PhListenScope scope, GError **error)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_object_unref);

  if (ph_listen_is_narrowed (listen, scope) || g_str_equal (listen, "loopback")) {
    add_address (addresses, g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4), port);
    add_address (addresses, g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV6), port);
  } else if (g_str_equal (listen, "any")) {
    add_address (addresses, g_inet_address_new_any (G_SOCKET_FAMILY_IPV4), port);
    add_address (addresses, g_inet_address_new_any (G_SOCKET_FAMILY_IPV6), port);
  } else {
    GSocketAddress *address = g_inet_socket_address_new_from_string (listen, port);

    if (address == NULL) {
      g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
          "http.listen is \"%s\"; allowed are any, loopback or an address of this machine", listen);
      return NULL;
    }
    g_ptr_array_add (addresses, address);
  }
  return g_steal_pointer (&addresses);
}

gboolean
ph_listen_is_own_host (const char *host)
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
  return own_length > 0 && g_str_has_prefix (name, own) &&
         (name[own_length] == '\0' || g_str_equal (name + own_length, ".local"));
}
