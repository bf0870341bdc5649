/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/gateway.h"

#include "base/error.h"

#include <net/if.h>
#include <string.h>

PhGateway *
ph_gateway_new (GInetAddress *router, GInetAddress *self, const char *interface)
{
  PhGateway *gateway = g_new0 (PhGateway, 1);

  gateway->family = g_inet_address_get_family (router);
  gateway->router = g_object_ref (router);
  gateway->self = g_object_ref (self);
  g_strlcpy (gateway->interface, interface, sizeof gateway->interface);
  if (g_inet_address_get_is_link_local (router))
    gateway->scope = if_nametoindex (interface);
  return gateway;
}

PhGateway *
ph_gateway_copy (const PhGateway *self)
{
  return ph_gateway_new (self->router, self->self, self->interface);
}

void
ph_gateway_free (PhGateway *self)
{
  g_object_unref (self->router);
  g_object_unref (self->self);
  g_free (self);
}

gboolean
ph_gateway_equal (const PhGateway *a, const PhGateway *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_inet_address_equal (a->router, b->router) && g_inet_address_equal (a->self, b->self) &&
         g_str_equal (a->interface, b->interface);
}

static char *
read_table (const char *file)
{
  char *text = NULL;

  return g_file_get_contents (file, &text, NULL, NULL) ? text : g_strdup ("");
}

/* The one the kernel takes: connecting a datagram socket sends nothing. */
static GInetAddress *
find_source (GInetAddress *router)
{
  g_autoptr (GSocketAddress) target = g_inet_socket_address_new (router, 9);
  g_autoptr (GSocket) socket = g_socket_new (
      g_inet_address_get_family (router), G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocketAddress) local = NULL;

  if (socket == NULL || !g_socket_connect (socket, target, NULL, NULL))
    return NULL;
  local = g_socket_get_local_address (socket, NULL);
  return local != NULL
             ? g_object_ref (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local)))
             : NULL;
}

/* Documentation's address (RFC 5737): the default route leads there as well as anywhere. */
GInetAddress *
ph_gateway_find_ipv4_source (void)
{
  g_autoptr (GInetAddress) anywhere = g_inet_address_new_from_string ("192.0.2.1");

  return find_source (anywhere);
}

static GInetAddress *
find_ipv6 (const char *interface, GInetAddress *prefer)
{
  g_autofree char *table = read_table ("/proc/net/if_inet6");

  return ph_routes_find_stable_ipv6 (table, interface, prefer);
}

GInetAddress *
ph_gateway_find_stable_ipv6 (GInetAddress *prefer)
{
  return find_ipv6 (NULL, prefer);
}

PhGateway *
ph_gateway_find (GSocketFamily family, GError **error)
{
  gboolean is_ipv4 = family == G_SOCKET_FAMILY_IPV4;
  g_autofree char *table = read_table (is_ipv4 ? "/proc/net/route" : "/proc/net/ipv6_route");
  const char *name = is_ipv4 ? "IPv4" : "IPv6";
  PhRoute route = { 0 };
  g_autoptr (GInetAddress) router = NULL;
  g_autoptr (GInetAddress) self = NULL;

  if (is_ipv4 ? ph_routes_find_ipv4 (table, &route) : ph_routes_find_ipv6 (table, &route))
    router = route.router;
  if (router == NULL) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "this machine has no default gateway for %s: it is not connected, or not through a router",
        name);
    return NULL;
  }
  self = is_ipv4 ? find_source (router) : find_ipv6 (route.interface, NULL);
  if (self != NULL)
    return ph_gateway_new (router, self, route.interface);
  g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE, "this machine has no %s address%s", name,
      is_ipv4 ? "" : " that is public and stays");
  return NULL;
}

GSocketAddress *
ph_gateway_get_socket_address (const PhGateway *self, guint port)
{
  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", self->router, "port", port,
      "scope-id", self->scope, NULL);
}

gboolean
ph_gateway_is_router (const PhGateway *self, GSocketAddress *address)
{
  return G_IS_INET_SOCKET_ADDRESS (address) &&
         g_inet_address_equal (
             g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)), self->router);
}
