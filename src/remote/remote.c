/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/remote.h"

#include "remote/remote-json.h"
#include "remote/remote-metrics.h"

struct _PhRemote {
  PhRouter *router;
  PhPublicAddress *address;
  PhPortMapping *mapping;
};

/* NULL: nothing speaks against it. */
static const char *
find_refusal (const PhRemoteServer *server)
{
  if (!server->has_users)
    return "there are no users, so everybody outside could look; add one with \"porthole user\"";
  if (server->https == 0)
    return "there is no HTTPS, so passwords could be read on the way";
  if (g_str_equal (server->listen, "loopback"))
    return "http.listen is \"loopback\", so nobody but this machine is answered";
  return NULL;
}

static guint
find_port (const PhRemoteServer *server, const char *name)
{
  if (g_str_equal (name, "https"))
    return server->https;
  if (g_str_equal (name, "rtsps"))
    return server->rtsps;
  return g_str_equal (name, "http") ? server->http : server->rtsp;
}

static guint
find_external_port (const PhPortMappingConfig *config, const char *name)
{
  if (g_str_equal (name, "https"))
    return config->external_https_port;
  return g_str_equal (name, "rtsps") ? config->external_rtsps_port : 0;
}

static void
open_ports (PhRemote *self, const PhPortMappingConfig *config, const PhRemoteServer *server)
{
  g_autoptr (GArray) wishes = g_array_new (TRUE, FALSE, sizeof (PhPortWish));

  for (char **name = config->ports; *name != NULL; name++) {
    PhPortWish wish = { *name, find_port (server, *name), find_external_port (config, *name) };

    if (wish.port > 0)
      g_array_append_val (wishes, wish);
  }
  ph_port_mapping_open (self->mapping, &g_array_index (wishes, PhPortWish, 0));
}

PhRemote *
ph_remote_new (void)
{
  PhRemote *self = g_new0 (PhRemote, 1);

  self->router = ph_router_new ();
  self->address = ph_public_address_new (self->router);
  self->mapping = ph_port_mapping_new (self->router);
  return self;
}

void
ph_remote_apply (PhRemote *self, const PhRemoteConfig *config, const PhRemoteServer *server)
{
  gboolean maps = config->port_mapping->is_enabled;
  gboolean is_wanted = maps || config->ddns->len > 0;
  const char *refusal = maps ? find_refusal (server) : NULL;

  if (is_wanted || ph_port_mapping_has_leftovers (self->mapping))
    ph_router_start (self->router);
  ph_public_address_set_config (self->address, config->public_address, config->ca_file);
  if (is_wanted)
    ph_public_address_start (self->address);
  else {
    ph_public_address_stop (self->address);
    ph_router_unsubscribe (self->router);
  }
  if (maps && refusal == NULL)
    open_ports (self, config->port_mapping, server);
  else
    ph_port_mapping_refuse (self->mapping, refusal);
}

void
ph_remote_free (PhRemote *self)
{
  ph_public_address_stop (self->address);
  ph_port_mapping_stop (self->mapping);
  ph_router_stop (self->router);
  g_object_unref (self->mapping);
  g_object_unref (self->address);
  g_object_unref (self->router);
  g_free (self);
}

PhPublicAddress *
ph_remote_get_public_address (PhRemote *self)
{
  return self->address;
}

PhPortMapping *
ph_remote_get_port_mapping (PhRemote *self)
{
  return self->mapping;
}

PhRouter *
ph_remote_get_router (PhRemote *self)
{
  return self->router;
}

void
ph_remote_report (JsonBuilder *builder, gpointer user_data)
{
  PhRemote *self = user_data;

  json_builder_begin_object (builder);
  ph_remote_json_add_address (builder, self->address, self->router);
  ph_remote_json_add_mapping (builder, self->mapping);
  json_builder_end_object (builder);
}

void
ph_remote_add_metrics (PhMetricsText *text, gpointer user_data)
{
  PhRemote *self = user_data;

  ph_remote_metrics_add_address (text, self->address);
  ph_remote_metrics_add_mapping (text, self->mapping);
}
