/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files that settings are read from, as the reader is to see them: with some of them replaced
 * by what they are going to say, and with notes of what was looked at. Both may be NULL, and so may
 * the view. Not for several threads at once; blocks on the disk. */
#pragma once

#include "base/json-text.h"

typedef struct {
  GHashTable *texts; /* canonical name -> text, or NULL for a file that counts as not there */
  GPtrArray *seen; /* element-type char *, owned: gets what was looked at; some more than once */
} PhFileView;

/* As ph_json_text_load(). */
PhJsonText *ph_file_view_load (const PhFileView *self, const char *file, GError **error);
gboolean ph_file_view_has (const PhFileView *self, const char *file);
/* The result depends on file, or on what is in it if it is a folder. */
void ph_file_view_note (const PhFileView *self, const char *file);
