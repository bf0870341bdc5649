/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/schema.h"

#include <json-glib/json-glib.h>

/* What the reader refuses in each text: nothing in it, and control characters. */
#define TEXT_PATTERN "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"

/* Takes members; left out when empty. */
static void
set_members (JsonObject *schema, const char *key, JsonObject *members)
{
  if (json_object_get_size (members) > 0)
    json_object_set_object_member (schema, key, members);
  else
    json_object_unref (members);
}

static void
set_elements (JsonObject *schema, const char *key, JsonArray *elements)
{
  if (json_array_get_length (elements) > 0)
    json_object_set_array_member (schema, key, elements);
  else
    json_array_unref (elements);
}

static JsonArray *
make_words (const char *const *words)
{
  JsonArray *array = json_array_new ();

  for (gsize i = 0; words[i] != NULL; i++)
    json_array_add_string_element (array, words[i]);
  return array;
}

static JsonObject *
make_reference (const PhTable *table)
{
  g_autofree char *path = g_strconcat ("#/$defs/", table->name, NULL);
  JsonObject *schema = json_object_new ();

  json_object_set_string_member (schema, "$ref", path);
  return schema;
}

static void
describe_number (JsonObject *schema, const PhField *field)
{
  gboolean is_whole = field->type == PH_FIELD_UINT;
  const char *const keys[] = { "minimum", "maximum" };
  const double limits[] = { field->min, field->max };

  json_object_set_string_member (schema, "type", is_whole ? "integer" : "number");
  for (gsize i = 0; field->max > 0 && i < G_N_ELEMENTS (keys); i++) {
    if (limits[i] == (gint64)limits[i])
      json_object_set_int_member (schema, keys[i], (gint64)limits[i]);
    else
      json_object_set_double_member (schema, keys[i], limits[i]);
  }
}

static void
describe_text (JsonObject *schema, const PhField *field)
{
  json_object_set_string_member (schema, "type", "string");
  json_object_set_string_member (
      schema, "pattern", field->pattern != NULL ? field->pattern : TEXT_PATTERN);
  if (field->max > 0)
    json_object_set_int_member (schema, "maxLength", (gint64)field->max);
  if (field->reserved != NULL) {
    JsonObject *reserved = json_object_new ();

    json_object_set_array_member (reserved, "enum", make_words (field->reserved));
    json_object_set_object_member (schema, "not", reserved);
  }
}

static void
describe_list (JsonObject *schema, const PhField *field)
{
  JsonObject *items = make_reference (field->table);

  if (field->expand != NULL) {
    JsonObject *either = json_object_new ();
    JsonObject *text = json_object_new ();
    JsonArray *kinds = json_array_new ();

    json_object_set_string_member (text, "type", "string");
    json_object_set_int_member (text, "minLength", 1);
    json_array_add_object_element (kinds, text);
    json_array_add_object_element (kinds, items);
    json_object_set_array_member (either, "oneOf", kinds);
    items = either;
  }
  json_object_set_string_member (schema, "type", "array");
  json_object_set_object_member (schema, "items", items);
  if (field->max > 0) {
    json_object_set_int_member (schema, "minItems", (gint64)field->min);
    json_object_set_int_member (schema, "maxItems", (gint64)field->max);
  }
}

static void
describe_texts (JsonObject *schema, const PhField *field)
{
  JsonObject *items = json_object_new ();

  json_object_set_string_member (items, "type", "string");
  json_object_set_string_member (
      items, "pattern", field->pattern != NULL ? field->pattern : TEXT_PATTERN);
  json_object_set_string_member (schema, "type", "array");
  json_object_set_object_member (schema, "items", items);
  if (field->max > 0) {
    json_object_set_int_member (schema, "minItems", (gint64)field->min);
    json_object_set_int_member (schema, "maxItems", (gint64)field->max);
  }
}

static void
describe_help (JsonObject *schema, const PhField *field)
{
  g_autoptr (GString) text = g_string_new (field->help);

  if (field->unit != NULL)
    g_string_append_printf (text, " (%s)", field->unit);
  if (field->allowed != NULL)
    g_string_append_printf (text, ": %s", field->allowed);
  json_object_set_string_member (schema, "description", text->str);
  if (field->preset != NULL)
    json_object_set_member (schema, "default", json_from_string (field->preset, NULL));
}

static JsonObject *
make_field (const PhField *field)
{
  JsonObject *schema =
      field->type == PH_FIELD_TABLE ? make_reference (field->table) : json_object_new ();

  switch (field->type) {
  case PH_FIELD_TEXT:
  case PH_FIELD_PATH:
    describe_text (schema, field);
    break;
  case PH_FIELD_WORD:
  case PH_FIELD_ENUM:
    json_object_set_array_member (schema, "enum", make_words (field->choices));
    break;
  case PH_FIELD_UINT:
  case PH_FIELD_DOUBLE:
    describe_number (schema, field);
    break;
  case PH_FIELD_BOOLEAN:
    json_object_set_string_member (schema, "type", "boolean");
    break;
  case PH_FIELD_TEXTS:
    describe_texts (schema, field);
    break;
  case PH_FIELD_LIST:
    describe_list (schema, field);
    break;
  case PH_FIELD_TABLE:
    break;
  }
  describe_help (schema, field);
  return schema;
}

/* "if the type is rtsp, then url is required and device must not be there" */
static JsonObject *
make_variant (const PhTable *table, int variant)
{
  const PhField *discriminator = ph_table_get_discriminator (table);
  JsonObject *rule = json_object_new (), *condition = json_object_new ();
  JsonObject *conclusion = json_object_new ();
  JsonObject *given = json_object_new (), *constant = json_object_new ();
  JsonObject *properties = json_object_new ();
  JsonArray *required = json_array_new ();

  json_object_set_string_member (constant, "const", discriminator->choices[variant]);
  json_object_set_object_member (given, discriminator->key, constant);
  json_object_set_object_member (condition, "properties", given);
  for (const PhField *field = table->fields; field->key != NULL; field++) {
    if (field->variants == 0)
      continue;
    if (!ph_field_is_in_variant (field, variant))
      json_object_set_boolean_member (properties, field->key, FALSE);
    else if ((field->flags & PH_FIELD_REQUIRED) != 0)
      json_array_add_string_element (required, field->key);
  }
  set_members (conclusion, "properties", properties);
  set_elements (conclusion, "required", required);
  json_object_set_object_member (rule, "if", condition);
  json_object_set_object_member (rule, "then", conclusion);
  return rule;
}

static void
describe_variants (JsonObject *schema, const PhTable *table)
{
  const PhField *discriminator = ph_table_get_discriminator (table);
  JsonArray *rules = NULL;

  if (discriminator == NULL)
    return;
  rules = json_array_new ();
  for (int i = 0; discriminator->choices[i] != NULL; i++)
    json_array_add_object_element (rules, make_variant (table, i));
  json_object_set_array_member (schema, "allOf", rules);
}

static void
describe_fields (JsonObject *schema, const PhTable *table)
{
  JsonObject *properties = json_object_new (), *needs = json_object_new ();
  JsonArray *required = json_array_new ();

  for (const PhField *field = table->fields; field->key != NULL; field++) {
    json_object_set_object_member (properties, field->key, make_field (field));
    if (field->variants == 0 && (field->flags & PH_FIELD_REQUIRED) != 0)
      json_array_add_string_element (required, field->key);
    if (field->needs != NULL)
      json_object_set_array_member (
          needs, field->key, make_words ((const char *const[]){ field->needs, NULL }));
  }
  json_object_set_object_member (schema, "properties", properties);
  set_elements (schema, "required", required);
  set_members (schema, "dependentRequired", needs);
}

static JsonObject *
describe_table (JsonObject *schema, const PhTable *table)
{
  json_object_set_string_member (schema, "title", table->name);
  json_object_set_string_member (schema, "description", table->help);
  json_object_set_string_member (schema, "type", "object");
  json_object_set_boolean_member (schema, "additionalProperties", FALSE);
  describe_fields (schema, table);
  describe_variants (schema, table);
  return schema;
}

static void
add_definitions (JsonObject *definitions, const PhTable *table)
{
  for (const PhField *field = table->fields; field->key != NULL; field++) {
    if (field->table == NULL || json_object_has_member (definitions, field->table->name))
      continue;
    json_object_set_object_member (
        definitions, field->table->name, describe_table (json_object_new (), field->table));
    add_definitions (definitions, field->table);
  }
}

char *
ph_schema_make (const PhTable *table)
{
  JsonObject *schema = json_object_new (), *definitions = json_object_new ();
  g_autoptr (JsonNode) root = json_node_alloc ();
  g_autofree char *text = NULL;

  json_object_set_string_member (schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
  describe_table (schema, table);
  add_definitions (definitions, table);
  json_object_set_object_member (schema, "$defs", definitions);
  json_node_init_object (root, schema);
  json_object_unref (schema);
  text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}
