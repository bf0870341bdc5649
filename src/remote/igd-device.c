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

static gboolean
is_wanted (GUPnPServiceInfo *service, GInetAddress *router)
{
  const char *type = gupnp_service_info_get_service_type (service);
  g_autofree char *url = gupnp_service_info_get_control_url (service);

  return type != NULL && url != NULL && ph_igd_is_routers_url (url, router) &&
         (g_str_has_prefix (type, "urn:schemas-upnp-org:service:WANIPConnection:") ||
             g_str_has_prefix (type, "urn:schemas-upnp-org:service:WANPPPConnection:"));
}

static void
collect_services (GUPnPDeviceInfo *device, GInetAddress *router, guint depth, GPtrArray *services)
{
  GList *own = gupnp_device_info_list_services (device);
  GList *inner = depth < MAX_DEPTH ? gupnp_device_info_list_devices (device) : NULL;

  for (GList *item = own; item != NULL; item = item->next)
    if (services->len < MAX_SERVICES && is_wanted (item->data, router))
      g_ptr_array_add (services, g_object_ref (item->data));
  for (GList *item = inner; item != NULL; item = item->next)
    collect_services (item->data, router, depth + 1, services);
  g_list_free_full (own, g_object_unref);
  g_list_free_full (inner, g_object_unref);
}

/* Takes xml. */
static GPtrArray *
list_services (GUPnPContext *context, xmlDoc *xml, const char *location, GInetAddress *router)
{
  g_autoptr (GUPnPXMLDoc) document = gupnp_xml_doc_new (xml);
  g_autoptr (GPtrArray) services = g_ptr_array_new_with_free_func (g_object_unref);
  xmlNode *root = xmlDocGetRootElement (xml);
  xmlNode *element = root != NULL ? find_child (root, "device") : NULL;
  g_autoptr (GUri) base = element != NULL ? find_base (root, location) : NULL;
  g_autoptr (GUPnPDeviceProxy) device = NULL;

  if (base == NULL)
    return g_steal_pointer (&services);
  device = g_object_new (GUPNP_TYPE_DEVICE_PROXY, "resource-factory",
      gupnp_resource_factory_get_default (), "context", context, "location", location, "url-base",
      base, "document", document, "element", element, NULL);
  collect_services (GUPNP_DEVICE_INFO (device), router, 0, services);
  return g_steal_pointer (&services);
}

GPtrArray *
ph_igd_device_list_services (GUPnPContext *context, GBytes *description, const char *location,
    GInetAddress *router, GError **error)
{
  xmlDoc *xml = parse (description);
  g_autoptr (GPtrArray) services = NULL;

  if (xml == NULL) {
    g_set_error (error, PH_ERROR, PH_ERROR_FAILED, "the router's description is no XML");
    return NULL;
  }
  services = list_services (context, xml, location, router);
  if (services->len > 0)
    return g_steal_pointer (&services);
  g_set_error (
      error, PH_ERROR, PH_ERROR_FAILED, "the router's description has no service that maps ports");
  return NULL;
}
