/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/watch.h"

#include "common/loop.h"

#include <glib/gstdio.h>

#define SECONDS 10

typedef struct {
  char *folder;
  GPtrArray *paths;
  PhConfigWatch *watch;
  guint n_told;
} Fixture;

static void
on_changed (gpointer user_data)
{
  ((Fixture *)user_data)->n_told++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp (NULL, NULL);
  f->paths = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (f->paths, g_build_filename (f->folder, "settings", NULL));
  g_assert_true (g_file_set_contents (g_ptr_array_index (f->paths, 0), "1", -1, NULL));
  f->watch = ph_config_watch_new (50, on_changed, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->watch, ph_config_watch_free);
  for (guint i = 0; i < f->paths->len; i++)
    g_remove (g_ptr_array_index (f->paths, i));
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_ptr_array_unref (f->paths);
  g_free (f->folder);
}

static gboolean
is_told (gpointer user_data)
{
  return ((Fixture *)user_data)->n_told > 0;
}

/* In one step by a rename, as editors do, and byte for byte in place. */
static void
a_file_that_changes_is_told_once (Fixture *f, gconstpointer data)
{
  const char *file = g_ptr_array_index (f->paths, 0);

  ph_config_watch_set_paths (f->watch, f->paths);
  for (guint i = 0; i < 20; i++)
    g_assert_true (g_file_set_contents (file, "2", -1, NULL));
  g_assert_true (test_run_until (is_told, f, SECONDS));
  g_assert_cmpuint (f->n_told, ==, 1);
  f->n_told = 0;
  g_assert_true (g_file_set_contents_full (file, "3", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_true (test_run_until (is_told, f, SECONDS));
}

static void
a_file_that_comes_into_a_folder_is_told (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  g_ptr_array_add (paths, f->folder);
  ph_config_watch_set_paths (f->watch, paths);
  g_ptr_array_add (f->paths, g_build_filename (f->folder, "new", NULL));
  g_assert_true (g_file_set_contents (g_ptr_array_index (f->paths, 1), "1", -1, NULL));
  g_assert_true (test_run_until (is_told, f, SECONDS));
}

static void
a_file_that_is_not_there_yet_is_told_when_it_comes (Fixture *f, gconstpointer data)
{
  g_ptr_array_add (f->paths, g_build_filename (f->folder, "later", NULL));
  ph_config_watch_set_paths (f->watch, f->paths);
  g_assert_true (g_file_set_contents (g_ptr_array_index (f->paths, 1), "1", -1, NULL));
  g_assert_true (test_run_until (is_told, f, SECONDS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/config/watch/file", a_file_that_changes_is_told_once);
  TEST ("/config/watch/folder", a_file_that_comes_into_a_folder_is_told);
  TEST ("/config/watch/missing", a_file_that_is_not_there_yet_is_told_when_it_comes);
  return g_test_run ();
}
