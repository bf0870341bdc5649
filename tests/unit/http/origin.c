/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/origin.h"

static void
a_page_of_another_site_is_told_apart (void)
{
  static const struct {
    const char *fetch_site, *origin, *host;
    PhOrigin expected;
  } rows[] = {
    { NULL, NULL, "cam:8081", PH_ORIGIN_UNSAID },
    { NULL, "http://cam:8081", "cam:8081", PH_ORIGIN_OWN },
    { NULL, "https://CAM.example", "cam.example", PH_ORIGIN_OWN },
    { NULL, "http://cam", "cam:8081", PH_ORIGIN_FOREIGN },
    { NULL, "http://cam:8081.evil.example", "cam:8081", PH_ORIGIN_FOREIGN },
    { NULL, "http://evil.example", "cam", PH_ORIGIN_FOREIGN },
    { NULL, "http://cam", NULL, PH_ORIGIN_FOREIGN },
    { NULL, "null", "null", PH_ORIGIN_FOREIGN },
    { NULL, "", "", PH_ORIGIN_FOREIGN },
    { "same-origin", "https://outer.example", "inner:8081", PH_ORIGIN_OWN },
    { "same-site", "http://cam", "cam", PH_ORIGIN_FOREIGN },
    { "cross-site", NULL, "cam", PH_ORIGIN_FOREIGN },
    { "none", NULL, "cam", PH_ORIGIN_FOREIGN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("row %zu", i);
    g_assert_cmpint (ph_origin_find_any (rows[i].fetch_site, rows[i].origin, rows[i].host), ==,
        rows[i].expected);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/origin/foreign", a_page_of_another_site_is_told_apart);
  return g_test_run ();
}
