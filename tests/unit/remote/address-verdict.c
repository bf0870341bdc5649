/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/address-verdict.h"

typedef struct {
  const char *interface, *router, *web;
  PhAddressFinding finding;
  const char *address;
} Case;

/* RFC 1918, 5735, 6598; each with what was measured behind such a line. */
static const Case cases[] = {
  { NULL, NULL, NULL, PH_ADDRESS_FOUND_NONE, NULL },
  { "192.168.77.10", NULL, NULL, PH_ADDRESS_FOUND_NONE, NULL },
  { "5.6.7.8", NULL, NULL, PH_ADDRESS_FOUND_DIRECT, "5.6.7.8" },
  { "5.6.7.8", NULL, "9.9.9.1", PH_ADDRESS_FOUND_DIRECT, "5.6.7.8" },
  { "192.168.77.10", "5.6.7.8", NULL, PH_ADDRESS_FOUND_ROUTER, "5.6.7.8" },
  { "192.168.77.10", "5.6.7.8", "5.6.7.8", PH_ADDRESS_FOUND_ROUTER, "5.6.7.8" },
  { "192.168.77.10", "5.6.7.8", "9.9.9.1", PH_ADDRESS_FOUND_HIDDEN_NAT, "9.9.9.1" },
  { "192.168.77.10", "100.64.12.34", "9.9.9.1", PH_ADDRESS_FOUND_CGNAT, "9.9.9.1" },
  { "192.168.77.10", "100.64.12.34", NULL, PH_ADDRESS_FOUND_CGNAT, NULL },
  { "192.168.77.10", "192.0.0.2", "9.9.9.1", PH_ADDRESS_FOUND_CGNAT, "9.9.9.1" },
  { "192.168.77.10", "192.168.1.2", "9.9.9.1", PH_ADDRESS_FOUND_DOUBLE_NAT, "9.9.9.1" },
  { "192.168.77.10", "10.1.2.3", NULL, PH_ADDRESS_FOUND_DOUBLE_NAT, NULL },
  { "100.64.12.34", NULL, "9.9.9.1", PH_ADDRESS_FOUND_CGNAT, "9.9.9.1" },
  { "192.168.77.10", NULL, "9.9.9.1", PH_ADDRESS_FOUND_WEB, "9.9.9.1" },
};

static GInetAddress *
parse (const char *text)
{
  return text != NULL ? g_inet_address_new_from_string (text) : NULL;
}

static void
each_line_is_recognized (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GInetAddress) interface = parse (c->interface);
  g_autoptr (GInetAddress) router = parse (c->router);
  g_autoptr (GInetAddress) web = parse (c->web);
  PhAddressFacts facts = { interface, router, web };
  PhAddressVerdict verdict = ph_address_verdict (&facts);
  g_autofree char *address =
      verdict.address != NULL ? g_inet_address_to_string (verdict.address) : NULL;

  g_assert_cmpint (verdict.finding, ==, c->finding);
  g_assert_cmpstr (address, ==, c->address);
  g_assert_cmpstr (ph_address_finding_get_name (verdict.finding), !=, NULL);
  g_assert_cmpstr (ph_address_finding_get_words (verdict.finding), !=, NULL);
}

/* Seconds between two questions to web services, as polling goes on. */
static guint
get_web_interval (PhAddressFinding finding, gboolean is_silent)
{
  guint age = 0;

  do
    age += ph_address_finding_get_poll_time (finding, is_silent);
  while (!ph_address_finding_wants_web (finding, age));
  return age;
}

static void
web_services_are_polled_every_ten_minutes_at_most (void)
{
  for (PhAddressFinding i = PH_ADDRESS_FOUND_NONE; i <= PH_ADDRESS_FOUND_WEB; i++) {
    g_assert_cmpuint (get_web_interval (i, FALSE), >=, 600);
    g_assert_cmpuint (get_web_interval (i, TRUE), >=, 600);
  }
  g_assert_cmpuint (get_web_interval (PH_ADDRESS_FOUND_ROUTER, FALSE), >=, 3600);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func (
      "/remote/address-verdict/polling", web_services_are_polled_every_ten_minutes_at_most);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/remote/address-verdict/%u", i);

    g_test_add_data_func (path, &cases[i], each_line_is_recognized);
  }
  return g_test_run ();
}
