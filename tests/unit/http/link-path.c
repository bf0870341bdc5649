/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/link-path.h"

static void
a_link_leads_where_its_path_without_it_does (void)
{
  static const struct {
    const char *path, *token, *plain;
  } rows[] = {
    { "/front/link/T-o_k/mjpeg", "T-o_k", "/front/mjpeg" },
    { "/front/link/T/hls/main/a.m4s", "T", "/front/hls/main/a.m4s" },
    { "/front/link/T/", "T", "/front/" },
    { "/front/link/T", "T", "/front" },
    { "/front/link//mjpeg", "", "/front/mjpeg" },
    { "/front/link/", "", "/front" },
    { "/front/link", NULL, NULL },
    { "/front/linked/T/mjpeg", NULL, NULL },
    { "/front/mjpeg/link/T/x", NULL, NULL },
    { "//link/T/mjpeg", NULL, NULL },
    { "/link/T/mjpeg", NULL, NULL },
    { "link/T/mjpeg", NULL, NULL },
    { "/", NULL, NULL },
    { "", NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *token = NULL;
    g_autofree char *plain = NULL;

    g_test_message ("%s", rows[i].path);
    g_assert_cmpint (
        ph_link_path_split_any (rows[i].path, &token, &plain), ==, rows[i].token != NULL);
    g_assert_cmpstr (token, ==, rows[i].token);
    g_assert_cmpstr (plain, ==, rows[i].plain);
  }
}

static void
what_is_made_is_what_is_read (void)
{
  g_autofree char *path = ph_link_path_make_any ("front", "T", "hls/a");

  g_assert_cmpstr (path, ==, "/front/link/T/hls/a");
}

static void
the_log_never_has_the_token (void)
{
  static const struct {
    const char *path, *shown;
  } rows[] = {
    { "/front/link/T/mjpeg", "/front/link/…/mjpeg" },
    { "/front/link/T", "/front/link/…" },
    { "/front/li%6ek/T/mjpeg", "/front/link/…/mjpeg" },
    { "/front/link%2fT%2Fmjpeg", "/front/link/…/mjpeg" },
    { "/front/mjpeg", "/front/mjpeg" },
    { "/a%0ab", "/a\\nb" },
    { "/%zz", "?" },
    { NULL, "?" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *shown = ph_link_path_redact_any (rows[i].path);

    g_assert_cmpstr (shown, ==, rows[i].shown);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/link-path/split", a_link_leads_where_its_path_without_it_does);
  g_test_add_func ("/http/link-path/make", what_is_made_is_what_is_read);
  g_test_add_func ("/http/link-path/redact", the_log_never_has_the_token);
  return g_test_run ();
}
