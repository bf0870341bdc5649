/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/own-host.h"

static void
a_strangers_name_is_not_ours (void)
{
  static const char *const ours[] = { "localhost", "LocalHost", "localhost.", "a.localhost",
    "127.0.0.1", "192.0.2.7", "::1", "Cam.Example.org." };
  static const char *const strange[] = { "", "evil.example", "localhost.evil.example",
    "127.0.0.1.evil.example", "notlocalhost" };
  static const char *const more[] = { "cam.example.org", NULL };
  g_autofree char *local_name = g_strconcat (g_get_host_name (), ".local", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (ours); i++)
    g_assert_true (ph_own_host_is (ours[i], more));
  for (gsize i = 0; i < G_N_ELEMENTS (strange); i++)
    g_assert_false (ph_own_host_is (strange[i], more));
  g_assert_true (ph_own_host_is (g_get_host_name (), NULL));
  g_assert_true (ph_own_host_is (local_name, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/own-host/strangers", a_strangers_name_is_not_ours);
  return g_test_run ();
}
