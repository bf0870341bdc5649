/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/record.h"

#include <string.h>

static gsize
get_size (const PhField *field)
{
  switch (field->type) {
  case PH_FIELD_ENUM:
  case PH_FIELD_UINT:
  case PH_FIELD_BOOLEAN:
    return sizeof (guint);
  case PH_FIELD_DOUBLE:
    return sizeof (double);
  default:
    return sizeof (gpointer);
  }
}

static gboolean
are_lists_equal (const PhTable *table, const GPtrArray *a, const GPtrArray *b)
{
  if (a == NULL || b == NULL || a->len != b->len)
    return a == b;
  for (guint i = 0; i < a->len; i++)
    if (!ph_record_is_equal (table, g_ptr_array_index (a, i), g_ptr_array_index (b, i)))
      return FALSE;
  return TRUE;
}

static gboolean
are_texts_equal (char **a, char **b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_strv_equal ((const char *const *)a, (const char *const *)b);
}

gboolean
ph_record_is_field_equal (const PhField *field, gconstpointer a, gconstpointer b)
{
  gconstpointer member_a = (const char *)a + field->offset;
  gconstpointer member_b = (const char *)b + field->offset;

  switch (field->type) {
  case PH_FIELD_TEXT:
  case PH_FIELD_PATH:
  case PH_FIELD_WORD:
    return g_strcmp0 (*(char *const *)member_a, *(char *const *)member_b) == 0;
  case PH_FIELD_TEXTS:
    return are_texts_equal (*(char **const *)member_a, *(char **const *)member_b);
  case PH_FIELD_TABLE:
    return ph_record_is_equal (
        field->table, *(gconstpointer const *)member_a, *(gconstpointer const *)member_b);
  case PH_FIELD_LIST:
    return are_lists_equal (
        field->table, *(GPtrArray *const *)member_a, *(GPtrArray *const *)member_b);
  default:
    return memcmp (member_a, member_b, get_size (field)) == 0;
  }
}

gboolean
ph_record_is_equal_but (const PhTable *table, gconstpointer a, gconstpointer b, const char *key)
{
  if (a == NULL || b == NULL)
    return a == b;
  for (const PhField *field = table->fields; field->key != NULL; field++)
    if (g_strcmp0 (field->key, key) != 0 && !ph_record_is_field_equal (field, a, b))
      return FALSE;
  return TRUE;
}

gboolean
ph_record_is_equal (const PhTable *table, gconstpointer a, gconstpointer b)
{
  return ph_record_is_equal_but (table, a, b, NULL);
}

static GPtrArray *
dup_list (const PhTable *table, const GPtrArray *list)
{
  GPtrArray *copy = list != NULL ? g_ptr_array_new () : NULL;

  for (guint i = 0; list != NULL && i < list->len; i++)
    g_ptr_array_add (copy, ph_record_dup (table, g_ptr_array_index (list, i)));
  return copy;
}

static void
copy_field (const PhField *field, gconstpointer from, gpointer to)
{
  switch (field->type) {
  case PH_FIELD_TEXT:
  case PH_FIELD_PATH:
  case PH_FIELD_WORD:
    *(char **)to = g_strdup (*(char *const *)from);
    break;
  case PH_FIELD_TEXTS:
    *(char ***)to = g_strdupv (*(char **const *)from);
    break;
  case PH_FIELD_TABLE:
    *(gpointer *)to = ph_record_dup (field->table, *(gconstpointer const *)from);
    break;
  case PH_FIELD_LIST:
    *(GPtrArray **)to = dup_list (field->table, *(GPtrArray *const *)from);
    break;
  default:
    memcpy (to, from, get_size (field));
  }
}

gpointer
ph_record_dup (const PhTable *table, gconstpointer record)
{
  gpointer copy = record != NULL ? g_malloc0 (table->size) : NULL;

  for (const PhField *field = table->fields; record != NULL && field->key != NULL; field++)
    copy_field (field, (const char *)record + field->offset, (char *)copy + field->offset);
  return copy;
}
