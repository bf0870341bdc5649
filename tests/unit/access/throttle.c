/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/throttle.h"

#include "access/network.h"

#define BAN_S 600
#define FAILURES 6

typedef struct {
  PhThrottle *throttle;
  gint64 now_us;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) exempt = g_ptr_array_new_with_free_func (g_object_unref);
  const PhThrottleLimits limits = {
    .free_failures = 2,
    .failures = FAILURES,
    .ban_s = BAN_S,
    .max_delay_s = 4,
    .window_s = 3600,
    .name_failures = 20,
    .max_peers = 100,
    .max_names = 10,
  };

  g_ptr_array_add (exempt, g_inet_address_mask_new_from_string ("192.168.1.1", NULL));
  g_ptr_array_add (exempt, g_inet_address_mask_new_from_string ("fd00::/8", NULL));
  g_ptr_array_add (exempt, g_inet_address_mask_new_from_string ("2001:db8:7::1", NULL));
  f->throttle = ph_throttle_new (&limits, exempt);
  f->now_us = G_TIME_SPAN_DAY;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_throttle_free (f->throttle);
}

/* In milliseconds. */
static gint64
fail (Fixture *f, const char *peer, const char *name)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (peer);

  return ph_throttle_note_failure (f->throttle, address, name, f->now_us, NULL) / 1000;
}

static gint64
get_wait (Fixture *f, const char *peer)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (peer);

  return ph_throttle_get_wait_us (f->throttle, address, f->now_us, NULL) / 1000;
}

static gboolean
is_banned (Fixture *f, const char *peer)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (peer);
  gboolean answer = FALSE;

  ph_throttle_get_wait_us (f->throttle, address, f->now_us, &answer);
  return answer;
}

static void
succeed (Fixture *f, const char *peer, const char *name)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (peer);

  ph_throttle_note_success (f->throttle, address, name);
}

static void
delays_grow_until_the_ban (Fixture *f, gconstpointer data)
{
  static const gint64 waits_ms[FAILURES] = { 0, 0, 1000, 2000, 4000, BAN_S * 1000 };

  for (int i = 0; i < FAILURES; i++) {
    g_assert_cmpint (fail (f, "192.0.2.7", "anna"), ==, waits_ms[i]);
    g_assert_cmpint (get_wait (f, "192.0.2.7"), ==, waits_ms[i]);
    g_assert_cmpint (is_banned (f, "192.0.2.7"), ==, i == FAILURES - 1);
  }
  g_assert_cmpint (get_wait (f, "192.0.2.8"), ==, 0);
}

static void
a_ban_ends_and_all_begins_anew (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < FAILURES; i++)
    fail (f, "192.0.2.7", "anna");
  f->now_us += BAN_S * G_TIME_SPAN_SECOND - 1000;
  g_assert_cmpint (get_wait (f, "192.0.2.7"), ==, 1);
  f->now_us += 1000;
  g_assert_cmpint (get_wait (f, "192.0.2.7"), ==, 0);
  g_assert_false (is_banned (f, "192.0.2.7"));
  g_assert_cmpint (fail (f, "192.0.2.7", "anna"), ==, 0);
}

static void
an_hour_of_silence_forgives (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < FAILURES - 1; i++)
    fail (f, "192.0.2.7", "anna");
  f->now_us += G_TIME_SPAN_HOUR - 1;
  fail (f, "192.0.2.7", "anna");
  g_assert_true (is_banned (f, "192.0.2.7"));
  f->now_us += G_TIME_SPAN_HOUR;
  for (int i = 0; i < FAILURES - 1; i++)
    fail (f, "192.0.2.7", "anna");
  f->now_us += G_TIME_SPAN_HOUR;
  g_assert_cmpint (fail (f, "192.0.2.7", "anna"), ==, 0);
}

static void
the_right_password_forgives_mistyping (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 20; i++) {
    g_assert_cmpint (fail (f, "192.0.2.7", "anna"), ==, 0);
    g_assert_cmpint (fail (f, "192.0.2.7", "anna"), ==, 0);
    succeed (f, "192.0.2.7", "anna");
    f->now_us += 2 * G_TIME_SPAN_HOUR;
  }
}

static void
ones_own_password_does_not_forgive_guessing_at_others (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < FAILURES; i++) {
    fail (f, "192.0.2.7", i % 2 == 0 ? "root" : "anna");
    succeed (f, "192.0.2.7", "anna");
  }
  g_assert_true (is_banned (f, "192.0.2.7"));
  for (int i = 0; i < FAILURES; i++) {
    fail (f, "192.0.2.9", NULL);
    succeed (f, "192.0.2.9", "anna");
  }
  g_assert_true (is_banned (f, "192.0.2.9"));
}

static void
a_name_under_attack_leaves_each_peer_one_try (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 20; i++) {
    g_autofree char *peer = g_strdup_printf ("198.51.100.%d", i);
    g_assert_cmpint (fail (f, peer, "anna"), ==, 0);
  }
  g_assert_cmpint (get_wait (f, "203.0.113.5"), ==, 0);
  fail (f, "203.0.113.5", "anna");
  g_assert_true (is_banned (f, "203.0.113.5"));
  g_assert_cmpint (fail (f, "203.0.113.6", "root"), ==, 0);
}

static void
an_ipv6_network_is_one_peer_and_ipv4_in_ipv6_is_ipv4 (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *address, *key;
  } rows[] = {
    { "192.0.2.7", "192.0.2.7" },
    { "::ffff:192.0.2.7", "192.0.2.7" },
    { "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
    { "2001:db8:1:3::1", "2001:db8:1:3::/64" },
    { "::1", "::/64" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GInetAddress) address = g_inet_address_new_from_string (rows[i].address);
    g_autofree char *key = ph_network_make_peer_key_any (address);
    g_assert_cmpstr (key, ==, rows[i].key);
  }
  for (int i = 0; i < FAILURES; i++) {
    g_autofree char *peer = g_strdup_printf ("2001:db8::%d", i);
    fail (f, peer, "anna");
  }
  g_assert_true (is_banned (f, "2001:db8::ffff:1"));
  g_assert_false (is_banned (f, "2001:db8:0:1::1"));
}

static void
who_is_exempt_is_never_slowed (Fixture *f, gconstpointer data)
{
  static const char *const peers[] = { "192.168.1.1", "::ffff:192.168.1.1", "fd12::3" };

  for (gsize i = 0; i < G_N_ELEMENTS (peers); i++)
    for (int j = 0; j < 2 * FAILURES; j++)
      g_assert_cmpint (fail (f, peers[i], "anna"), ==, 0);
  g_assert_cmpuint (ph_throttle_get_n_peers (f->throttle), ==, 0);
  for (int j = 0; j < FAILURES; j++)
    fail (f, "192.168.1.2", "root");
  g_assert_true (is_banned (f, "192.168.1.2"));
}

/* What is called under the public address may come by the router's: the machines of its network are
 * one peer, and it is none of them. */
static void
a_router_of_ipv6_is_exempt_and_its_network_is_not (Fixture *f, gconstpointer data)
{
  for (int j = 0; j < FAILURES; j++)
    fail (f, "2001:db8:7::2", "root");
  g_assert_true (is_banned (f, "2001:db8:7::2"));
  g_assert_true (is_banned (f, "2001:db8:7::3"));
  g_assert_cmpint (get_wait (f, "2001:db8:7::1"), ==, 0);
  for (int j = 0; j < 2 * FAILURES; j++)
    g_assert_cmpint (fail (f, "2001:db8:7::1", "anna"), ==, 0);
  g_assert_cmpuint (ph_throttle_get_n_peers (f->throttle), ==, 1);
}

static void
memory_is_bounded_and_the_latest_are_remembered (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < FAILURES; i++)
    fail (f, "192.0.2.7", NULL);
  for (int i = 0; i < 10000; i++) {
    g_autofree char *peer = g_strdup_printf ("10.1.%d.%d", i / 256, i % 256);
    g_autofree char *name = g_strdup_printf ("user%d", i);

    fail (f, peer, name);
    if (i % 50 == 0) /* goes on, so it stays */
      fail (f, "192.0.2.7", NULL);
  }
  g_assert_cmpuint (ph_throttle_get_n_peers (f->throttle), ==, 100);
  g_assert_cmpuint (ph_throttle_get_n_names (f->throttle), ==, 10);
  g_assert_true (is_banned (f, "192.0.2.7"));
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/access/throttle/slows", delays_grow_until_the_ban },
    { "/access/throttle/ends", a_ban_ends_and_all_begins_anew },
    { "/access/throttle/forgives", an_hour_of_silence_forgives },
    { "/access/throttle/mistyped", the_right_password_forgives_mistyping },
    { "/access/throttle/own", ones_own_password_does_not_forgive_guessing_at_others },
    { "/access/throttle/name", a_name_under_attack_leaves_each_peer_one_try },
    { "/access/throttle/networks", an_ipv6_network_is_one_peer_and_ipv4_in_ipv6_is_ipv4 },
    { "/access/throttle/exempt", who_is_exempt_is_never_slowed },
    { "/access/throttle/exempt-ipv6", a_router_of_ipv6_is_exempt_and_its_network_is_not },
    { "/access/throttle/bounded", memory_is_bounded_and_the_latest_are_remembered },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
