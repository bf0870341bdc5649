/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/cookie.h"

#include <string.h>

static void
a_cookie_is_found_among_others (void)
{
  static const struct {
    const char *header, *value;
  } rows[] = {
    { "id=abc", "abc" }, { "a=1; id=abc; b=2", "abc" }, { "a=1;id=abc;b=2", "abc" },
    { "  ;; id=abc  ;", "abc" }, { "id=\"abc\"", "abc" }, { "id=", "" }, { "id=a=b", "a=b" },
    { "id=first; id=second", "first" }, { "", NULL }, { "id", NULL }, { "ID=abc", NULL },
    { "xid=abc", NULL }, { "id2=abc", NULL }, { "id =abc", NULL }, { "a=id=abc", NULL },
    { "id=a b", NULL }, { "id=a\"b", NULL }, { "id=a,b", NULL }, { "id=a\\b", NULL },
    { "id=a\x01", NULL }, { "id=\xc3\xa9", NULL }, { "id=\"", NULL },
    { "id=bad value; id=abc", NULL }, /* the more special one counts, whatever it is */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *value = ph_cookie_find_any (rows[i].header, "id");

    g_test_message ("%s", rows[i].header);
    g_assert_cmpstr (value, ==, rows[i].value);
  }
}

static void
endless_cookies_are_none (void)
{
  g_autofree char *many = g_strnfill (9000, ';');
  g_autofree char *header = g_strconcat (many, "id=abc", NULL);

  g_assert_null (ph_cookie_find_any (header, "id"));
  g_assert_nonnull (strstr (header, "id=abc"));
}

static void
a_cookie_is_kept_from_scripts_and_other_sites (void)
{
  g_autofree char *plain = ph_cookie_make_any ("id", "abc", 60, FALSE);
  g_autofree char *secure = ph_cookie_make_any ("id", "abc", 60, TRUE);
  g_autofree char *gone = ph_cookie_make_any ("id", "", 0, TRUE);

  g_assert_cmpstr (plain, ==, "id=abc; Max-Age=60; HttpOnly; SameSite=Lax");
  g_assert_cmpstr (secure, ==, "id=abc; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
  g_assert_cmpstr (gone, ==, "id=; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/access/cookie/found", a_cookie_is_found_among_others);
  g_test_add_func ("/access/cookie/endless", endless_cookies_are_none);
  g_test_add_func ("/access/cookie/made", a_cookie_is_kept_from_scripts_and_other_sites);
  return g_test_run ();
}
