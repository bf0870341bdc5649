/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/link-list.h"

#include "base/json-text.h"

void
ph_link_free (gpointer data)
{
  PhLink *link = data;

  g_free (link->id);
  g_free (link->camera);
  g_free (link->stream);
  g_free (link->user);
  g_free (link);
}

static char *
get_text (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_dup_string (node)
             : NULL;
}

/* NULL: it is none. */
static PhLink *
parse_link (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  PhLink *link = NULL;

  if (object == NULL)
    return NULL;
  link = g_new0 (PhLink, 1);
  link->id = get_text (object, "id");
  link->camera = get_text (object, "camera");
  link->stream = get_text (object, "stream");
  link->user = get_text (object, "user");
  link->end = json_object_get_int_member_with_default (object, "end", 0);
  if (link->id != NULL && link->camera != NULL)
    return link;
  ph_link_free (link);
  return NULL;
}

gboolean
ph_link_list_parse (GBytes *bytes, GHashTable *links)
{
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autoptr (PhJsonText) text = ph_json_text_parse (data, length, NULL);
  JsonArray *array =
      text != NULL && JSON_NODE_HOLDS_ARRAY (text->root) ? json_node_get_array (text->root) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    PhLink *link = parse_link (json_array_get_element (array, i));

    if (link == NULL) {
      g_hash_table_remove_all (links);
      return FALSE;
    }
    g_hash_table_replace (links, link->id, link);
  }
  return array != NULL;
}

static void
add_text (JsonBuilder *builder, const char *key, const char *text)
{
  if (text == NULL)
    return;
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, text);
}

static void
add_link (JsonBuilder *builder, const PhLink *link)
{
  json_builder_begin_object (builder);
  add_text (builder, "id", link->id);
  add_text (builder, "camera", link->camera);
  add_text (builder, "stream", link->stream);
  add_text (builder, "user", link->user);
  json_builder_set_member_name (builder, "end");
  json_builder_add_int_value (builder, link->end);
  json_builder_end_object (builder);
}

char *
ph_link_list_print (GHashTable *links)
{
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonNode) root = NULL;
  GHashTableIter iter;
  gpointer link;

  json_builder_begin_array (builder);
  g_hash_table_iter_init (&iter, links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    add_link (builder, link);
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}
