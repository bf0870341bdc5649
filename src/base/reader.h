/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads JSON into the structs that tables describe. It never stops at the first fault: each becomes
 * one sentence, "FILE: JSON-PATH: found X; allowed: Y", and what is sound is read on. */
#pragma once

#include "base/fields.h"
#include "base/file-view.h"

/* user_data is for the finish and expand functions of the tables. problems: element-type char *. */
PhReader *ph_reader_new (GPtrArray *problems, gpointer user_data);
void ph_reader_free (PhReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhReader, ph_reader_free)

/* view is kept, not copied; nullable. */
void ph_reader_set_view (PhReader *self, const PhFileView *view);
const PhFileView *ph_reader_get_view (PhReader *self);

/* NULL only if the file is no JSON object; free with ph_table_free_record. Inside expand it reads a
 * file that the present one names: relative file names are then relative to that one's folder. */
gpointer ph_reader_read_file (PhReader *self, const PhTable *table, const char *file);
/* The same for text that is no file, as a request carries it; name stands in place of the file's in
 * the sentences. */
gpointer ph_reader_read_bytes (
    PhReader *self, const PhTable *table, const char *name, GBytes *bytes);
/* What an empty file would say: the presets of all rows. */
gpointer ph_reader_read_presets (PhReader *self, const PhTable *table);

gpointer ph_reader_get_user_data (PhReader *self);
/* The file being read; NULL while reading presets of a built-in table. */
const char *ph_reader_get_file (PhReader *self);
/* name as it is opened from the working directory; free with g_free. */
char *ph_reader_resolve (PhReader *self, const char *name);

/* A fault at key of the struct at hand ("source.width", "streams[1].name" for deeper ones), or with
 * key NULL at the struct or list item itself. The sentence says what was found and what is allowed.
 */
void ph_reader_add_problem (PhReader *self, const char *key, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
