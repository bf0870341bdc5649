/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/remote-metrics.h"

static const char *const findings[] = { "none", "direct", "router", "cgnat", "double-nat",
  "hidden-nat", "web", NULL };
static const char *const port_states[] = { "trying", "open", "closed", NULL };

static void
add_known (PhMetricsText *text, PhPublicAddress *address, GSocketFamily family, const char *name)
{
  ph_metrics_text_add (text, ph_public_address_get (address, family) != NULL, "family", name, NULL);
}

/* Nothing is known while nobody is asked. */
void
ph_remote_metrics_add_address (PhMetricsText *text, PhPublicAddress *address)
{
  gboolean is_started = ph_public_address_is_started (address);
  gint64 since = ph_public_address_get_since (address);

  ph_metrics_text_begin (text, "porthole_public_address_state", PH_METRIC_STATESET, NULL,
      "Who has the public IPv4 address");
  if (is_started)
    ph_metrics_text_add_state (text, findings,
        ph_address_finding_get_name (ph_public_address_get_finding (address)), NULL);
  ph_metrics_text_begin (text, "porthole_public_address_known", PH_METRIC_GAUGE, NULL,
      "1 while the public address is known, else 0");
  if (is_started) {
    add_known (text, address, G_SOCKET_FAMILY_IPV4, "ipv4");
    add_known (text, address, G_SOCKET_FAMILY_IPV6, "ipv6");
  }
  ph_metrics_text_begin (text, "porthole_public_address_changed_timestamp_seconds", PH_METRIC_GAUGE,
      "seconds", "When the public IPv4 address became what it is, since 1970");
  if (is_started && since > 0)
    ph_metrics_text_add (text, since, NULL);
}

static const char *
get_family (const PhPortEntry *entry)
{
  return entry->record->family == G_SOCKET_FAMILY_IPV6 ? "ipv6" : "ipv4";
}

void
ph_remote_metrics_add_mapping (PhMetricsText *text, PhPortMapping *mapping)
{
  GPtrArray *entries = ph_port_mapping_get_entries (mapping);

  ph_metrics_text_begin (text, "porthole_port_mapping_state", PH_METRIC_STATESET, NULL,
      "Whether the router lets connections in to the port");
  for (guint i = 0; i < entries->len; i++) {
    const PhPortEntry *entry = g_ptr_array_index (entries, i);

    ph_metrics_text_add_state (text, port_states, port_states[entry->state], "port",
        entry->record->name, "family", get_family (entry), NULL);
  }
  ph_metrics_text_begin (text, "porthole_port_mapping", PH_METRIC_INFO, NULL,
      "The protocol that the router opened the port by");
  for (guint i = 0; i < entries->len; i++) {
    const PhPortEntry *entry = g_ptr_array_index (entries, i);

    if (entry->state == PH_PORT_OPEN)
      ph_metrics_text_add (text, 1, "port", entry->record->name, "family", get_family (entry),
          "protocol", ph_mapping_protocol_get_name (entry->protocol), NULL);
  }
  ph_metrics_text_begin (text, "porthole_port_mapping_end_timestamp_seconds", PH_METRIC_GAUGE,
      "seconds", "When the router closes the port unless it is asked again, since 1970");
  for (guint i = 0; i < entries->len; i++) {
    const PhPortEntry *entry = g_ptr_array_index (entries, i);

    if (entry->state == PH_PORT_OPEN && entry->lifetime_s > 0)
      ph_metrics_text_add (text, entry->answered_s + entry->lifetime_s, "port", entry->record->name,
          "family", get_family (entry), NULL);
  }
}
