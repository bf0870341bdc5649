/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/regular-file.h"

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
  folder_clear (f);
}

static void
assert_refused (Folder *f, const char *name, PhErrorCode code, const char *sentence)
{
  g_autofree char *file = g_build_filename (f->path, name, NULL);
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  g_assert_null (ph_regular_file_read (file, 4, &length, &error));
  g_assert_error (error, PH_ERROR, (int)code);
  g_assert_cmpstr (error->message, ==, sentence);
}

static void
a_file_is_read_whole_or_not_at_all (Folder *f, gconstpointer data)
{
  g_autofree char *file = folder_put (f, "four", "abcd", 0600);
  G_GNUC_UNUSED g_autofree char *large = folder_put (f, "five", "abcde", 0600);
  gsize length = 0;
  g_autofree char *text = ph_regular_file_read (file, 4, &length, NULL);

  g_assert_cmpstr (text, ==, "abcd");
  g_assert_cmpuint (length, ==, 4);
  assert_refused (f, "five", PH_ERROR_SETTINGS, "has more than 0 KiB; allowed: at most 0 KiB");
}

/* Reading the pipe would wait for somebody who writes. */
static void
what_is_no_file_is_refused_at_once (Folder *f, gconstpointer data)
{
  g_autofree char *pipe = g_build_filename (f->path, "pipe", NULL);
  g_autofree char *folder = g_build_filename (f->path, "folder", NULL);

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  assert_refused (f, "pipe", PH_ERROR_SETTINGS, "is a device or pipe; allowed: a file");
  assert_refused (f, "folder", PH_ERROR_SETTINGS, "is a directory; allowed: a file");
  assert_refused (f, "none", PH_ERROR_NOT_FOUND, "cannot be read: No such file or directory");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/base/regular-file/whole", Folder, NULL, set_up, a_file_is_read_whole_or_not_at_all,
      tear_down);
  g_test_add ("/base/regular-file/refused", Folder, NULL, set_up,
      what_is_no_file_is_refused_at_once, tear_down);
  return g_test_run ();
}
