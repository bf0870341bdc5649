/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/state.h"

#include "base/error.h"
#include "common/folder.h"

static void
set_up (Folder *f, gconstpointer data)
{
  folder_init (f);
}

static void
tear_down (Folder *f, gconstpointer data)
{
  g_unsetenv ("STATE_DIRECTORY");
  folder_clear (f);
}

static int
get_mode (const char *path)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  return status.st_mode & 07777;
}

static void
the_folder_is_the_first_that_systemd_gives (Folder *f, gconstpointer data)
{
  g_autofree char *wanted = g_build_filename (f->path, "state", NULL);
  g_autofree char *folders = g_strconcat (wanted, ":/nonexistent", NULL);
  g_autofree char *folder = NULL;

  g_setenv ("STATE_DIRECTORY", folders, TRUE);
  folder = ph_state_make_folder (NULL);
  g_assert_cmpstr (folder, ==, wanted);
  g_assert_cmpint (get_mode (folder), ==, 0700);
}

static void
what_is_written_is_for_its_owner_alone (Folder *f, gconstpointer data)
{
  g_autofree char *file = g_build_filename (f->path, "key", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_assert_true (ph_state_write (f->path, "key", "\0a", 2, &error));
  g_assert_no_error (error);
  g_assert_cmpint (get_mode (file), ==, 0600);
  bytes = ph_state_read (f->path, "key", &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "\0a", 2);
}

static void
what_cannot_be_read_is_told_apart (Folder *f, gconstpointer data)
{
  g_autofree char *open = folder_put (f, "open", "secret", 0644);
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) readable = NULL;
  g_autoptr (GError) none = NULL;
  g_autoptr (GError) folder = NULL;

  g_assert_null (ph_state_read (f->path, "none", &missing));
  g_assert_error (missing, PH_ERROR, PH_ERROR_NOT_FOUND);
  g_assert_null (ph_state_read (f->path, "open", &readable));
  g_assert_error (readable, PH_ERROR, PH_ERROR_SETTINGS);
  g_assert_null (ph_state_read (f->path, ".", &none));
  g_assert_error (none, PH_ERROR, PH_ERROR_UNAVAILABLE);
  g_assert_true (g_str_has_suffix (none->message, "/. is a directory; allowed: a file"));
  g_assert_false (ph_state_write (open, "key", "a", 1, &folder));
  g_assert_error (folder, PH_ERROR, PH_ERROR_UNAVAILABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/base/state/folder", Folder, NULL, set_up,
      the_folder_is_the_first_that_systemd_gives, tear_down);
  g_test_add (
      "/base/state/mode", Folder, NULL, set_up, what_is_written_is_for_its_owner_alone, tear_down);
  g_test_add (
      "/base/state/faults", Folder, NULL, set_up, what_cannot_be_read_is_told_apart, tear_down);
  return g_test_run ();
}
