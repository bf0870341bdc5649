/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/routes.h"

static void
assert_address (GInetAddress *address, const char *wanted)
{
  g_autofree char *text = address != NULL ? g_inet_address_to_string (address) : NULL;

  g_assert_cmpstr (text, ==, wanted);
}

static void
the_default_route_with_the_least_metric_counts (void)
{
  static const char table[] =
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
      "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
      "eth0\t00000000\t014DA8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
      "eth0\t004DA8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
  PhRoute route;

  g_assert_true (ph_routes_find_ipv4 (table, &route));
  assert_address (route.router, "192.168.77.1");
  g_assert_cmpstr (route.interface, ==, "eth0");
  g_object_unref (route.router);
}

static void
a_route_without_a_gateway_is_none (void)
{
  PhRoute route;

  g_assert_false (
      ph_routes_find_ipv4 ("tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n", &route));
  g_assert_false (ph_routes_find_ipv4 ("", &route));
  g_assert_false (ph_routes_find_ipv4 ("rubbish\n\n\t\t\t", &route));
}

static void
ipv6_takes_the_route_that_leads_somewhere (void)
{
  static const char table[] =
      "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0\n"
      "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
      "fe80000000000000000000000000abcd 00000400 00000003 00000000 00000003     eth0\n"
      "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";
  PhRoute route;

  g_assert_true (ph_routes_find_ipv6 (table, &route));
  assert_address (route.router, "fe80::abcd");
  g_object_unref (route.router);
  g_assert_false (ph_routes_find_ipv6 ("xyz 00 0 00 0 1 1 1 3 eth0\n", &route));
}

static const char addresses[] = "00000000000000000000000000000001 01 80 10 80       lo\n"
                                "fe8000000000000000fc00fffe000001 02 40 20 80     eth0\n"
                                "fd000000000000000000000000000002 02 40 00 80     eth0\n"
                                "20010470000000000000000000000aaa 02 40 00 01     eth0\n"
                                "20010470000000000000000000000bbb 02 40 00 20     eth0\n"
                                "20010470000000000000000000000ccc 02 40 00 00     eth0\n"
                                "20010470000000000000000000000ddd 03 40 00 00    wlan0\n"
                                "20010470000000000000000000000eee 02 40 00 00     eth0\n";

static void
the_ipv6_address_that_stays_is_taken (void)
{
  g_autoptr (GInetAddress) eth = ph_routes_find_stable_ipv6 (addresses, "eth0", NULL);
  g_autoptr (GInetAddress) wlan = ph_routes_find_stable_ipv6 (addresses, "wlan0", NULL);
  g_autoptr (GInetAddress) none = ph_routes_find_stable_ipv6 (addresses, "lo", NULL);

  assert_address (eth, "2001:470::ccc");
  assert_address (wlan, "2001:470::ddd");
  g_assert_null (none);
}

static void
the_ipv6_address_of_before_is_kept_while_it_is_there (void)
{
  g_autoptr (GInetAddress) before = g_inet_address_new_from_string ("2001:470::eee");
  g_autoptr (GInetAddress) gone = g_inet_address_new_from_string ("2001:470::fff");
  g_autoptr (GInetAddress) kept = ph_routes_find_stable_ipv6 (addresses, "eth0", before);
  g_autoptr (GInetAddress) other = ph_routes_find_stable_ipv6 (addresses, "eth0", gone);

  assert_address (kept, "2001:470::eee");
  assert_address (other, "2001:470::ccc");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote/routes/metric", the_default_route_with_the_least_metric_counts);
  g_test_add_func ("/remote/routes/none", a_route_without_a_gateway_is_none);
  g_test_add_func ("/remote/routes/ipv6", ipv6_takes_the_route_that_leads_somewhere);
  g_test_add_func ("/remote/routes/stable", the_ipv6_address_that_stays_is_taken);
  g_test_add_func ("/remote/routes/kept", the_ipv6_address_of_before_is_kept_while_it_is_there);
  return g_test_run ();
}
