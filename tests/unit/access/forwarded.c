/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/forwarded.h"
#include "access/network.h"

static const char *const networks[] = { "10.0.0.0/8", "127.0.0.1", "fd00::/8", "nonsense", NULL };

/* Free with g_free. */
static char *
find (const char *peer, const char *header)
{
  g_autoptr (GPtrArray) trusted = ph_network_parse_list_any (networks);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (peer);
  g_autoptr (GInetAddress) found = ph_forwarded_find_peer_any (trusted, address, header);

  return g_inet_address_to_string (found);
}

static void
the_nearest_that_is_no_trusted_proxy_is_the_peer (void)
{
  static const struct {
    const char *peer, *header, *found;
  } rows[] = {
    { "10.1.2.3", "192.0.2.7", "192.0.2.7" },
    { "10.1.2.3", " 192.0.2.7:5000 ", "192.0.2.7" },
    { "10.1.2.3", "2001:db8::7", "2001:db8::7" },
    { "10.1.2.3", "[2001:db8::7]:5000", "2001:db8::7" },
    { "::ffff:10.1.2.3", "192.0.2.7", "192.0.2.7" },
    { "fd00::1", "192.0.2.7", "192.0.2.7" },
    { "127.0.0.1", "192.0.2.7, 10.9.9.9", "192.0.2.7" },
    /* what the client wrote itself stands further left */
    { "127.0.0.1", "127.0.0.1, 192.0.2.7", "192.0.2.7" },
    { "127.0.0.1", "198.51.100.1, 192.0.2.7, 10.9.9.9", "192.0.2.7" },
    { "10.1.2.3", "10.4.4.4", "10.4.4.4" },
    /* nobody trusted wrote it */
    { "192.0.2.8", "192.0.2.7", "192.0.2.8" },
    { "::ffff:192.0.2.8", "192.0.2.7", "192.0.2.8" },
    { "192.0.2.8", NULL, "192.0.2.8" },
    /* nothing to be understood */
    { "10.1.2.3", NULL, "10.1.2.3" },
    { "10.1.2.3", "", "10.1.2.3" },
    { "10.1.2.3", "unknown", "10.1.2.3" },
    { "10.1.2.3", "192.0.2.7, unknown", "10.1.2.3" },
    { "10.1.2.3", "192.0.2.7,", "10.1.2.3" },
    { "10.1.2.3", "[", "10.1.2.3" },
    { "10.1.2.3", ":", "10.1.2.3" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *found = find (rows[i].peer, rows[i].header);

    g_test_message ("%s by %s", rows[i].header, rows[i].peer);
    g_assert_cmpstr (found, ==, rows[i].found);
  }
}

static void
an_endless_header_says_nothing (void)
{
  g_autofree char *spaces = g_strnfill (3000, ' ');
  g_autofree char *header = g_strconcat (spaces, "192.0.2.7", NULL);
  g_autofree char *found = find ("10.1.2.3", header);

  g_assert_cmpstr (found, ==, "10.1.2.3");
}

static void
only_a_trusted_proxy_says_how_the_client_came (void)
{
  static const struct {
    const char *peer;
    gboolean is_tls;
    const char *header;
    gboolean expected;
  } rows[] = {
    { "10.1.2.3", FALSE, "https", TRUE },
    { "10.1.2.3", FALSE, " HTTPS ", TRUE },
    { "10.1.2.3", FALSE, "http, https", TRUE },
    { "10.1.2.3", FALSE, "https, http", FALSE },
    { "10.1.2.3", TRUE, "http", FALSE },
    { "10.1.2.3", FALSE, NULL, FALSE },
    { "10.1.2.3", TRUE, NULL, TRUE },
    { "192.0.2.8", FALSE, "https", FALSE },
    { "192.0.2.8", TRUE, "http", TRUE },
  };
  g_autoptr (GPtrArray) trusted = ph_network_parse_list_any (networks);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GInetAddress) peer = g_inet_address_new_from_string (rows[i].peer);

    g_test_message ("%s by %s", rows[i].header, rows[i].peer);
    g_assert_cmpint (ph_forwarded_is_tls_any (trusted, peer, rows[i].is_tls, rows[i].header), ==,
        rows[i].expected);
  }
}

static void
loopback_is_loopback_however_it_is_shown (void)
{
  static const struct {
    const char *address;
    gboolean is_loopback;
  } rows[] = {
    { "127.0.0.1", TRUE },
    { "127.9.9.9", TRUE },
    { "::1", TRUE },
    { "::ffff:127.0.0.1", TRUE },
    { "::ffff:192.0.2.7", FALSE },
    { "10.0.0.1", FALSE },
    { "::", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GInetAddress) address = g_inet_address_new_from_string (rows[i].address);

    g_test_message ("%s", rows[i].address);
    g_assert_cmpint (ph_network_is_loopback_any (address), ==, rows[i].is_loopback);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/access/forwarded/peer", the_nearest_that_is_no_trusted_proxy_is_the_peer);
  g_test_add_func ("/access/forwarded/endless", an_endless_header_says_nothing);
  g_test_add_func ("/access/forwarded/tls", only_a_trusted_proxy_says_how_the_client_came);
  g_test_add_func ("/access/forwarded/loopback", loopback_is_loopback_however_it_is_shown);
  return g_test_run ();
}
