/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-report.h"

static void
add_text (JsonBuilder *builder, const char *key, const char *text)
{
  json_builder_set_member_name (builder, key);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

/* RFC 3339, UTC; NULL: never. */
static char *
format_time (gint64 time)
{
  g_autoptr (GDateTime) date = time > 0 ? g_date_time_new_from_unix_utc (time) : NULL;

  return date != NULL ? g_date_time_format (date, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

static void
add_time (JsonBuilder *builder, const char *key, gint64 time)
{
  g_autofree char *text = format_time (time);

  add_text (builder, key, text);
}

static char *
format_wait (gint64 seconds)
{
  if (seconds <= 0)
    return g_strdup ("now");
  if (seconds < 120)
    return g_strdup_printf ("in %" G_GINT64_FORMAT " s", seconds);
  if (seconds < 2 * 3600)
    return g_strdup_printf ("in %" G_GINT64_FORMAT " min", (seconds + 59) / 60);
  if (seconds < 2 * 86400)
    return g_strdup_printf ("in %" G_GINT64_FORMAT " h", (seconds + 1800) / 3600);
  return g_strdup_printf ("in %" G_GINT64_FORMAT " days", (seconds + 43200) / 86400);
}

char *
ph_ddns_report_describe_next (
    const PhDdnsAccount *account, const PhDdnsState *state, gint64 now, gint64 wall)
{
  gint64 due;
  PhDdnsNext next = ph_ddns_rules_find_next (state, account->provider, now, wall, &due);
  g_autofree char *when = due != PH_DDNS_NEVER ? format_wait (due - now) : NULL;

  switch (next) {
  case PH_DDNS_NEXT_NOTHING:
    break;
  case PH_DDNS_NEXT_ADDRESS:
    return g_strdup ("waits for a public address of this kind");
  case PH_DDNS_NEXT_USER:
    return g_strdup_printf ("stopped until the settings change or you try again; see %s",
        account->provider->help != NULL ? account->provider->help : "the provider's page");
  case PH_DDNS_NEXT_UPDATE:
    return g_strdup_printf ("%s is sent %s", state->wanted, when);
  case PH_DDNS_NEXT_RETRY:
    return g_strdup_printf ("%s is sent again %s", state->wanted, when);
  case PH_DDNS_NEXT_REFRESH:
    return g_strdup_printf ("the same address is sent again %s, as the provider wishes", when);
  }
  return g_strdup ("nothing to do until the address changes");
}

/* What the name's own servers say of it; null: they were not asked since it was published. */
static void
add_dns (JsonBuilder *builder, const PhDdnsState *state)
{
  g_auto (GStrv) addresses = state->resolved != NULL ? g_strsplit (state->resolved, " ", -1) : NULL;

  json_builder_set_member_name (builder, "dns");
  if (addresses == NULL && state->look_error == NULL) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "addresses");
  json_builder_begin_array (builder);
  for (guint i = 0; addresses != NULL && addresses[i] != NULL; i++)
    json_builder_add_string_value (builder, addresses[i]);
  json_builder_end_array (builder);
  add_time (builder, "looked_up_at", state->looked_at);
  add_time (builder, "differs_since", state->differs_since);
  add_text (builder, "error", state->look_error);
  json_builder_end_object (builder);
}

void
ph_ddns_report_add_record (JsonBuilder *builder, const PhDdnsAccount *account, PhFamily family,
    const PhDdnsState *state, gint64 now, gint64 wall)
{
  gint64 due;
  PhDdnsNext next = ph_ddns_rules_find_next (state, account->provider, now, wall, &due);
  g_autofree char *words = ph_ddns_report_describe_next (account, state, now, wall);

  json_builder_begin_object (builder);
  add_text (builder, "family", ph_family_to_string (family));
  add_text (builder, "wanted", state->wanted);
  add_text (builder, "published", state->accepted);
  add_time (builder, "published_at", state->accepted_at);
  add_text (
      builder, "result", state->has_verdict ? ph_ddns_verdict_to_string (state->verdict) : NULL);
  add_text (builder, "answer", state->answer);
  add_time (builder, "answered_at", state->answered_at);
  add_dns (builder, state);
  add_text (builder, "next", ph_ddns_next_to_string (next));
  add_time (builder, "next_at", due != PH_DDNS_NEVER ? wall + MAX (due - now, 0) : 0);
  add_text (builder, "next_in_words", words);
  json_builder_end_object (builder);
}

void
ph_ddns_report_add_name (JsonBuilder *builder, const PhDdnsAccount *account,
    PhDdnsState *const states[PH_N_FAMILIES], gint64 now, gint64 wall)
{
  json_builder_begin_object (builder);
  add_text (builder, "hostname", account->hostname);
  add_text (builder, "provider", account->provider->id);
  add_text (builder, "provider_name", account->provider->name);
  add_text (builder, "help", account->provider->help);
  json_builder_set_member_name (builder, "records");
  json_builder_begin_array (builder);
  for (PhFamily family = 0; family < PH_N_FAMILIES; family++)
    if (states[family] != NULL)
      ph_ddns_report_add_record (builder, account, family, states[family], now, wall);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static char *
format_local (gint64 time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (time);

  return date != NULL ? g_date_time_format (date, "%Y-%m-%d %H:%M") : g_strdup ("?");
}

static void
append_dns (GString *text, const PhDdnsState *state)
{
  g_autofree char *looked = format_local (state->looked_at);
  const char *resolved =
      state->resolved != NULL && *state->resolved != '\0' ? state->resolved : "no address";

  if (state->resolved != NULL)
    g_string_append_printf (text, "        in DNS: %s%s, %s\n", resolved,
        state->differs_since > 0 ? ", which differs" : "", looked);
  if (state->look_error != NULL)
    g_string_append_printf (text, "        in DNS: not known now, %s\n", state->look_error);
}

static void
append_record (GString *text, const PhDdnsAccount *account, PhFamily family,
    const PhDdnsState *state, gint64 now, gint64 wall)
{
  g_autofree char *since = format_local (state->accepted_at);
  g_autofree char *answered = format_local (state->answered_at);
  g_autofree char *next = ph_ddns_report_describe_next (account, state, now, wall);

  g_string_append_printf (text, "  %s  ", family == PH_FAMILY_IPV4 ? "IPv4" : "IPv6");
  if (state->accepted != NULL)
    g_string_append_printf (text, "%s, published %s\n", state->accepted, since);
  else
    g_string_append (text, "nothing published yet\n");
  if (state->has_verdict)
    g_string_append_printf (text, "        last answer: %s, %s\n", state->answer, answered);
  append_dns (text, state);
  g_string_append_printf (text, "        next: %s\n", next);
}

char *
ph_ddns_report_make_text (
    const PhDdnsAccount *account, PhDdnsState *const states[PH_N_FAMILIES], gint64 now, gint64 wall)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s (%s)\n", account->hostname, account->provider->name);
  for (PhFamily family = 0; family < PH_N_FAMILIES; family++)
    if (states[family] != NULL)
      append_record (text, account, family, states[family], now, wall);
  return g_string_free (text, FALSE);
}
