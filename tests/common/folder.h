/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A folder of a test, with files in it. */
#pragma once

#include <glib/gstdio.h>

typedef struct {
  char *path;
} Folder;

static inline void
folder_init (Folder *self)
{
  self->path = g_dir_make_tmp ("porthole-XXXXXX", NULL);
  g_assert_nonnull (self->path);
}

static inline void
folder_remove (const char *path)
{
  g_autoptr (GDir) dir =
      !g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? g_dir_open (path, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    folder_remove (child);
  }
  g_remove (path);
}

static inline void
folder_clear (Folder *self)
{
  folder_remove (self->path);
  g_clear_pointer (&self->path, g_free);
}

/* Free with g_free. */
static inline char *
folder_put (Folder *self, const char *name, const char *text, int mode)
{
  char *file = g_build_filename (self->path, name, NULL);

  g_assert_true (
      g_file_set_contents_full (file, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, mode, NULL));
  g_assert_cmpint (g_chmod (file, mode), ==, 0);
  return file;
}
