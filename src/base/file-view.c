/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/file-view.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>

static gboolean
find_text (const PhFileView *self, const char *file, const char **text)
{
  g_autofree char *canonical = g_canonicalize_filename (file, NULL);

  return self != NULL && self->texts != NULL &&
         g_hash_table_lookup_extended (self->texts, canonical, NULL, (gpointer *)text);
}

PhJsonText *
ph_file_view_load (const PhFileView *self, const char *file, GError **error)
{
  const char *text = NULL;

  ph_file_view_note (self, file);
  if (!find_text (self, file, &text))
    return ph_json_text_load (file, error);
  if (text != NULL)
    return ph_json_text_parse (text, strlen (text), error);
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "cannot be read: %s", g_strerror (ENOENT));
  return NULL;
}

gboolean
ph_file_view_has (const PhFileView *self, const char *file)
{
  const char *text = NULL;

  if (find_text (self, file, &text))
    return text != NULL;
  return g_file_test (file, G_FILE_TEST_EXISTS);
}

void
ph_file_view_note (const PhFileView *self, const char *file)
{
  if (self != NULL && self->seen != NULL)
    g_ptr_array_add (self->seen, g_canonicalize_filename (file, NULL));
}
