/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/announcements.h"

#include "remote/natpmp-packet.h"
#include "remote/pcp-packet.h"

#include <netinet/in.h>

#define PORT 5350
/* Announcements come up to ten times, and as NAT-PMP and PCP. */
#define BURST_MS 150

typedef struct {
  PhAnnouncements *owner;
  PhGateway *gateway; /* owned */
  GSocket *socket;
  GSource *source;
} Listener;

struct _PhAnnouncements {
  PhAnnounced announced;
  gpointer user_data;
  Listener listeners[2];
  guint burst; /* source id; 0: it is quiet */
};

static gboolean
on_burst_over (gpointer user_data)
{
  PhAnnouncements *self = user_data;

  self->burst = 0;
  self->announced (self->user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
is_announcement (const guint8 *bytes, gsize length)
{
  PhNatpmpAnswer natpmp;
  PhPcpAnswer pcp;

  if (ph_natpmp_parse_answer (bytes, length, &natpmp))
    return natpmp.opcode == PH_NATPMP_ADDRESS;
  return ph_pcp_parse_answer (bytes, length, &pcp) && pcp.version == 2 &&
         pcp.opcode == PH_PCP_ANNOUNCE;
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Listener *listener = user_data;
  PhAnnouncements *self = listener->owner;
  g_autoptr (GSocketAddress) from = NULL;
  char bytes[PH_PCP_MAX_SIZE + 1];
  gssize length = g_socket_receive_from (socket, &from, bytes, sizeof bytes, NULL, NULL);

  if (length <= 0 || from == NULL || !ph_gateway_is_router (listener->gateway, from) ||
      !is_announcement ((guint8 *)bytes, length))
    return G_SOURCE_CONTINUE;
  g_debug ("the router announces a change");
  if (self->burst == 0)
    self->burst = g_timeout_add (BURST_MS, on_burst_over, self);
  return G_SOURCE_CONTINUE;
}

static GSocket *
open_socket (const PhGateway *gateway, GError **error)
{
  gboolean is_ipv4 = gateway->family == G_SOCKET_FAMILY_IPV4;
  g_autoptr (GInetAddress) group =
      g_inet_address_new_from_string (is_ipv4 ? "224.0.0.1" : "ff02::1");
  g_autoptr (GInetAddress) any = g_inet_address_new_any (gateway->family);
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new (any, PORT);
  g_autoptr (GSocket) socket =
      g_socket_new (gateway->family, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);

  if (socket == NULL)
    return NULL;
  if (!is_ipv4)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, 1, NULL);
  if (!g_socket_bind (socket, local, TRUE, error) ||
      !g_socket_join_multicast_group (socket, group, FALSE, gateway->interface, error))
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  return g_steal_pointer (&socket);
}

static void
start_listener (PhAnnouncements *self, Listener *listener, const PhGateway *gateway)
{
  g_autoptr (GError) error = NULL;

  listener->owner = self;
  listener->socket = open_socket (gateway, &error);
  if (listener->socket == NULL) {
    g_debug ("cannot hear the router's announcements: %s", error->message);
    return;
  }
  listener->gateway = ph_gateway_copy (gateway);
  listener->source = g_socket_create_source (listener->socket, G_IO_IN, NULL);
  g_source_set_callback (listener->source, G_SOURCE_FUNC (on_readable), listener, NULL);
  g_source_attach (listener->source, g_main_context_get_thread_default ());
}

PhAnnouncements *
ph_announcements_new (
    const PhGateway *ipv4, const PhGateway *ipv6, PhAnnounced announced, gpointer user_data)
{
  PhAnnouncements *self = g_new0 (PhAnnouncements, 1);

  self->announced = announced;
  self->user_data = user_data;
  if (ipv4 != NULL)
    start_listener (self, &self->listeners[0], ipv4);
  if (ipv6 != NULL)
    start_listener (self, &self->listeners[1], ipv6);
  return self;
}

void
ph_announcements_free (PhAnnouncements *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->listeners); i++) {
    Listener *listener = &self->listeners[i];

    if (listener->source != NULL)
      g_source_destroy (listener->source);
    g_clear_pointer (&listener->source, g_source_unref);
    g_clear_object (&listener->socket);
    g_clear_pointer (&listener->gateway, ph_gateway_free);
  }
  g_clear_handle_id (&self->burst, g_source_remove);
  g_free (self);
}
