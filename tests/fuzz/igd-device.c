/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A router's description of itself. */
#include "remote/igd-device.h"

#include "fuzz.h"

static GUPnPContext *
open_context (void)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

  return gupnp_context_new_for_address (loopback, 0, GSSDP_UDA_VERSION_1_0, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static GUPnPContext *context = NULL;
  g_autoptr (GBytes) description = g_bytes_new (data, size);
  g_autoptr (GInetAddress) router = g_inet_address_new_from_string ("192.168.77.1");
  g_autoptr (GInetAddress) ipv6 = g_inet_address_new_from_string ("2a01:db8:77::1");
  g_autoptr (GPtrArray) services = NULL;
  g_autoptr (GUPnPServiceProxy) firewall = NULL;

  if (context == NULL)
    context = open_context ();
  services = ph_igd_device_list_services (
      context, description, "http://192.168.77.1:5000/root.xml", router, NULL);
  for (guint i = 0; services != NULL && i < services->len; i++) {
    g_autofree char *url = gupnp_service_info_get_control_url (g_ptr_array_index (services, i));

    g_assert_true (ph_igd_is_routers_url (url, router));
  }
  firewall = ph_igd_device_find_firewall (
      context, description, "http://[2a01:db8:77::1]:5000/root.xml", ipv6, NULL);
  if (firewall != NULL) {
    g_autofree char *url = gupnp_service_info_get_control_url (GUPNP_SERVICE_INFO (firewall));

    g_assert_true (ph_igd_is_routers_url (url, ipv6));
  }
  return 0;
}
