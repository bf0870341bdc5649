/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/record-json.h"

static void
add_texts (JsonBuilder *builder, char **texts)
{
  json_builder_begin_array (builder);
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    json_builder_add_string_value (builder, texts[i]);
  json_builder_end_array (builder);
}

static void
add_list (
    JsonBuilder *builder, const PhTable *table, const GPtrArray *list, PhRecordJsonScope scope)
{
  json_builder_begin_array (builder);
  for (guint i = 0; list != NULL && i < list->len; i++)
    ph_record_add_json (builder, table, g_ptr_array_index (list, i), scope);
  json_builder_end_array (builder);
}

static void
add_value (
    JsonBuilder *builder, const PhField *field, gconstpointer member, PhRecordJsonScope scope)
{
  switch (field->type) {
  case PH_FIELD_TEXT:
  case PH_FIELD_PATH:
  case PH_FIELD_WORD:
    json_builder_add_string_value (builder, *(char *const *)member);
    break;
  case PH_FIELD_ENUM:
    json_builder_add_string_value (builder, field->choices[*(const guint *)member]);
    break;
  case PH_FIELD_UINT:
    json_builder_add_int_value (builder, *(const guint *)member);
    break;
  case PH_FIELD_DOUBLE:
    json_builder_add_double_value (builder, *(const double *)member);
    break;
  case PH_FIELD_BOOLEAN:
    json_builder_add_boolean_value (builder, *(const gboolean *)member);
    break;
  case PH_FIELD_TEXTS:
    add_texts (builder, *(char **const *)member);
    break;
  case PH_FIELD_TABLE:
    ph_record_add_json (builder, field->table, *(gconstpointer const *)member, scope);
    break;
  case PH_FIELD_LIST:
    add_list (builder, field->table, *(GPtrArray *const *)member, scope);
    break;
  }
}

/* A number that was not given and has no preset is 0, which is outside its range. */
static gboolean
is_given (const PhField *field, gconstpointer member)
{
  switch (field->type) {
  case PH_FIELD_UINT:
    return field->preset != NULL || *(const guint *)member != 0;
  case PH_FIELD_DOUBLE:
    return field->preset != NULL || *(const double *)member != 0;
  case PH_FIELD_ENUM:
  case PH_FIELD_BOOLEAN:
    return TRUE;
  default:
    return *(gconstpointer const *)member != NULL;
  }
}

void
ph_record_add_json (
    JsonBuilder *builder, const PhTable *table, gconstpointer record, PhRecordJsonScope scope)
{
  const PhField *discriminator = ph_table_get_discriminator (table);
  int variant =
      discriminator != NULL
          ? (int)*(const guint *)(gconstpointer)((const char *)record + discriminator->offset)
          : -1;

  json_builder_begin_object (builder);
  for (const PhField *field = table->fields; field->key != NULL; field++) {
    gconstpointer member = (const char *)record + field->offset;

    if ((scope == PH_RECORD_JSON_SHOWN && (field->flags & PH_FIELD_PRIVATE) != 0) ||
        !ph_field_is_in_variant (field, variant) || !is_given (field, member))
      continue;
    json_builder_set_member_name (builder, field->key);
    add_value (builder, field, member, scope);
  }
  json_builder_end_object (builder);
}
