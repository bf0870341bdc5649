/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/forbidden.h"

#include "config/tables.h"

#include <string.h>

/* ---- of a camera ----------------------------------------------------------------------------- */

static char *find_forbidden_member (const char *key, JsonNode *value);

static char *
find_forbidden_in_object (JsonObject *object)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;
  char *found = NULL;

  json_object_iter_init (&iter, object);
  while (found == NULL && json_object_iter_next (&iter, &key, &value))
    found = find_forbidden_member (key, value);
  return found;
}

char *
ph_forbidden_find_in_camera (JsonNode *body)
{
  char *found = NULL;

  if (JSON_NODE_HOLDS_OBJECT (body))
    return find_forbidden_in_object (json_node_get_object (body));
  for (guint i = 0; JSON_NODE_HOLDS_ARRAY (body) && found == NULL &&
                    i < json_array_get_length (json_node_get_array (body));
       i++)
    found = ph_forbidden_find_in_camera (json_array_get_element (json_node_get_array (body), i));
  return found;
}

static gboolean
is_text (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

/* Keys that name files, by the tables; null takes one away, which is no harm. */
static char *
find_forbidden_member (const char *key, JsonNode *value)
{
  const PhField *field = ph_table_find_field (&ph_source_table, key);
  gboolean is_file = field != NULL && field->type == PH_FIELD_PATH;
  const char *text = is_text (value) ? json_node_get_string (value) : "";

  if (!JSON_NODE_HOLDS_NULL (value) && (is_file || g_str_equal (key, "launch")))
    return g_strdup_printf ("%s is not taken over the network; write it into the file", key);
  if (g_str_equal (key, "type") && (g_str_equal (text, "launch") || g_str_equal (text, "file")))
    return g_strdup_printf (
        "a source of type %s is not taken over the network; write it into the file", text);
  if (g_str_equal (key, "device") && strstr (text, "..") != NULL)
    return g_strdup ("a device with \"..\" in it is not taken over the network");
  return ph_forbidden_find_in_camera (value);
}

/* ---- of the settings ------------------------------------------------------------------------- */

static char *find_in_table (const PhTable *table, JsonNode *value);

static char *
find_in_field (const PhField *field, JsonNode *value)
{
  if (field == NULL || JSON_NODE_HOLDS_NULL (value))
    return NULL;
  if (field->type == PH_FIELD_PATH || (field->flags & PH_FIELD_PRIVATE) != 0)
    return g_strdup_printf ("%s is not taken over the network; write it into the file", field->key);
  return field->table != NULL ? find_in_table (field->table, value) : NULL;
}

/* What is in no table is a fault that reading the settings tells. */
static char *
find_in_table (const PhTable *table, JsonNode *value)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *member;
  char *found = NULL;

  for (guint i = 0; JSON_NODE_HOLDS_ARRAY (value) && found == NULL &&
                    i < json_array_get_length (json_node_get_array (value));
       i++)
    found = find_in_table (table, json_array_get_element (json_node_get_array (value), i));
  if (!JSON_NODE_HOLDS_OBJECT (value))
    return found;
  json_object_iter_init (&iter, json_node_get_object (value));
  while (found == NULL && json_object_iter_next (&iter, &key, &member))
    found = find_in_field (ph_table_find_field (table, key), member);
  return found;
}

char *
ph_forbidden_find_in_settings (JsonNode *body)
{
  static const char *const closed[] = { "access", "tls", NULL };
  JsonObject *object = json_node_get_object (body);

  for (guint i = 0; closed[i] != NULL; i++)
    if (json_object_has_member (object, closed[i]))
      return g_strdup_printf (
          "%s is not changed over the network; write it into the file", closed[i]);
  if (json_object_has_member (object, "cameras"))
    return g_strdup ("cameras are changed at /api/v1/cameras");
  return find_in_table (&ph_settings_table, body);
}
