/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/igd-call.h"

#include "remote/igd-device.h"

#include <netinet/in.h>

PhIgdCode
ph_igd_call_finish (
    GUPnPServiceProxy *service, GAsyncResult *result, GUPnPServiceProxyAction **action, char **said)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;

  *said = NULL;
  *action = gupnp_service_proxy_call_action_finish (service, result, &error);
  if (*action != NULL) {
    *said = g_strdup ("the router agrees");
    return PH_IGD_OK;
  }
  message = ph_igd_clean_text (error->message);
  if (error->domain == GUPNP_CONTROL_ERROR) {
    *said = g_strdup_printf ("the router says \"%s\" (error %d)", message, error->code);
    return error->code > 0 ? (PhIgdCode)error->code : PH_IGD_NO_ANSWER;
  }
  *said = g_strdup_printf ("the router gives no answer that can be understood: %s", message);
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? PH_IGD_CANCELLED
                                                                   : PH_IGD_NO_ANSWER;
}

/* The arguments stand in the order of the standard: some routers go by it. */
static GUPnPServiceProxyAction *
new_add (const char *name, const PhMappingRequest *request, guint port, guint lease_s,
    const char *description)
{
  g_autofree char *client = g_inet_address_to_string (request->gateway->self);

  return gupnp_service_proxy_action_new (name, "NewRemoteHost", G_TYPE_STRING, "",
      "NewExternalPort", G_TYPE_UINT, port, "NewProtocol", G_TYPE_STRING, "TCP", "NewInternalPort",
      G_TYPE_UINT, request->internal_port, "NewInternalClient", G_TYPE_STRING, client, "NewEnabled",
      G_TYPE_UINT, 1, "NewPortMappingDescription", G_TYPE_STRING, description, "NewLeaseDuration",
      G_TYPE_UINT, lease_s, NULL);
}

GUPnPServiceProxyAction *
ph_igd_call_new_add (
    const PhMappingRequest *request, guint port, guint lease_s, const char *description)
{
  return new_add ("AddPortMapping", request, port, lease_s, description);
}

GUPnPServiceProxyAction *
ph_igd_call_new_add_any (
    const PhMappingRequest *request, guint port, guint lease_s, const char *description)
{
  return new_add ("AddAnyPortMapping", request, port, lease_s, description);
}

static GUPnPServiceProxyAction *
new_for_entry (const char *name, guint port)
{
  return gupnp_service_proxy_action_new (name, "NewRemoteHost", G_TYPE_STRING, "",
      "NewExternalPort", G_TYPE_UINT, port, "NewProtocol", G_TYPE_STRING, "TCP", NULL);
}

GUPnPServiceProxyAction *
ph_igd_call_new_look (guint port)
{
  return new_for_entry ("GetSpecificPortMappingEntry", port);
}

GUPnPServiceProxyAction *
ph_igd_call_new_delete (guint port)
{
  return new_for_entry ("DeletePortMapping", port);
}

GUPnPServiceProxyAction *
ph_igd_call_new_address (void)
{
  return gupnp_service_proxy_action_new ("GetExternalIPAddress", NULL);
}

GUPnPServiceProxyAction *
ph_igd_call_new_firewall_status (void)
{
  return gupnp_service_proxy_action_new ("GetFirewallStatus", NULL);
}

GUPnPServiceProxyAction *
ph_igd_call_new_add_pinhole (const PhMappingRequest *request)
{
  g_autofree char *client = g_inet_address_to_string (request->gateway->self);

  return gupnp_service_proxy_action_new ("AddPinhole", "RemoteHost", G_TYPE_STRING, "",
      "RemotePort", G_TYPE_UINT, 0, "InternalClient", G_TYPE_STRING, client, "InternalPort",
      G_TYPE_UINT, request->internal_port, "Protocol", G_TYPE_UINT, IPPROTO_TCP, "LeaseTime",
      G_TYPE_UINT, request->lifetime_s, NULL);
}

GUPnPServiceProxyAction *
ph_igd_call_new_update_pinhole (const PhMappingRequest *request)
{
  return gupnp_service_proxy_action_new ("UpdatePinhole", "UniqueID", G_TYPE_UINT, request->pinhole,
      "NewLeaseTime", G_TYPE_UINT, request->lifetime_s, NULL);
}

GUPnPServiceProxyAction *
ph_igd_call_new_delete_pinhole (const PhMappingRequest *request)
{
  return gupnp_service_proxy_action_new (
      "DeletePinhole", "UniqueID", G_TYPE_UINT, request->pinhole, NULL);
}

void
ph_igd_entry_init (PhIgdEntry *self, GUPnPServiceProxyAction *action)
{
  g_autofree char *client = NULL;
  g_autofree char *description = NULL;
  guint port = 0;

  gupnp_service_proxy_action_get_result (action, NULL, "NewInternalPort", G_TYPE_UINT, &port,
      "NewInternalClient", G_TYPE_STRING, &client, "NewPortMappingDescription", G_TYPE_STRING,
      &description, NULL);
  self->client = ph_igd_clean_text (client != NULL ? client : "");
  self->description = ph_igd_clean_text (description != NULL ? description : "");
  self->port = port;
}

void
ph_igd_entry_clear (PhIgdEntry *self)
{
  g_clear_pointer (&self->client, g_free);
  g_clear_pointer (&self->description, g_free);
}

GInetAddress *
ph_igd_call_get_address (GUPnPServiceProxyAction *action)
{
  g_autofree char *text = NULL;
  g_autoptr (GInetAddress) address = NULL;

  gupnp_service_proxy_action_get_result (
      action, NULL, "NewExternalIPAddress", G_TYPE_STRING, &text, NULL);
  if (text == NULL)
    return NULL;
  address = g_inet_address_new_from_string (g_strstrip (text));
  if (address == NULL || g_inet_address_get_is_any (address) ||
      g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV4)
    return NULL;
  return g_steal_pointer (&address);
}
