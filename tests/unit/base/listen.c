/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/listen.h"

#include "base/error.h"

static gboolean
is_on (GPtrArray *sockets, const char *address)
{
  for (guint i = 0; i < sockets->len; i++) {
    g_autoptr (GSocketAddress) name =
        g_socket_get_local_address (g_ptr_array_index (sockets, i), NULL);
    g_autofree char *text =
        g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (name)));

    if (g_str_equal (text, address))
      return TRUE;
  }
  return FALSE;
}

static GPtrArray *
open_or_fail (const char *listen, PhListenScope scope)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *sockets = ph_listen_open ("http", listen, 0, scope, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ph_listen_get_port (sockets), >, 0);
  return sockets;
}

static void
any_is_every_address (void)
{
  g_autoptr (GPtrArray) sockets = open_or_fail ("any", PH_LISTEN_AS_ASKED);

  g_assert_true (is_on (sockets, "0.0.0.0"));
  g_assert_false (is_on (sockets, "127.0.0.1"));
}

static void
the_narrow_scope_is_loopback_whatever_is_asked (void)
{
  static const char *const asked[] = { "any", "0.0.0.0", "::", "192.0.2.1" };

  for (gsize i = 0; i < G_N_ELEMENTS (asked); i++) {
    g_autoptr (GPtrArray) sockets = NULL;

    g_assert_false (ph_listen_is_loopback (asked[i]));
    sockets = open_or_fail (asked[i], PH_LISTEN_LOOPBACK);
    g_assert_true (is_on (sockets, "127.0.0.1"));
    g_assert_false (is_on (sockets, "0.0.0.0"));
    g_assert_false (is_on (sockets, "::"));
  }
}

static void
loopback_is_this_machine_alone (void)
{
  g_autoptr (GPtrArray) sockets = NULL;
  g_autoptr (GPtrArray) one = NULL;

  g_assert_true (ph_listen_is_loopback ("loopback"));
  g_assert_true (ph_listen_is_loopback ("::1"));
  sockets = open_or_fail ("loopback", PH_LISTEN_LOOPBACK);
  one = open_or_fail ("127.0.0.1", PH_LISTEN_LOOPBACK);
  g_assert_true (is_on (sockets, "127.0.0.1"));
  g_assert_cmpuint (one->len, ==, 1);
}

static void
nonsense_is_refused_with_what_is_allowed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) sockets = ph_listen_open ("rtsp", "eth0", 0, PH_LISTEN_AS_ASKED, &error);

  g_assert_null (sockets);
  g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "rtsp.listen is \"eth0\""));
}

static void
a_port_in_use_is_named (void)
{
  g_autoptr (GPtrArray) first = open_or_fail ("127.0.0.1", PH_LISTEN_AS_ASKED);
  g_autofree char *port = g_strdup_printf ("*%u*", ph_listen_get_port (first));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) second =
      ph_listen_open ("http", "127.0.0.1", ph_listen_get_port (first), PH_LISTEN_AS_ASKED, &error);

  g_assert_null (second);
  g_assert_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE);
  g_assert_true (g_pattern_match_simple (port, error->message));
}

static void
our_own_may_be_opened_beside_one_another (void)
{
  g_autoptr (GPtrArray) first = open_or_fail ("127.0.0.1", PH_LISTEN_AS_ASKED);
  guint port = ph_listen_get_port (first);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) second =
      ph_listen_open_beside (first, "http", "port", "any", port, PH_LISTEN_AS_ASKED, &error);
  g_autoptr (GPtrArray) third = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (ph_listen_get_port (second), ==, port);
  third = ph_listen_open ("http", "any", port, PH_LISTEN_AS_ASKED, &error);
  g_assert_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE);
}

static void
those_of_others_may_not (void)
{
  g_autoptr (GPtrArray) own = open_or_fail ("127.0.0.1", PH_LISTEN_AS_ASKED);
  g_autoptr (GPtrArray) others = open_or_fail ("127.0.0.1", PH_LISTEN_AS_ASKED);
  g_autoptr (GError) error = NULL;

  g_assert_null (ph_listen_open_beside (
      own, "http", "port", "any", ph_listen_get_port (others), PH_LISTEN_AS_ASKED, &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  g_test_add_func ("/base/listen/any", any_is_every_address);
  g_test_add_func ("/base/listen/narrow", the_narrow_scope_is_loopback_whatever_is_asked);
  g_test_add_func ("/base/listen/loopback", loopback_is_this_machine_alone);
  g_test_add_func ("/base/listen/nonsense", nonsense_is_refused_with_what_is_allowed);
  g_test_add_func ("/base/listen/in-use", a_port_in_use_is_named);
  g_test_add_func ("/base/listen/beside", our_own_may_be_opened_beside_one_another);
  g_test_add_func ("/base/listen/beside-others", those_of_others_may_not);
  return g_test_run ();
}
