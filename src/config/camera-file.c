/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/camera-file.h"

#include "base/json-text.h"
#include "config/tables.h"

#include <glob.h>
#include <string.h>

static void
read_camera (PhReader *reader, const char *file, GPtrArray *cameras)
{
  PhCameraCensus *census = ph_reader_get_user_data (reader);
  gpointer camera = NULL;

  if (!ph_file_view_has (ph_reader_get_view (reader), file))
    return;
  if (!g_hash_table_add (census->files, g_canonicalize_filename (file, NULL)))
    return;
  camera = ph_reader_read_file (reader, &ph_camera_table, file);
  if (camera != NULL)
    g_ptr_array_add (cameras, camera);
}

static void
read_named (PhReader *reader, const char *name, GPtrArray *cameras)
{
  g_autofree char *file = ph_reader_resolve (reader, name);
  g_autofree char *quoted = ph_json_text_quote (name);

  ph_file_view_note (ph_reader_get_view (reader), file);
  if (*name != '\0' && ph_file_view_has (ph_reader_get_view (reader), file))
    read_camera (reader, file, cameras);
  else
    ph_reader_add_problem (reader, NULL,
        "found %s, but there is no such file; allowed: an object, a file name, or a pattern of "
        "them",
        quoted);
}

/* The folder of the naming file is no pattern, whatever characters are in it. */
static char *
make_full_pattern (PhReader *reader, const char *pattern)
{
  g_autofree char *full = ph_reader_resolve (reader, pattern);
  gsize folder_length = strlen (full) - strlen (pattern);
  GString *escaped = g_string_new (NULL);

  for (gsize i = 0; i < folder_length; i++) {
    if (strchr ("*?[]\\", full[i]) != NULL)
      g_string_append_c (escaped, '\\');
    g_string_append_c (escaped, full[i]);
  }
  g_string_append (escaped, pattern);
  return g_string_free (escaped, FALSE);
}

/* The folders that are no pattern themselves. */
static void
note_folder (PhReader *reader, const char *full)
{
  g_autofree char *folder = g_path_get_dirname (full);

  if (strpbrk (folder, "*?[\\") == NULL)
    ph_file_view_note (ph_reader_get_view (reader), folder);
}

static void
read_matches (PhReader *reader, const char *pattern, GPtrArray *cameras)
{
  g_autofree char *full = make_full_pattern (reader, pattern);
  g_autofree char *quoted = ph_json_text_quote (pattern);
  glob_t matches = { 0 };

  note_folder (reader, full);
  switch (glob (full, GLOB_ERR, NULL, &matches)) {
  case 0:
    for (gsize i = 0; i < matches.gl_pathc; i++)
      read_camera (reader, matches.gl_pathv[i], cameras);
    break;
  case GLOB_NOMATCH:
    g_message ("%s: no file matches %s", ph_reader_get_file (reader), quoted);
    break;
  default:
    ph_reader_add_problem (
        reader, NULL, "found %s, whose folder cannot be read; allowed: a folder that can", quoted);
  }
  globfree (&matches);
}

void
ph_camera_file_expand (PhReader *reader, const char *pattern, GPtrArray *cameras)
{
  if (strpbrk (pattern, "*?[") != NULL)
    read_matches (reader, pattern, cameras);
  else
    read_named (reader, pattern, cameras);
}
