/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings as tables: one row says everything about one key. The reader (base/reader.h), the JSON
 * Schema (base/schema.h) and the man page (base/man-table.h) walk the same rows, so a key exists in
 * all of them or in none. Plain constant data; any thread. */
#pragma once

#include <glib.h>

typedef struct _PhReader PhReader;
typedef struct _PhTable PhTable;

typedef enum {
  PH_FIELD_TEXT, /* char * */
  PH_FIELD_PATH, /* char *, made absolute: relative to the folder of the file it stands in */
  PH_FIELD_WORD, /* char *, one of choices */
  PH_FIELD_ENUM, /* an enum: the index in choices */
  PH_FIELD_UINT, /* guint */
  PH_FIELD_DOUBLE, /* double */
  PH_FIELD_BOOLEAN, /* gboolean */
  PH_FIELD_TEXTS, /* char **, NULL-terminated, from a list of texts; never NULL with a preset */
  PH_FIELD_TABLE, /* pointer to a struct, described by table */
  PH_FIELD_LIST /* GPtrArray * of such structs */
} PhFieldType;

typedef enum {
  PH_FIELD_REQUIRED = 1 << 0, /* in each variant that has it */
  PH_FIELD_PRIVATE = 1 << 1 /* may hold a secret: what was found is never shown */
} PhFieldFlags;

typedef struct {
  const char *key;
  PhFieldType type;
  gsize offset; /* in the table's struct */
  const char *preset; /* the default, as JSON text; NULL: 0 or NULL when not given */
  const char *help; /* one line without a full stop */
  PhFieldFlags flags;
  double min, max; /* of a number; of a text's or list's (also texts') length. max 0: no limit */
  const char *unit; /* of a number; nullable */
  const char *const *choices; /* NULL-terminated */
  const PhTable *table; /* what a table or each item of a list is */
  guint variants; /* bits 1 << i: only where the discriminator has its choice i; 0: everywhere */
  const char *needs; /* another key that must be given with this one; nullable */

  /* of a text, or each of the texts: an anchored regular expression that both PCRE and JSON Schema
   * (ECMA 262) take, words it must not be, and what neither can say. allowed tells a person all of
   * it. */
  const char *pattern;
  const char *const *reserved;
  gboolean (*is_allowed) (const char *text);
  const char *allowed;

  /* of a list: texts may stand in it too; appends what such a text stands for. */
  void (*expand) (PhReader *reader, const char *text, GPtrArray *list);
} PhField;

struct _PhTable {
  const char *name; /* unique; "camera" */
  const char *help; /* what it is, one line without a full stop */
  gsize size; /* of the struct */
  const char *discriminator; /* key of the PH_FIELD_ENUM row that tells variants apart; nullable */
  const PhField *fields; /* ends with a row without key */
  /* What no single row can say: checks between keys, members that are no keys. Runs also after
   * faults, so texts that have no default may be NULL. Nullable. */
  void (*finish) (PhReader *reader, gpointer record);
  /* Frees members that are no rows. Nullable. */
  void (*clear) (gpointer record);
};

const PhField *ph_table_find_field (const PhTable *table, const char *key);
/* NULL: the table has no variants. */
const PhField *ph_table_get_discriminator (const PhTable *table);
/* variant: a choice of the discriminator, or -1 while that is not known. */
gboolean ph_field_is_in_variant (const PhField *field, int variant);

/* "a whole number from 1 to 65535": what a person may write; free with g_free. */
char *ph_field_describe_allowed (const PhField *field);

/* "0.2", "8081": as a person writes it, whatever the locale; free with g_free. */
char *ph_field_format_number (double value);

/* Frees all that a struct owns which the table describes, but not the struct. */
void ph_table_clear_record (const PhTable *table, gpointer record);
/* Frees the struct too. NULL is allowed. */
void ph_table_free_record (const PhTable *table, gpointer record);
