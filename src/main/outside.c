/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/outside.h"

#include "base/state.h"
#include "config/tables.h"
#include "remote/ddns-order.h"

struct _PhOutside {
  PhDdns *ddns; /* NULL until ph_outside_apply () */
  PhDdnsOrders *orders; /* nullable */
  PhPublicAddress *address;
  char *fixed[PH_N_FAMILIES]; /* what stands in the settings; nullable */
};

/* What stands in the settings needs no finding. */
static void
tell_address (PhOutside *self, PhFamily family)
{
  GInetAddress *found = ph_public_address_get (
      self->address, family == PH_FAMILY_IPV4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
  g_autofree char *text = found != NULL ? g_inet_address_to_string (found) : NULL;

  if (self->ddns != NULL)
    ph_ddns_set_address (
        self->ddns, family, self->fixed[family] != NULL ? self->fixed[family] : text);
}

static void
on_address_changed (PhPublicAddress *address, gpointer user_data)
{
  for (PhFamily family = 0; family < PH_N_FAMILIES; family++)
    tell_address (user_data, family);
}

PhOutside *
ph_outside_new (PhPublicAddress *address)
{
  PhOutside *self = g_new0 (PhOutside, 1);

  self->address = g_object_ref (address);
  g_signal_connect (address, "changed", G_CALLBACK (on_address_changed), self);
  return self;
}

void
ph_outside_free (PhOutside *self)
{
  g_signal_handlers_disconnect_by_data (self->address, self);
  g_object_unref (self->address);
  g_clear_pointer (&self->orders, ph_ddns_orders_free);
  g_clear_pointer (&self->ddns, ph_ddns_free);
  for (PhFamily family = 0; family < PH_N_FAMILIES; family++)
    g_free (self->fixed[family]);
  g_free (self);
}

/* The first fault; "porthole check" tells them all. */
static PhDdnsAccounts *
load_accounts (const PhConfig *config, GError **error)
{
  g_autoptr (GPtrArray) problems = NULL;
  PhDdnsAccounts *accounts = ph_ddns_accounts_new (config, &problems, error);

  if (accounts == NULL && problems->len > 0)
    g_prefix_error (error, "%s; ", (const char *)g_ptr_array_index (problems, 0));
  return accounts;
}

PhDdns *
ph_outside_prepare (const PhConfig *config, GError **error)
{
  g_autoptr (PhDdnsAccounts) accounts = load_accounts (config, error);
  g_autoptr (PhDdnsHttp) http = NULL;
  g_autofree char *folder = NULL;

  if (accounts == NULL)
    return NULL;
  http = ph_ddns_http_new (config->remote->ca_file, config->remote->contact, error);
  if (http == NULL)
    return NULL;
  if (accounts->list->len > 0)
    folder = ph_state_make_folder (error);
  if (folder == NULL && accounts->list->len > 0)
    return NULL;
  return ph_ddns_new (
      g_steal_pointer (&accounts), g_steal_pointer (&http), folder, &ph_clock_system);
}

static void
on_order (const char *hostname, gpointer user_data)
{
  PhOutside *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ph_ddns_try_again (self->ddns, hostname, &error))
    g_message ("a name is not tried again: %s", error->message);
}

/* NULL: there is none of this family. */
static const char *
find_fixed_address (const PhConfig *config, PhFamily family)
{
  char **sources = config->remote->public_address->sources;
  GSocketFamily wanted = family == PH_FAMILY_IPV4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;

  for (guint i = 0; sources[i] != NULL; i++) {
    g_autoptr (GInetAddress) address = g_inet_address_new_from_string (sources[i]);

    if (address != NULL && g_inet_address_get_family (address) == wanted)
      return sources[i];
  }
  return NULL;
}

void
ph_outside_apply (PhOutside *self, const PhConfig *config, PhDdns *ddns)
{
  static const PhDdnsLookup lookup = { ph_dns_ask_async, ph_dns_ask_finish };

  g_clear_pointer (&self->orders, ph_ddns_orders_free);
  g_clear_pointer (&self->ddns, ph_ddns_free);
  self->ddns = ddns;
  ph_ddns_set_lookup (ddns, &lookup);
  if (ph_ddns_get_folder (ddns) != NULL)
    self->orders = ph_ddns_orders_new (ph_ddns_get_folder (ddns), on_order, self);
  for (PhFamily family = 0; family < PH_N_FAMILIES; family++) {
    g_free (self->fixed[family]);
    self->fixed[family] = g_strdup (find_fixed_address (config, family));
    tell_address (self, family);
  }
}

static void
report_ddns (JsonBuilder *builder, gpointer user_data)
{
  PhOutside *self = user_data;

  ph_ddns_report (builder, self->ddns);
}

static gboolean
try_again (gpointer record, gpointer user_data, GError **error)
{
  PhOutside *self = user_data;
  const PhDdnsOrder *order = record;

  return ph_ddns_try_again (self->ddns, order->hostname, error);
}

void
ph_outside_add_to_api (PhOutside *self, PhApi *api)
{
  ph_api_add_report (api, "ddns", report_ddns, self);
  ph_api_add_action (api, "ddns", &ph_ddns_order_table, try_again, self);
}

/* PhDdns is another one after each reload. */
void
ph_outside_add_metrics (PhMetricsText *text, gpointer user_data)
{
  PhOutside *self = user_data;

  if (self->ddns != NULL)
    ph_ddns_add_metrics (self->ddns, text);
}

const char *
ph_outside_find_refusal (PhOutside *self, const char *hostname)
{
  return self->ddns != NULL ? ph_ddns_find_refusal (self->ddns, hostname) : NULL;
}
