/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/remote-json.h"

#include "remote/address.h"

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

static void
add_number (JsonBuilder *builder, const char *name, gint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

static void
add_time (JsonBuilder *builder, const char *name, gint64 unix_s)
{
  g_autoptr (GDateTime) time = unix_s > 0 ? g_date_time_new_from_unix_utc (unix_s) : NULL;
  g_autofree char *text = time != NULL ? g_date_time_format_iso8601 (time) : NULL;

  add_text (builder, name, text);
}

static void
add_address (JsonBuilder *builder, const char *name, GInetAddress *address)
{
  g_autofree char *text = address != NULL ? g_inet_address_to_string (address) : NULL;

  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  add_text (builder, "address", text);
  add_text (builder, "class",
      address != NULL ? ph_address_kind_get_name (ph_address_classify (address)) : NULL);
}

static void
add_echoes (JsonBuilder *builder, GPtrArray *echoes)
{
  json_builder_set_member_name (builder, "web");
  json_builder_begin_array (builder);
  for (guint i = 0; i < echoes->len; i++) {
    const PhEchoAnswer *answer = g_ptr_array_index (echoes, i);

    json_builder_begin_object (builder);
    add_text (builder, "url", answer->url);
    add_text (builder, "said", answer->said);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_sources (JsonBuilder *builder, PhPublicAddress *address, PhRouter *router)
{
  PhAddressFacts facts;
  const char *protocol =
      ph_router_get_address (router) != NULL
          ? ph_mapping_protocol_get_name (ph_router_get_address_protocol (router))
          : NULL;

  ph_public_address_get_facts (address, &facts);
  json_builder_set_member_name (builder, "sources");
  json_builder_begin_object (builder);
  add_address (builder, "router", facts.router);
  add_text (builder, "protocol", protocol);
  add_text (builder, "said", ph_router_get_address_words (router));
  json_builder_end_object (builder);
  add_address (builder, "interface", facts.interface);
  json_builder_end_object (builder);
  add_echoes (builder, ph_public_address_get_echoes (address));
  json_builder_end_object (builder);
}

void
ph_remote_json_add_address (JsonBuilder *builder, PhPublicAddress *address, PhRouter *router)
{
  PhAddressFinding finding = ph_public_address_get_finding (address);
  gboolean is_started = ph_public_address_is_started (address);

  json_builder_set_member_name (builder, "public_address");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "enabled");
  json_builder_add_boolean_value (builder, is_started);
  add_address (builder, "ipv4", ph_public_address_get (address, G_SOCKET_FAMILY_IPV4));
  add_text (builder, "source", ph_address_finding_get_name (finding));
  add_text (builder, "said",
      is_started ? ph_address_finding_get_words (finding)
                 : "nobody is asked: there are neither names nor ports for the outside");
  add_time (builder, "since", ph_public_address_get_since (address));
  json_builder_end_object (builder);
  add_address (builder, "ipv6", ph_public_address_get (address, G_SOCKET_FAMILY_IPV6));
  json_builder_end_object (builder);
  add_sources (builder, address, router);
  json_builder_end_object (builder);
}

static void
add_answers (JsonBuilder *builder, const PhPortEntry *entry)
{
  json_builder_set_member_name (builder, "answers");
  json_builder_begin_object (builder);
  for (guint i = 0; i < PH_N_MAPPING_PROTOCOLS; i++)
    if (entry->answers[i] != NULL)
      add_text (builder, ph_mapping_protocol_get_name (i), entry->answers[i]);
  json_builder_end_object (builder);
}

static void
add_port (JsonBuilder *builder, const PhPortEntry *entry)
{
  static const char *const states[] = { "trying", "open", "closed" };
  gboolean is_open = entry->state == PH_PORT_OPEN;

  json_builder_begin_object (builder);
  add_text (builder, "name", entry->record->name);
  add_number (builder, "ip_version", entry->record->family == G_SOCKET_FAMILY_IPV6 ? 6 : 4);
  add_text (builder, "state", states[entry->state]);
  add_text (builder, "said", entry->said);
  add_text (builder, "protocol", is_open ? ph_mapping_protocol_get_name (entry->protocol) : NULL);
  add_number (builder, "internal_port", entry->record->internal_port);
  add_number (builder, "external_port", entry->record->external_port);
  add_address (builder, "external", entry->external_address);
  json_builder_end_object (builder);
  add_number (builder, "lifetime", entry->lifetime_s);
  add_time (builder, "answered", entry->answered_s);
  add_time (builder, "next", entry->next_s);
  add_answers (builder, entry);
  json_builder_end_object (builder);
}

void
ph_remote_json_add_mapping (JsonBuilder *builder, PhPortMapping *mapping)
{
  GPtrArray *entries = ph_port_mapping_get_entries (mapping);

  json_builder_set_member_name (builder, "port_mapping");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "enabled");
  json_builder_add_boolean_value (builder, entries->len > 0);
  add_text (builder, "refused", ph_port_mapping_get_refusal (mapping));
  json_builder_set_member_name (builder, "ports");
  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    add_port (builder, g_ptr_array_index (entries, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}
