/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/users.h"

#include "base/error.h"
#include "common/settings.h"

/* printf "anna:Porthole:open sesame" | md5sum, and | sha256sum */
#define MD5_OF_OPEN_SESAME "681adf45d9bd2f323e21986c6a9433d0"
#define SHA256_OF_OPEN_SESAME "5e6cfb32d6cdb9da0295950c4e421a516082b4b3148bfe2f34f85db5f92309d9"

#define ONE_USER(members) "{ 'access': { 'users': [ { 'name': 'anna', " members " } ] } }"

static void
set_up (Folder *f, gconstpointer data)
{
  folder_init (f);
  g_unsetenv ("CREDENTIALS_DIRECTORY");
}

static void
tear_down (Folder *f, gconstpointer data)
{
  folder_clear (f);
}

static PhUsers *
make (Folder *f, const char *settings)
{
  g_autoptr (PhConfig) config = folder_load (f, settings, 0600);
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  PhUsers *users = ph_users_new (config, &problems, &error);

  for (guint i = 0; i < problems->len; i++)
    g_test_message ("%s", (char *)g_ptr_array_index (problems, i));
  g_assert_no_error (error);
  return users;
}

/* The one problem, without the settings file's name in front; free with g_free. */
static char *
fail (Folder *f, const char *settings, int mode)
{
  g_autoptr (PhConfig) config = folder_load (f, settings, mode);
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *prefix = g_strconcat (config->file, ": ", NULL);
  GString *sentence = NULL;

  g_assert_null (ph_users_new (config, &problems, &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
  g_assert_cmpuint (problems->len, ==, 1);
  sentence = g_string_new (g_ptr_array_index (problems, 0));
  g_assert_true (g_str_has_prefix (sentence->str, prefix));
  g_string_replace (sentence, prefix, "", 1);
  g_string_replace (sentence, f->path, "FOLDER", 0);
  return g_string_free (sentence, FALSE);
}

static void
check_password (const PhUsers *users, const char *password)
{
  const PhUser *anna = ph_users_find_any (users, "anna");

  g_assert_nonnull (anna);
  g_assert_true (ph_user_has_password_any (anna, password));
  g_assert_false (ph_user_has_password_any (anna, "wrong"));
  g_assert_false (ph_user_has_password_any (anna, ""));
  g_assert_false (ph_user_has_password_any (NULL, password));
}

static void
a_password_is_kept_as_its_hashes (Folder *f, gconstpointer data)
{
  g_autoptr (PhUsers) users = make (f, ONE_USER ("'password': 'open sesame'"));
  const PhUser *anna = ph_users_find_any (users, "anna");
  const PhUserSecret *secret = g_ptr_array_index (anna->secrets, 0);

  check_password (users, "open sesame");
  g_assert_cmpstr (secret->hash[PH_HASH_MD5], ==, MD5_OF_OPEN_SESAME);
  g_assert_cmpstr (secret->hash[PH_HASH_SHA256], ==, SHA256_OF_OPEN_SESAME);
  g_assert_null (ph_users_find_any (users, "Anna"));
}

static void
hashes_alone_are_enough_for_a_password (Folder *f, gconstpointer data)
{
  static const char *const digests[] = {
    ONE_USER ("'digest': { 'md5': '" MD5_OF_OPEN_SESAME "' }"),
    ONE_USER ("'digest': { 'sha256': '" SHA256_OF_OPEN_SESAME "' }"),
    ONE_USER (
        "'digest': { 'md5': '" MD5_OF_OPEN_SESAME "', 'sha256': '" SHA256_OF_OPEN_SESAME "' }"),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (digests); i++) {
    g_autoptr (PhUsers) users = make (f, digests[i]);
    check_password (users, "open sesame");
  }
}

static void
the_first_line_of_a_password_file_counts (Folder *f, gconstpointer data)
{
  g_autofree char *file = folder_put (f, "anna.txt", "geheim: §\r\nmore\n", 0640);
  g_autoptr (PhUsers) users = make (f, ONE_USER ("'password_file': 'anna.txt'"));

  check_password (users, "geheim: §");
}

static void
a_systemd_credential_is_a_password (Folder *f, gconstpointer data)
{
  g_autofree char *file = folder_put (f, "porthole.user.anna", "from systemd", 0400);
  g_autoptr (PhUsers) users = NULL;

  g_setenv ("CREDENTIALS_DIRECTORY", f->path, TRUE);
  users = make (f, ONE_USER ("'role': 'admin'"));
  check_password (users, "from systemd");
}

static void
a_percent_encoded_password_is_the_password (Folder *f, gconstpointer data)
{
  g_autoptr (PhUsers) users = make (f, ONE_USER ("'password': ':/@%\\\"é'"));
  const PhUser *anna = ph_users_find_any (users, "anna");
  g_autofree char *encoded = ph_hash_password_any (PH_HASH_MD5, "anna", "%3A%2F%40%25%22%C3%A9");
  const PhUserSecret *second = g_ptr_array_index (anna->secrets, 1);

  check_password (users, ":/@%\"é");
  check_password (users, "%3A%2F%40%25%22%C3%A9");
  check_password (users, "%3a%2f%40%25%22%c3%a9");
  g_assert_cmpstr (second->hash[PH_HASH_MD5], ==, encoded);
}

static void
each_fault_is_told_and_nothing_secret (Folder *f, gconstpointer data)
{
  static const struct {
    const char *settings;
    const char *sentence;
    int mode;
  } rows[] = {
    { ONE_USER ("'password_file': 'none.txt'"),
        "access.users[0]: FOLDER/none.txt cannot be read: No such file or directory", 0644 },
    { ONE_USER ("'password_file': 'empty.txt'"),
        "access.users[0]: FOLDER/empty.txt has nothing in its first line", 0644 },
    { ONE_USER ("'password_file': 'open.txt'"),
        "access.users[0]: FOLDER/open.txt holds secrets, but everybody may read it; run: chmod 600 "
        "'FOLDER/open.txt'",
        0644 },
    { ONE_USER ("'password_file': '/'"), "access.users[0]: / is a directory; allowed: a file",
        0644 },
    { ONE_USER ("'role': 'admin'"),
        "access.users[0]: found no password; allowed: password, password_file, digest, or a "
        "systemd credential porthole.user.anna",
        0644 },
    { ONE_USER ("'password': 'secret'"),
        "holds secrets, but everybody may read it; run: chmod 600 'FOLDER/porthole.json'", 0644 },
    { ONE_USER ("'digest': { 'md5': '" MD5_OF_OPEN_SESAME "' }"),
        "holds secrets, but everybody may read it; run: chmod 600 'FOLDER/porthole.json'", 0644 },
  };
  g_autofree char *empty = folder_put (f, "empty.txt", "\nsecret", 0600);
  g_autofree char *open = folder_put (f, "open.txt", "secret", 0604);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *sentence = fail (f, rows[i].settings, rows[i].mode);
    g_assert_cmpstr (sentence, ==, rows[i].sentence);
  }
}

static void
a_fingerprint_changes_with_password_and_role (Folder *f, gconstpointer data)
{
  static const char *const settings[] = {
    ONE_USER ("'password': 'a'"),
    ONE_USER ("'password': 'a', 'cameras': [ 'front' ]"),
    ONE_USER ("'password': 'b'"),
    ONE_USER ("'password': 'a', 'role': 'admin'"),
  };
  char *prints[G_N_ELEMENTS (settings)];

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autoptr (PhUsers) users = make (f, settings[i]);
    prints[i] = ph_user_make_fingerprint_any (ph_users_find_any (users, "anna"));
  }
  g_assert_cmpstr (prints[0], ==, prints[1]);
  g_assert_cmpstr (prints[0], !=, prints[2]);
  g_assert_cmpstr (prints[0], !=, prints[3]);
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    g_free (prints[i]);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Folder *f, gconstpointer data);
  } tests[] = {
    { "/access/users/password", a_password_is_kept_as_its_hashes },
    { "/access/users/hashes", hashes_alone_are_enough_for_a_password },
    { "/access/users/file", the_first_line_of_a_password_file_counts },
    { "/access/users/credential", a_systemd_credential_is_a_password },
    { "/access/users/encoded", a_percent_encoded_password_is_the_password },
    { "/access/users/faults", each_fault_is_told_and_nothing_secret },
    { "/access/users/fingerprint", a_fingerprint_changes_with_password_and_role },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Folder, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
