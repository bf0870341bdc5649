/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/limiter.h"

#include "access/network.h"

static PhLimiterAnswer
ask (PhLimiter *limiter, const char *text)
{
  g_autoptr (GInetAddress) peer = g_inet_address_new_from_string (text);

  return ph_limiter_ask_any (limiter, peer);
}

static PhLimiterPlace *
take (PhLimiter *limiter, const char *text)
{
  g_autoptr (GInetAddress) peer = g_inet_address_new_from_string (text);

  return ph_limiter_take_any (limiter, peer);
}

static void
a_peer_has_its_share_and_leaves_the_others_theirs (void)
{
  g_autoptr (PhLimiter) limiter = ph_limiter_new (10, 2, NULL);
  PhLimiterPlace *first = take (limiter, "192.0.2.1");
  G_GNUC_UNUSED g_autoptr (PhLimiterPlace) second = take (limiter, "::ffff:192.0.2.1");

  g_assert_cmpint (ask (limiter, "192.0.2.1"), ==, PH_LIMITER_PEER_FULL);
  g_assert_cmpint (ask (limiter, "192.0.2.2"), ==, PH_LIMITER_ROOM);
  ph_limiter_place_free_any (first);
  g_assert_cmpint (ask (limiter, "192.0.2.1"), ==, PH_LIMITER_ROOM);
}

static void
all_addresses_of_a_subscriber_are_one_peer (void)
{
  g_autoptr (PhLimiter) limiter = ph_limiter_new (10, 1, NULL);
  G_GNUC_UNUSED g_autoptr (PhLimiterPlace) place = take (limiter, "2001:db8::1");

  g_assert_cmpint (ask (limiter, "2001:db8::ffff:1:2"), ==, PH_LIMITER_PEER_FULL);
  g_assert_cmpint (ask (limiter, "2001:db8:0:1::1"), ==, PH_LIMITER_ROOM);
}

static void
the_number_in_all_holds_for_the_exempt_too (void)
{
  g_autoptr (GPtrArray) exempt =
      ph_network_parse_list_any ((const char *const[]){ "127.0.0.1", NULL });
  g_autoptr (PhLimiter) limiter = ph_limiter_new (3, 1, exempt);
  G_GNUC_UNUSED g_autoptr (PhLimiterPlace) first = take (limiter, "127.0.0.1");
  G_GNUC_UNUSED g_autoptr (PhLimiterPlace) second = take (limiter, "127.0.0.1");

  g_assert_cmpint (ask (limiter, "127.0.0.1"), ==, PH_LIMITER_ROOM);
  {
    G_GNUC_UNUSED g_autoptr (PhLimiterPlace) third = take (limiter, "192.0.2.1");

    g_assert_cmpint (ask (limiter, "127.0.0.1"), ==, PH_LIMITER_FULL);
    g_assert_cmpint (ask (limiter, "192.0.2.1"), ==, PH_LIMITER_FULL);
  }
  g_assert_cmpint (ask (limiter, "127.0.0.1"), ==, PH_LIMITER_ROOM);
}

static void
at_twice_the_number_there_is_not_even_an_answer (void)
{
  g_autoptr (PhLimiter) limiter = ph_limiter_new (10, 1, NULL);
  G_GNUC_UNUSED g_autoptr (PhLimiterPlace) first = take (limiter, "192.0.2.1");
  G_GNUC_UNUSED g_autoptr (PhLimiterPlace) second = take (limiter, "192.0.2.1");

  g_assert_cmpint (ask (limiter, "192.0.2.1"), ==, PH_LIMITER_OVERRUN);
  g_assert_cmpint (ask (limiter, "192.0.2.2"), ==, PH_LIMITER_ROOM);
}

static void
who_has_nothing_any_more_is_forgotten (void)
{
  g_autoptr (PhLimiter) limiter = ph_limiter_new (10, 2, NULL);

  for (guint i = 0; i < 1000; i++) {
    g_autofree char *peer = g_strdup_printf ("10.0.%u.%u", i / 250, i % 250);
    G_GNUC_UNUSED g_autoptr (PhLimiterPlace) place = take (limiter, peer);

    g_assert_cmpuint (ph_limiter_get_n_peers_any (limiter), ==, 1);
  }
  g_assert_cmpuint (ph_limiter_get_n_peers_any (limiter), ==, 0);
  g_assert_cmpuint (ph_limiter_get_n_any (limiter), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/access/limiter/share", a_peer_has_its_share_and_leaves_the_others_theirs);
  g_test_add_func ("/access/limiter/subscriber", all_addresses_of_a_subscriber_are_one_peer);
  g_test_add_func ("/access/limiter/all", the_number_in_all_holds_for_the_exempt_too);
  g_test_add_func ("/access/limiter/overrun", at_twice_the_number_there_is_not_even_an_answer);
  g_test_add_func ("/access/limiter/forgotten", who_has_nothing_any_more_is_forgotten);
  return g_test_run ();
}
