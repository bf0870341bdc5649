/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/user-entry.h"

#include "access/users.h"
#include "base/error.h"
#include "base/replace-file.h"
#include "common/folder.h"

#include <string.h>
#include <unistd.h>

/* printf "anna:Porthole:open sesame" | md5sum, and | sha256sum */
#define MD5 "681adf45d9bd2f323e21986c6a9433d0"
#define SHA256 "5e6cfb32d6cdb9da0295950c4e421a516082b4b3148bfe2f34f85db5f92309d9"
#define DIGEST "{\"md5\":\"" MD5 "\",\"sha256\":\"" SHA256 "\"}"
#define PASSWORD "open sesame"

/* Without spaces; free with g_free. */
static char *
squeeze (const char *text)
{
  GString *squeezed = g_string_new (NULL);

  for (; *text != '\0'; text++)
    if (!g_ascii_isspace (*text))
      g_string_append_c (squeezed, *text);
  return g_string_free (squeezed, FALSE);
}

static void
an_entry_holds_hashes_and_no_password (void)
{
  g_autofree char *entry = ph_user_entry_make ("anna", PH_ROLE_ADMIN, PASSWORD);
  g_autofree char *squeezed = squeeze (entry);

  g_assert_cmpstr (squeezed, ==, "{\"name\":\"anna\",\"role\":\"admin\",\"digest\":" DIGEST "}");
}

static void
an_entry_is_put_into_settings (void)
{
  static const PhRole admin = PH_ROLE_ADMIN;
  static const struct {
    const char *before, *after;
    const PhRole *role;
  } rows[] = {
    { "{}", "{\"access\":{\"users\":[{\"name\":\"anna\",\"role\":\"viewer\",\"digest\":" DIGEST
            "}]}}" },
    { "{\"http\":{\"port\":81},\"access\":{\"anonymous\":true}}",
        "{\"http\":{\"port\":81},\"access\":{\"anonymous\":true,\"users\":[{\"name\":\"anna\","
        "\"role\":\"admin\",\"digest\":" DIGEST "}]}}",
        &admin },
    { "{\"access\":{\"users\":[{\"name\":\"bea\",\"password\":\"b\"},{\"name\":\"anna\","
      "\"password\":\"old\",\"role\":\"admin\",\"cameras\":[\"front\"]}]},\"cameras\":[\"a//b\"]}",
        "{\"access\":{\"users\":[{\"name\":\"bea\",\"password\":\"b\"},{\"name\":\"anna\","
        "\"role\":\"admin\",\"cameras\":[\"front\"],\"digest\":" DIGEST
        "}]},\"cameras\":[\"a//b\"]}" },
    { "{\"access\":{\"users\":[{\"name\":\"anna\",\"password_file\":\"a\"}]}}",
        "{\"access\":{\"users\":[{\"name\":\"anna\",\"role\":\"admin\",\"digest\":" DIGEST "}]}}",
        &admin },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *after =
        ph_user_entry_insert (rows[i].before, "anna", rows[i].role, PASSWORD, &error);
    g_autofree char *squeezed = NULL;

    g_assert_no_error (error);
    squeezed = squeeze (after);
    g_assert_cmpstr (squeezed, ==, rows[i].after);
  }
}

static void
what_would_lose_something_is_left_alone (void)
{
  static const char *const rows[] = { "", "[]", "{", "{} // mine", "{ /* mine */ }",
    "{\"access\":1}", "{\"access\":{\"users\":{}}}", "{\"http\":{},\"http\":{}}" };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", rows[i]);
    g_assert_null (ph_user_entry_insert (rows[i], "anna", NULL, PASSWORD, &error));
    g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
  }
}

static void
a_password_must_be_one_that_settings_can_hold (void)
{
  static const char *const bad[] = { "", "a\tb", "\xff", "\x7f" };
  g_autofree char *long_password = g_strnfill (256, 'a');

  g_assert_true (ph_user_entry_check_password (":/@%\"é ", NULL));
  g_assert_true (ph_user_entry_check_password (long_password + 1, NULL));
  g_assert_false (ph_user_entry_check_password (long_password, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (ph_user_entry_check_password (bad[i], &error));
    g_assert_error (error, PH_ERROR, PH_ERROR_USAGE);
  }
}

static void
a_replaced_file_is_closed_to_others (void)
{
  Folder folder = { 0 };
  g_autofree char *file = NULL;
  g_autofree char *link = NULL;
  g_autofree char *new_file = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf status;

  folder_init (&folder);
  file = folder_put (&folder, "porthole.json", "a long text that was there before", 0664);
  link = g_build_filename (folder.path, "link.json", NULL);
  new_file = g_build_filename (folder.path, "new.json", NULL);
  g_assert_cmpint (symlink ("porthole.json", link), ==, 0);

  g_assert_true (ph_replace_file (link, "{}\n", &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "{}\n");
  g_assert_cmpint (g_stat (file, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0640);

  g_assert_true (ph_replace_file (new_file, "{}\n", &error));
  g_assert_cmpint (g_stat (new_file, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  g_assert_false (ph_replace_file ("/nonexistent/a.json", "{}", &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE);
  folder_clear (&folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/access/user-entry/hashes", an_entry_holds_hashes_and_no_password);
  g_test_add_func ("/access/user-entry/insert", an_entry_is_put_into_settings);
  g_test_add_func ("/access/user-entry/refused", what_would_lose_something_is_left_alone);
  g_test_add_func ("/access/user-entry/password", a_password_must_be_one_that_settings_can_hold);
  g_test_add_func ("/access/user-entry/file", a_replaced_file_is_closed_to_others);
  return g_test_run ();
}
