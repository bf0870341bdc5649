/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/fields.h"

#include <string.h>

const PhField *
ph_table_find_field (const PhTable *table, const char *key)
{
  for (const PhField *field = table->fields; field->key != NULL; field++)
    if (strcmp (field->key, key) == 0)
      return field;
  return NULL;
}

const PhField *
ph_table_get_discriminator (const PhTable *table)
{
  return table->discriminator != NULL ? ph_table_find_field (table, table->discriminator) : NULL;
}

gboolean
ph_field_is_in_variant (const PhField *field, int variant)
{
  return field->variants == 0 || variant < 0 || (field->variants & 1u << variant) != 0;
}

char *
ph_field_format_number (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  return g_strdup (g_ascii_formatd (text, sizeof text, "%.15g", value));
}

static void
append_range (GString *text, const PhField *field)
{
  g_autofree char *min = ph_field_format_number (field->min);
  g_autofree char *max = ph_field_format_number (field->max);

  if (field->max > 0)
    g_string_append_printf (text, " from %s to %s", min, max);
  if (field->unit != NULL)
    g_string_append_printf (text, " (%s)", field->unit);
}

static void
append_choices (GString *text, const PhField *field)
{
  for (gsize i = 0; field->choices[i] != NULL; i++)
    g_string_append_printf (text, "%s\"%s\"", i > 0 ? ", " : "", field->choices[i]);
}

static void
append_list (GString *text, const PhField *field)
{
  g_string_append (text, "a list of ");
  if (field->max > 0)
    g_string_append_printf (text, "%.0f to %.0f ", field->min, field->max);
  g_string_append (text, field->type == PH_FIELD_TEXTS ? "texts" : "objects");
  if (field->expand != NULL)
    g_string_append (text, " or file names");
  if (field->allowed != NULL)
    g_string_append_printf (text, ", each %s", field->allowed);
}

char *
ph_field_describe_allowed (const PhField *field)
{
  GString *text = g_string_new (NULL);

  if (field->type == PH_FIELD_TEXTS)
    append_list (text, field);
  else if (field->allowed != NULL)
    g_string_append (text, field->allowed);
  else if (field->choices != NULL)
    append_choices (text, field);
  else
    switch (field->type) {
    case PH_FIELD_UINT:
      g_string_append (text, "a whole number");
      append_range (text, field);
      break;
    case PH_FIELD_DOUBLE:
      g_string_append (text, "a number");
      append_range (text, field);
      break;
    case PH_FIELD_BOOLEAN:
      g_string_append (text, "true or false");
      break;
    case PH_FIELD_TABLE:
      g_string_append (text, "an object");
      break;
    case PH_FIELD_TEXTS:
    case PH_FIELD_LIST:
      append_list (text, field);
      break;
    case PH_FIELD_TEXT:
    case PH_FIELD_PATH:
    case PH_FIELD_WORD:
    case PH_FIELD_ENUM:
      g_string_append (text, field->type == PH_FIELD_PATH ? "a path" : "a text");
      if (field->max > 0)
        g_string_append_printf (
            text, " of %.0f to %.0f characters", MAX (1, field->min), field->max);
      break;
    }
  return g_string_free (text, FALSE);
}

static void
free_list (const PhTable *table, GPtrArray *list)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    ph_table_free_record (table, g_ptr_array_index (list, i));
  g_clear_pointer (&list, g_ptr_array_unref);
}

void
ph_table_clear_record (const PhTable *table, gpointer record)
{
  if (table->clear != NULL)
    table->clear (record);
  for (const PhField *field = table->fields; field->key != NULL; field++) {
    gpointer *member = G_STRUCT_MEMBER_P (record, field->offset);

    switch (field->type) {
    case PH_FIELD_TEXT:
    case PH_FIELD_PATH:
    case PH_FIELD_WORD:
      g_free (*member);
      break;
    case PH_FIELD_TEXTS:
      g_strfreev ((char **)*member);
      break;
    case PH_FIELD_TABLE:
      ph_table_free_record (field->table, *member);
      break;
    case PH_FIELD_LIST:
      free_list (field->table, *member);
      break;
    case PH_FIELD_ENUM:
    case PH_FIELD_UINT:
    case PH_FIELD_DOUBLE:
    case PH_FIELD_BOOLEAN:
      break;
    }
  }
}

void
ph_table_free_record (const PhTable *table, gpointer record)
{
  if (record != NULL)
    ph_table_clear_record (table, record);
  g_free (record);
}
