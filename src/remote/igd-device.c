/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/igd-device.h"

#include "base/error.h"

#include <libxml/parser.h>
#include <string.h>

#define MAX_DEPTH 4 /* of devices in devices; a gateway has three levels */
#define MAX_SERVICES 8
#define MAX_TEXT 80

gboolean
ph_igd_is_routers_url (const char *url, GInetAddress *router)
{
  g_autoptr (GUri) uri = url != NULL ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;
  g_autoptr (GInetAddress) host = NULL;

  if (uri == NULL || g_strcmp0 (g_uri_get_scheme (uri), "http") != 0 ||
      g_uri_get_userinfo (uri) != NULL || g_uri_get_host (uri) == NULL)
    return FALSE;
  host = g_inet_address_new_from_string (g_uri_get_host (uri));
  return host != NULL && g_inet_address_equal (host, router);
}

char *
ph_igd_clean_text (const char *text)
{
  char *clean = g_strndup (text, MAX_TEXT);

  for (char *at = clean; *at != '\0'; at++)
    if (!g_ascii_isprint (*at))
      *at = '?';
  return clean;
}

static xmlNode *
find_child (xmlNode *parent, const char *name)
{
  for (xmlNode *node = parent->children; node != NULL; node = node->next)
    if (node->type == XML_ELEMENT_NODE && g_str_equal (node->name, name))
      return node;
  return NULL;
}

/* A document type is where entities are declared: no router needs one. */
static xmlDoc *
parse (GBytes *description)
{
  gsize length;
  const char *bytes = g_bytes_get_data (description, &length);

  if (length == 0 || length > PH_IGD_MAX_BYTES || memchr (bytes, '\0', length) != NULL ||
      g_strstr_len (bytes, length, "<!DOCTYPE") != NULL)
    return NULL;
  return xmlReadMemory (bytes, length, NULL, NULL,
      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
}

static GUri *
find_base (xmlNode *root, const char *location)
{
  xmlNode *node = find_child (root, "URLBase");
  xmlChar *text = node != NULL ? xmlNodeGetContent (node) : NULL;
  GUri *base = text != NULL ? g_uri_parse ((char *)text, G_URI_FLAGS_NONE, NULL) : NULL;

  if (text != NULL)
    xmlFree (text);
  return base != NULL ? base : g_uri_parse (location, G_URI_FLAGS_NONE, NULL);
}

static const char *const mappers[] = { "urn:schemas-upnp-org:service:WANIPConnection:",
  "urn:schemas-upnp-org:service:WANPPPConnection:", NULL };
static const char *const firewalls[] = { "urn:schemas-upnp-org:service:WANIPv6FirewallControl:",
  NULL };

typedef struct {
  GInetAddress *router;
  const char *const *prefixes; /* of the types wanted */
  GPtrArray *services; /* element-type GUPnPServiceProxy */
} Collection;

static gboolean
is_wanted (const Collection *self, GUPnPServiceInfo *service)
{
  const char *type = gupnp_service_info_get_service_type (service);
  g_autofree char *url = gupnp_service_info_get_control_url (service);

  if (type == NULL || url == NULL || !ph_igd_is_routers_url (url, self->router))
    return FALSE;
  for (const char *const *prefix = self->prefixes; *prefix != NULL; prefix++)
    if (g_str_has_prefix (type, *prefix))
      return TRUE;
  return FALSE;
}

static void
collect_services (const Collection *self, GUPnPDeviceInfo *device, guint depth)
{
  GList *own = gupnp_device_info_list_services (device);
  GList *inner = depth < MAX_DEPTH ? gupnp_device_info_list_devices (device) : NULL;

  for (GList *item = own; item != NULL; item = item->next)
    if (self->services->len < MAX_SERVICES && is_wanted (self, item->data))
      g_ptr_array_add (self->services, g_object_ref (item->data));
  for (GList *item = inner; item != NULL; item = item->next)
    collect_services (self, item->data, depth + 1);
  g_list_free_full (own, g_object_unref);
  g_list_free_full (inner, g_object_unref);
}

/* Takes xml. base: NULL: there is none, and nothing is found. */
static void
list_services (
    const Collection *self, GUPnPContext *context, xmlDoc *xml, const char *location, GUri *base)
{
  g_autoptr (GUPnPXMLDoc) document = gupnp_xml_doc_new (xml);
  xmlNode *root = xmlDocGetRootElement (xml);
  xmlNode *element = root != NULL ? find_child (root, "device") : NULL;
  g_autoptr (GUPnPDeviceProxy) device = NULL;

  if (base == NULL || element == NULL)
    return;
  device = g_object_new (GUPNP_TYPE_DEVICE_PROXY, "resource-factory",
      gupnp_resource_factory_get_default (), "context", context, "location", location, "url-base",
      base, "document", document, "element", element, NULL);
  collect_services (self, GUPNP_DEVICE_INFO (device), 0);
}

GPtrArray *
ph_igd_device_list_services (GUPnPContext *context, GBytes *description, const char *location,
    GInetAddress *router, GError **error)
{
  xmlDoc *xml = parse (description);
  xmlNode *root = NULL;
  g_autoptr (GPtrArray) services = g_ptr_array_new_with_free_func (g_object_unref);
  Collection collection = { router, mappers, services };
  g_autoptr (GUri) base = NULL;

  if (xml == NULL) {
    g_set_error (error, PH_ERROR, PH_ERROR_FAILED, "the router's description is no XML");
    return NULL;
  }
  root = xmlDocGetRootElement (xml);
  base = root != NULL ? find_base (root, location) : NULL;
  list_services (&collection, context, xml, location, base);
  if (services->len > 0)
    return g_steal_pointer (&services);
  g_set_error (
      error, PH_ERROR, PH_ERROR_FAILED, "the router's description has no service that maps ports");
  return NULL;
}

/* What the description says of its base leads to the IPv4 address. */
GUPnPServiceProxy *
ph_igd_device_find_firewall (GUPnPContext *context, GBytes *description, const char *location,
    GInetAddress *router, GError **error)
{
  xmlDoc *xml = parse (description);
  g_autoptr (GPtrArray) services = g_ptr_array_new_with_free_func (g_object_unref);
  Collection collection = { router, firewalls, services };
  g_autoptr (GUri) base = g_uri_parse (location, G_URI_FLAGS_NONE, NULL);

  if (xml != NULL)
    list_services (&collection, context, xml, location, base);
  if (services->len > 0)
    return g_object_ref (g_ptr_array_index (services, 0));
  g_set_error (error, PH_ERROR, PH_ERROR_FAILED,
      "the router's UPnP has no service that opens its IPv6 firewall");
  return NULL;
}
