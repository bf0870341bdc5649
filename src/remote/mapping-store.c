/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/mapping-store.h"

#include "base/error.h"
#include "base/state.h"

#include <json-glib/json-glib.h>

#define FILE_NAME "port-mapping.json"
#define MAX_RECORDS 16

PhMappingRecord *
ph_mapping_record_new (
    const char *name, GSocketFamily family, guint internal_port, guint wished_port)
{
  PhMappingRecord *self = g_new0 (PhMappingRecord, 1);

  self->name = g_strdup (name);
  self->family = family;
  self->internal_port = internal_port;
  self->wished_port = self->external_port = wished_port;
  for (guint i = 0; i < PH_PCP_NONCE_SIZE; i++)
    self->nonce[i] = g_random_int_range (0, 256);
  return self;
}

void
ph_mapping_record_free (PhMappingRecord *self)
{
  g_free (self->name);
  g_free (self->router);
  g_free (self);
}

static gboolean
parse_nonce (const char *text, guint8 *nonce)
{
  if (text == NULL || strlen (text) != 2 * PH_PCP_NONCE_SIZE)
    return FALSE;
  for (guint i = 0; i < PH_PCP_NONCE_SIZE; i++) {
    int high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);

    if (high < 0 || low < 0)
      return FALSE;
    nonce[i] = high << 4 | low;
  }
  return TRUE;
}

static gboolean
is_port (gint64 number)
{
  return number > 0 && number <= G_MAXUINT16;
}

/* NULL: not a record of ours. */
static PhMappingRecord *
read_record (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autoptr (PhMappingRecord) self = g_new0 (PhMappingRecord, 1);
  gint64 internal, external, wished, pinhole;

  if (object == NULL)
    return NULL;
  self->name = g_strdup (json_object_get_string_member_with_default (object, "name", NULL));
  self->family = json_object_get_int_member_with_default (object, "ip_version", 4) == 6
                     ? G_SOCKET_FAMILY_IPV6
                     : G_SOCKET_FAMILY_IPV4;
  internal = json_object_get_int_member_with_default (object, "internal_port", 0);
  external = json_object_get_int_member_with_default (object, "external_port", 0);
  pinhole = json_object_get_int_member_with_default (object, "pinhole", -1);
  self->has_pinhole = pinhole >= 0 && pinhole <= G_MAXUINT16;
  self->pinhole = self->has_pinhole ? (guint)pinhole : 0;
  self->internal_port = internal;
  self->external_port = external;
  wished = json_object_get_int_member_with_default (object, "wished_port", internal);
  self->wished_port = wished;
  self->is_open = json_object_get_boolean_member_with_default (object, "open", FALSE);
  self->router = g_strdup (json_object_get_string_member_with_default (object, "router", NULL));
  self->until_s = json_object_get_int_member_with_default (object, "until", 0);
  if (self->name == NULL || !is_port (internal) || !is_port (external) || !is_port (wished) ||
      !parse_nonce (
          json_object_get_string_member_with_default (object, "nonce", NULL), self->nonce) ||
      !ph_mapping_protocol_from_name (
          json_object_get_string_member_with_default (object, "protocol", NULL), &self->protocol))
    return NULL;
  return g_steal_pointer (&self);
}

static JsonNode *
load_json (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = ph_state_make_folder (&error);
  g_autoptr (GBytes) bytes = folder != NULL ? ph_state_read (folder, FILE_NAME, &error) : NULL;
  g_autofree char *text = NULL;
  JsonNode *root = NULL;

  if (bytes != NULL) {
    text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    root = json_from_string (text, &error);
  }
  if (root == NULL && error != NULL && !g_error_matches (error, PH_ERROR, PH_ERROR_NOT_FOUND))
    g_warning ("what was open at the router is not known: %s", error->message);
  return root;
}

GPtrArray *
ph_mapping_store_load (void)
{
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_mapping_record_free);
  g_autoptr (JsonNode) root = load_json ();
  JsonArray *array =
      root != NULL && JSON_NODE_HOLDS_ARRAY (root) ? json_node_get_array (root) : NULL;
  guint length = array != NULL ? MIN (json_array_get_length (array), MAX_RECORDS) : 0;

  for (guint i = 0; i < length; i++) {
    PhMappingRecord *record = read_record (json_array_get_element (array, i));

    if (record != NULL)
      g_ptr_array_add (records, record);
  }
  return records;
}

static void
add_record (JsonBuilder *builder, const PhMappingRecord *record)
{
  g_autoptr (GString) nonce = g_string_new (NULL);

  for (guint i = 0; i < PH_PCP_NONCE_SIZE; i++)
    g_string_append_printf (nonce, "%02x", record->nonce[i]);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, record->name);
  json_builder_set_member_name (builder, "ip_version");
  json_builder_add_int_value (builder, record->family == G_SOCKET_FAMILY_IPV6 ? 6 : 4);
  json_builder_set_member_name (builder, "internal_port");
  json_builder_add_int_value (builder, record->internal_port);
  json_builder_set_member_name (builder, "wished_port");
  json_builder_add_int_value (builder, record->wished_port);
  json_builder_set_member_name (builder, "external_port");
  json_builder_add_int_value (builder, record->external_port);
  json_builder_set_member_name (builder, "nonce");
  json_builder_add_string_value (builder, nonce->str);
  json_builder_set_member_name (builder, "protocol");
  json_builder_add_string_value (builder, ph_mapping_protocol_get_name (record->protocol));
  if (record->has_pinhole) {
    json_builder_set_member_name (builder, "pinhole");
    json_builder_add_int_value (builder, record->pinhole);
  }
  json_builder_set_member_name (builder, "open");
  json_builder_add_boolean_value (builder, record->is_open);
  json_builder_set_member_name (builder, "router");
  json_builder_add_string_value (builder, record->router);
  json_builder_set_member_name (builder, "until");
  json_builder_add_int_value (builder, record->until_s);
  json_builder_end_object (builder);
}

void
ph_mapping_store_save (GPtrArray *records)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = ph_state_make_folder (&error);

  json_builder_begin_array (builder);
  for (guint i = 0; i < records->len; i++)
    add_record (builder, g_ptr_array_index (records, i));
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  if (folder == NULL || !ph_state_write (folder, FILE_NAME, text, strlen (text), &error))
    g_warning ("what is open at the router will be forgotten: %s", error->message);
}
