/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/listen.h"

#include "base/error.h"

static char *
list_addresses (const char *listen, PhListenScope scope)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) addresses = ph_listen_make_addresses (listen, 80, scope, &error);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  g_assert_no_error (error);
  for (guint i = 0; i < addresses->len; i++)
    g_ptr_array_add (texts, g_socket_connectable_to_string (g_ptr_array_index (addresses, i)));
  g_ptr_array_add (texts, NULL);
  return g_strjoinv (" ", (char **)texts->pdata);
}

static void
without_users_only_loopback_is_bound (void)
{
  static const struct {
    const char *listen;
    PhListenScope scope;
    const char *addresses;
    gboolean is_narrowed;
  } rows[] = {
    { "any", PH_LISTEN_LOOPBACK, "127.0.0.1:80 [::1]:80", TRUE },
    { "192.0.2.7", PH_LISTEN_LOOPBACK, "127.0.0.1:80 [::1]:80", TRUE },
    { "0.0.0.0", PH_LISTEN_LOOPBACK, "127.0.0.1:80 [::1]:80", TRUE },
    { "::", PH_LISTEN_LOOPBACK, "127.0.0.1:80 [::1]:80", TRUE },
    { "loopback", PH_LISTEN_LOOPBACK, "127.0.0.1:80 [::1]:80", FALSE },
    { "127.0.0.5", PH_LISTEN_LOOPBACK, "127.0.0.5:80", FALSE },
    { "::1", PH_LISTEN_LOOPBACK, "[::1]:80", FALSE },
    { "any", PH_LISTEN_AS_ASKED, "0.0.0.0:80 [::]:80", FALSE },
    { "loopback", PH_LISTEN_AS_ASKED, "127.0.0.1:80 [::1]:80", FALSE },
    { "192.0.2.7", PH_LISTEN_AS_ASKED, "192.0.2.7:80", FALSE },
  };

  g_assert_cmpint (ph_listen_scope (), ==, PH_LISTEN_LOOPBACK);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *addresses = list_addresses (rows[i].listen, rows[i].scope);

    g_assert_cmpstr (addresses, ==, rows[i].addresses);
    g_assert_cmpint (
        ph_listen_is_narrowed (rows[i].listen, rows[i].scope), ==, rows[i].is_narrowed);
  }
}

static void
nonsense_is_refused_with_what_is_allowed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) addresses =
      ph_listen_make_addresses ("eth0", 80, PH_LISTEN_AS_ASKED, &error);

  g_assert_null (addresses);
  g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "\"eth0\""));
}

static void
a_strangers_name_is_not_ours (void)
{
  static const char *const ours[] = { "localhost", "LocalHost", "localhost.", "a.localhost",
    "127.0.0.1", "192.0.2.7", "::1" };
  static const char *const strange[] = { "", "evil.example", "localhost.evil.example",
    "127.0.0.1.evil.example", "notlocalhost" };
  g_autofree char *local_name = g_strconcat (g_get_host_name (), ".local", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (ours); i++)
    g_assert_true (ph_listen_is_own_host (ours[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (strange); i++)
    g_assert_false (ph_listen_is_own_host (strange[i]));
  g_assert_true (ph_listen_is_own_host (g_get_host_name ()));
  g_assert_true (ph_listen_is_own_host (local_name));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/listen/scope", without_users_only_loopback_is_bound);
  g_test_add_func ("/http/listen/nonsense", nonsense_is_refused_with_what_is_allowed);
  g_test_add_func ("/http/listen/host", a_strangers_name_is_not_ours);
  return g_test_run ();
}
