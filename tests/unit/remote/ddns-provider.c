/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file of dynamic DNS providers, and what a user's own adds to it. */
#include "remote/ddns-provider.h"

#include "base/error.h"

#include <string.h>

typedef struct {
  const char *own;
  const char *problem;
} Row;

static const Row faults[] = {
  { "[dyn]\nurll=https://example.org/\n",
      "own.conf: [dyn]: \"urll\": found an unknown key; allowed: name, help, kind, url, url6, "
      "method, body, content-type, auth, user, zone, apex, missing4, missing6, families, answer, "
      "good, unchanged, refused, later, abuse, good-status, unchanged-status, refused-status, "
      "max-hosts, min-interval, spacing, max-per-day, refresh-days, abuse-waits, compare-dns; did "
      "you mean \"url\"?" },
  { "[dyn]\nurl=http://members.dyndns.org/{host}\n",
      "own.conf: [dyn]: url: found \"http://members.dyndns.org/{host}\"; allowed: an address that "
      "starts with \"https://\" (\"http://\" only to this machine)" },
  { "[dyn]\nurl=https://{host}/\n",
      "own.conf: [dyn]: url: found \"https://{host}/\"; allowed: an address that starts with "
      "\"https://\" (\"http://\" only to this machine)" },
  { "[dyn]\nauth=digest\n",
      "own.conf: [dyn]: auth: found \"digest\"; allowed: basic, bearer, none" },
  { "[dyn]\nmin-interval=soon\n",
      "own.conf: [dyn]: min-interval: found \"soon\"; allowed: a whole number" },
  { "[dyn]\ngood-status=200;OK\n",
      "own.conf: [dyn]: good-status: found \"200;OK\"; allowed: HTTP status codes from 200 to 599 "
      "with \";\" between them" },
  { "[dyn]\nfamilies=ipv5\n",
      "own.conf: [dyn]: families: found \"ipv5\"; allowed: ipv4, ipv6, ipv4;ipv6" },
  { "[dyn]\nrefresh-days=1\n", "own.conf: [dyn]: refresh-days: allowed: 0 (never), or 20 and more, "
                               "as sending again what has "
                               "not changed is abuse" },
  { "[own]\nname=Own\n", "own.conf: [own]: url: found nothing, but it is required" },
  { "[own]\nurl=https://example.org/\nanswer=contains\n",
      "own.conf: [own]: good: found nothing; allowed: what success looks like, here or in "
      "good-status" },
  { "[Own Provider]\nurl=https://example.org/\n",
      "own.conf: found the group \"Own Provider\"; allowed: of a-z, 0-9, \".\" and \"-\"" },
};

static void
each_fault_is_told_with_its_place (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (GError) error = NULL;
    g_autoptr (PhDdnsProviders) providers = ph_ddns_providers_new_from_text (
        faults[i].own, strlen (faults[i].own), "own.conf", problems, &error);

    g_assert_null (providers);
    g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
    g_assert_cmpuint (problems->len, ==, 1);
    g_assert_cmpstr (g_ptr_array_index (problems, 0), ==, faults[i].problem);
  }
}

static void
an_own_file_changes_single_keys_and_adds_providers (void)
{
  const char *own = "[easydns]\nmin-interval=900\n[own]\nurl=https://example.org/?to={ip4}\n";
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PhDdnsProviders) providers =
      ph_ddns_providers_new_from_text (own, strlen (own), "own.conf", problems, NULL);
  const PhDdnsProvider *easydns = ph_ddns_providers_find (providers, "easydns");
  const PhDdnsProvider *added = ph_ddns_providers_find (providers, "own");

  g_assert_cmpuint (easydns->min_interval, ==, 900);
  g_assert_cmpstr (easydns->name, ==, "easyDNS");
  g_assert_cmpuint (added->min_interval, ==, 300);
  g_assert_cmpuint (added->answer, ==, PH_DDNS_ANSWER_DYNDNS2);
}

static void
every_built_in_provider_is_called_safely_and_tells_where_to_read (void)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PhDdnsProviders) providers = ph_ddns_providers_new (NULL, problems, NULL);
  g_autofree const char **ids = ph_ddns_providers_list (providers);

  g_assert_cmpuint (g_strv_length ((char **)ids), >=, 44);
  for (guint i = 0; ids[i] != NULL; i++) {
    const PhDdnsProvider *provider = ph_ddns_providers_find (providers, ids[i]);

    g_test_message ("%s", ids[i]);
    if (g_str_equal (ids[i], "generic"))
      continue;
    g_assert_true (g_str_has_prefix (provider->url, "https://"));
    g_assert_nonnull (provider->help);
    /* An address nobody asked for is one the provider finds out itself. */
    g_assert_true (provider->kind != PH_DDNS_KIND_TEMPLATE || g_str_equal (ids[i], "freedns") ||
                   ph_ddns_provider_uses (provider, "{ip"));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote/ddns-provider/faults", each_fault_is_told_with_its_place);
  g_test_add_func ("/remote/ddns-provider/own", an_own_file_changes_single_keys_and_adds_providers);
  g_test_add_func ("/remote/ddns-provider/built-in",
      every_built_in_provider_is_called_safely_and_tells_where_to_read);
  return g_test_run ();
}
