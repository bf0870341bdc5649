/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/event-sources.h"

#include "http/settings-api.h"
#include "http/viewer-api.h"

#define CERTIFICATE_DAYS 14

static void
on_viewer (const PhViewerInfo *info, gboolean is_here, gpointer user_data)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, is_here ? "came" : "left");
  json_builder_set_member_name (builder, "viewer");
  ph_viewer_json_add (builder, info);
  json_builder_end_object (builder);
  ph_events_emit (user_data, "viewer", PH_PERMISSION_ADMIN, NULL, builder);
}

void
ph_event_sources_add_viewers (PhEvents *events, PhViewers *viewers)
{
  ph_viewers_set_listener (viewers, on_viewer, events);
}

static void
add_address (JsonBuilder *builder, const char *name, PhPublicAddress *address, GSocketFamily family)
{
  GInetAddress *found = ph_public_address_get (address, family);
  g_autofree char *text = found != NULL ? g_inet_address_to_string (found) : NULL;

  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
on_address_changed (PhPublicAddress *address, gpointer user_data)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_address (builder, "ipv4", address, G_SOCKET_FAMILY_IPV4);
  add_address (builder, "ipv6", address, G_SOCKET_FAMILY_IPV6);
  json_builder_end_object (builder);
  ph_events_emit (user_data, "address", PH_PERMISSION_ADMIN, NULL, builder);
}

void
ph_event_sources_add_address (PhEvents *events, PhPublicAddress *address)
{
  g_signal_connect (address, "changed", G_CALLBACK (on_address_changed), events);
}

static void
on_allowance_changed (PhDataUse *data_use, gpointer user_data)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  ph_data_use_add_allowance (data_use, builder);
  ph_events_emit (user_data, "allowance", PH_PERMISSION_ADMIN, NULL, builder);
}

void
ph_event_sources_add_data_use (PhEvents *events, PhDataUse *data_use)
{
  ph_data_use_set_listener (data_use, on_allowance_changed, events);
}

void
ph_event_sources_tell_reload (PhEvents *events, GPtrArray *problems, const PhChanges *changes)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "changes");
  if (changes != NULL)
    ph_changes_add_json (builder, changes);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "problems");
  json_builder_begin_array (builder);
  for (guint i = 0; i < problems->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (problems, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ph_events_emit (events, "reload", PH_PERMISSION_ADMIN, NULL, builder);
}

void
ph_event_sources_tell_certificate (PhEvents *events, PhTls *tls)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (tls == NULL || ph_tls_get_days_left (tls) >= CERTIFICATE_DAYS)
    return;
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "days_left");
  json_builder_add_int_value (builder, ph_tls_get_days_left (tls));
  json_builder_end_object (builder);
  ph_events_emit (events, "certificate", PH_PERMISSION_ADMIN, NULL, builder);
}
