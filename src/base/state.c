/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/state.h"

#include "base/error.h"
#include "base/regular-file.h"
#include "base/secret-file.h"

#include <errno.h>
#include <sys/stat.h>

#define MAX_BYTES (16 * 1024 * 1024)

static char *
find_folder (void)
{
  const char *folders = g_getenv ("STATE_DIRECTORY");
  g_auto (GStrv) split = folders != NULL ? g_strsplit (folders, ":", 2) : NULL;

  if (split != NULL && split[0] != NULL && g_path_is_absolute (split[0]))
    return g_strdup (split[0]);
  return g_build_filename (g_get_user_state_dir (), "porthole", NULL);
}

char *
ph_state_make_folder (GError **error)
{
  g_autofree char *folder = find_folder ();

  if (g_mkdir_with_parents (folder, 0700) == 0)
    return g_steal_pointer (&folder);
  g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
      "the folder for Porthole's own files, %s, cannot be made: %s", folder, g_strerror (errno));
  return NULL;
}

gboolean
ph_state_write (
    const char *folder, const char *name, const void *bytes, gsize length, GError **error)
{
  g_autofree char *file = g_build_filename (folder, name, NULL);
  g_autoptr (GError) cause = NULL;

  if (g_file_set_contents_full (file, bytes, length,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &cause))
    return TRUE;
  g_set_error (
      error, PH_ERROR, PH_ERROR_UNAVAILABLE, "%s cannot be written: %s", file, cause->message);
  return FALSE;
}

GBytes *
ph_state_read (const char *folder, const char *name, GError **error)
{
  g_autofree char *file = g_build_filename (folder, name, NULL);
  g_autoptr (GError) cause = NULL;
  gsize length = 0;
  g_autofree char *bytes = ph_regular_file_read (file, MAX_BYTES, &length, &cause);

  if (bytes == NULL) {
    g_set_error (error, PH_ERROR,
        g_error_matches (cause, PH_ERROR, PH_ERROR_NOT_FOUND) ? PH_ERROR_NOT_FOUND
                                                              : PH_ERROR_UNAVAILABLE,
        "%s %s", file, cause->message);
    return NULL;
  }
  if (!ph_secret_file_check (file, error)) {
    g_prefix_error (error, "%s ", file);
    return NULL;
  }
  return g_bytes_new_take (g_steal_pointer (&bytes), length);
}
