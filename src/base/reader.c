/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/reader.h"

#include "base/json-text.h"
#include "base/nearest.h"

#include <math.h>
#include <string.h>

#define MAX_LISTED_TEXT 255

struct _PhReader {
  GPtrArray *problems; /* element-type char * */
  gpointer user_data;
  const PhFileView *view; /* nullable */
  const char *file; /* nullable */
  GString *path; /* of the struct or value at hand */
  GHashTable *repeated; /* of the file at hand; see PhJsonText */
};

static gpointer read_record (PhReader *self, const PhTable *table, JsonObject *object);
static gboolean read_value (PhReader *self, const PhField *field, JsonNode *node, gpointer member);

PhReader *
ph_reader_new (GPtrArray *problems, gpointer user_data)
{
  PhReader *self = g_new0 (PhReader, 1);

  self->problems = g_ptr_array_ref (problems);
  self->user_data = user_data;
  self->path = g_string_new (NULL);
  return self;
}

void
ph_reader_free (PhReader *self)
{
  g_ptr_array_unref (self->problems);
  g_string_free (self->path, TRUE);
  g_free (self);
}

void
ph_reader_set_view (PhReader *self, const PhFileView *view)
{
  self->view = view;
}

const PhFileView *
ph_reader_get_view (PhReader *self)
{
  return self->view;
}

gpointer
ph_reader_get_user_data (PhReader *self)
{
  return self->user_data;
}

const char *
ph_reader_get_file (PhReader *self)
{
  return self->file;
}

char *
ph_reader_resolve (PhReader *self, const char *name)
{
  g_autofree char *folder = self->file != NULL ? g_path_get_dirname (self->file) : NULL;

  if (folder == NULL || g_path_is_absolute (name) || strcmp (folder, ".") == 0)
    return g_strdup (name);
  return g_build_filename (folder, name, NULL);
}

/* Keys come from the file, so one that is no plain word is shown quoted. */
static gsize
push_key (PhReader *self, const char *key)
{
  gsize length = self->path->len;

  if (strspn (key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.[]") ==
          strlen (key) &&
      strlen (key) <= 60 && *key != '\0') {
    g_string_append_printf (self->path, "%s%s", length > 0 ? "." : "", key);
  } else {
    g_autofree char *quoted = ph_json_text_quote (key);
    g_string_append_printf (self->path, "[%s]", quoted);
  }
  return length;
}

static gsize
push_index (PhReader *self, guint index)
{
  gsize length = self->path->len;

  g_string_append_printf (self->path, "[%u]", index);
  return length;
}

static void
pop (PhReader *self, gsize length)
{
  g_string_truncate (self->path, length);
}

static void
add_problem (PhReader *self, const char *sentence)
{
  g_ptr_array_add (self->problems,
      g_strdup_printf ("%s: %s%s%s", self->file != NULL ? self->file : "built-in settings",
          self->path->str, self->path->len > 0 ? ": " : "", sentence));
}

void
ph_reader_add_problem (PhReader *self, const char *key, const char *format, ...)
{
  gsize length = key != NULL ? push_key (self, key) : self->path->len;
  g_autofree char *sentence = NULL;
  va_list args;

  va_start (args, format);
  sentence = g_strdup_vprintf (format, args);
  va_end (args);
  add_problem (self, sentence);
  pop (self, length);
}

static char *
describe_found (const PhField *field, JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("null");
  if (JSON_NODE_HOLDS_OBJECT (node))
    return g_strdup ("an object");
  if (JSON_NODE_HOLDS_ARRAY (node))
    return g_strdup_printf ("a list of %u", json_array_get_length (json_node_get_array (node)));
  if (type == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  if (type != G_TYPE_STRING)
    return ph_field_format_number (json_node_get_double (node));
  if ((field->flags & PH_FIELD_PRIVATE) != 0)
    return g_strdup ("a text (not shown, it may hold a password)");
  return ph_json_text_quote (json_node_get_string (node));
}

static void
refuse_value (PhReader *self, const PhField *field, JsonNode *node)
{
  g_autofree char *found = describe_found (field, node);
  g_autofree char *allowed = ph_field_describe_allowed (field);
  const char *nearest = NULL;

  if (field->choices != NULL && json_node_get_value_type (node) == G_TYPE_STRING)
    nearest = ph_nearest_word (json_node_get_string (node), field->choices);
  if (nearest != NULL)
    ph_reader_add_problem (
        self, NULL, "found %s; allowed: %s; did you mean \"%s\"?", found, allowed, nearest);
  else
    ph_reader_add_problem (self, NULL, "found %s; allowed: %s", found, allowed);
}

static gboolean
is_number (JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  return JSON_NODE_HOLDS_VALUE (node) && (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE);
}

static gboolean
try_read_number (const PhField *field, JsonNode *node, gpointer member)
{
  double value = is_number (node) ? json_node_get_double (node) : NAN;
  gboolean is_in_range = field->max > 0 ? value >= field->min && value <= field->max : value >= 0;

  if (!is_in_range)
    return FALSE;
  if (field->type == PH_FIELD_DOUBLE)
    *(double *)member = value;
  else if (value == floor (value) && value <= G_MAXUINT)
    *(guint *)member = (guint)value;
  else
    return FALSE;
  return TRUE;
}

static gboolean
has_control_characters (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (g_unichar_iscntrl (g_utf8_get_char (text)))
      return TRUE;
  return FALSE;
}

static gboolean
is_length_allowed (const PhField *field, glong length)
{
  if (field->type == PH_FIELD_TEXTS) /* its min and max are of the list */
    return length >= 1 && length <= MAX_LISTED_TEXT;
  return length >= MAX (1, field->min) && (field->max <= 0 || length <= field->max);
}

static gboolean
is_text_allowed (const PhField *field, const char *text)
{
  return is_length_allowed (field, g_utf8_strlen (text, -1)) && !has_control_characters (text) &&
         (field->pattern == NULL || g_regex_match_simple (field->pattern, text, 0, 0)) &&
         (field->reserved == NULL || !g_strv_contains (field->reserved, text)) &&
         (field->is_allowed == NULL || field->is_allowed (text));
}

static int
find_choice (const PhField *field, const char *text)
{
  for (int i = 0; field->choices[i] != NULL; i++)
    if (strcmp (field->choices[i], text) == 0)
      return i;
  return -1;
}

static gboolean
try_read_text (PhReader *self, const PhField *field, JsonNode *node, gpointer member)
{
  const char *text =
      json_node_get_value_type (node) == G_TYPE_STRING && JSON_NODE_HOLDS_VALUE (node)
          ? json_node_get_string (node)
          : NULL;

  if (text == NULL)
    return FALSE;
  if (field->choices != NULL) {
    int choice = find_choice (field, text);

    if (choice < 0)
      return FALSE;
    if (field->type == PH_FIELD_ENUM)
      *(guint *)member = choice;
    else
      *(char **)member = g_strdup (text);
    return TRUE;
  }
  if (!is_text_allowed (field, text))
    return FALSE;
  if (field->type == PH_FIELD_PATH) {
    g_autofree char *resolved = ph_reader_resolve (self, text);
    *(char **)member = g_canonicalize_filename (resolved, NULL);
    ph_file_view_note (self->view, *(char **)member);
  } else {
    *(char **)member = g_strdup (text);
  }
  return TRUE;
}

static gboolean
try_read_boolean (JsonNode *node, gpointer member)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return FALSE;
  *(gboolean *)member = json_node_get_boolean (node);
  return TRUE;
}

static void
read_item (PhReader *self, const PhField *field, JsonNode *node, GPtrArray *list)
{
  gboolean is_text =
      JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
  gpointer record = NULL;

  if (JSON_NODE_HOLDS_OBJECT (node))
    record = read_record (self, field->table, json_node_get_object (node));
  else if (is_text && field->expand != NULL)
    field->expand (self, json_node_get_string (node), list);
  else {
    g_autofree char *found = describe_found (field, node);
    ph_reader_add_problem (self, NULL, "found %s; allowed: an object%s", found,
        field->expand != NULL ? " or a file name" : "");
  }
  if (record != NULL)
    g_ptr_array_add (list, record);
}

static gboolean
try_read_list (PhReader *self, const PhField *field, JsonNode *node, gpointer member)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint length = array != NULL ? json_array_get_length (array) : 0;
  GPtrArray *list;

  if (array == NULL || (field->max > 0 && (length < field->min || length > field->max)))
    return FALSE;
  list = g_ptr_array_new ();
  for (guint i = 0; i < length; i++) {
    gsize path_length = push_index (self, i);

    read_item (self, field, json_array_get_element (array, i), list);
    pop (self, path_length);
  }
  *(GPtrArray **)member = list;
  return TRUE;
}

static void
read_listed_text (PhReader *self, const PhField *field, JsonNode *node, GStrvBuilder *texts)
{
  const char *text =
      JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
          ? json_node_get_string (node)
          : NULL;
  g_autofree char *found = NULL;

  if (text != NULL && is_text_allowed (field, text)) {
    g_strv_builder_add (texts, text);
    return;
  }
  found = describe_found (field, node);
  ph_reader_add_problem (self, NULL, "found %s; allowed: %s", found,
      field->allowed != NULL ? field->allowed : "a text");
}

static gboolean
try_read_texts (PhReader *self, const PhField *field, JsonNode *node, gpointer member)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint length = array != NULL ? json_array_get_length (array) : 0;
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();

  if (array == NULL || length < field->min || (field->max > 0 && length > field->max))
    return FALSE;
  for (guint i = 0; i < length; i++) {
    gsize path_length = push_index (self, i);

    read_listed_text (self, field, json_array_get_element (array, i), texts);
    pop (self, path_length);
  }
  *(char ***)member = g_strv_builder_end (texts);
  return TRUE;
}

static gboolean
try_read_table (PhReader *self, const PhField *field, JsonNode *node, gpointer member)
{
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  *(gpointer *)member = read_record (self, field->table, json_node_get_object (node));
  return TRUE;
}

static gboolean
read_value (PhReader *self, const PhField *field, JsonNode *node, gpointer member)
{
  gboolean is_read = FALSE;

  switch (field->type) {
  case PH_FIELD_TEXT:
  case PH_FIELD_PATH:
  case PH_FIELD_WORD:
  case PH_FIELD_ENUM:
    is_read = try_read_text (self, field, node, member);
    break;
  case PH_FIELD_UINT:
  case PH_FIELD_DOUBLE:
    is_read = try_read_number (field, node, member);
    break;
  case PH_FIELD_BOOLEAN:
    is_read = try_read_boolean (node, member);
    break;
  case PH_FIELD_TABLE:
    is_read = try_read_table (self, field, node, member);
    break;
  case PH_FIELD_TEXTS:
    is_read = try_read_texts (self, field, node, member);
    break;
  case PH_FIELD_LIST:
    is_read = try_read_list (self, field, node, member);
    break;
  }
  if (!is_read)
    refuse_value (self, field, node);
  return is_read;
}

/* -1: there are no variants, or this one is not known (which is a problem of its own). */
static int
find_variant (const PhTable *table, JsonObject *object)
{
  const PhField *discriminator = ph_table_get_discriminator (table);
  const char *text = NULL;

  if (discriminator != NULL)
    text = json_object_get_string_member_with_default (object, discriminator->key, NULL);
  return text != NULL ? find_choice (discriminator, text) : -1;
}

static char *
list_keys (const PhTable *table, int variant)
{
  GString *keys = g_string_new (NULL);

  for (const PhField *field = table->fields; field->key != NULL; field++)
    if (ph_field_is_in_variant (field, variant))
      g_string_append_printf (keys, "%s%s", keys->len > 0 ? ", " : "", field->key);
  return g_string_free (keys, FALSE);
}

static const char *
find_nearest_key (const PhTable *table, int variant, const char *key)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();

  for (const PhField *field = table->fields; field->key != NULL; field++)
    if (ph_field_is_in_variant (field, variant))
      g_ptr_array_add (keys, (gpointer)field->key);
  g_ptr_array_add (keys, NULL);
  return ph_nearest_word (key, (const char *const *)keys->pdata);
}

static void
refuse_key (PhReader *self, const PhTable *table, int variant, const char *key)
{
  const PhField *discriminator = ph_table_get_discriminator (table);
  const char *nearest = find_nearest_key (table, variant, key);
  g_autofree char *keys = list_keys (table, variant);
  g_autofree char *question =
      nearest != NULL ? g_strdup_printf ("; did you mean \"%s\"?", nearest) : g_strdup ("");

  if (ph_table_find_field (table, key) != NULL)
    ph_reader_add_problem (self, key, "found a key that %s \"%s\" does not have; allowed: %s%s",
        discriminator->key, discriminator->choices[variant], keys, question);
  else
    ph_reader_add_problem (self, key, "found an unknown key; allowed: %s%s", keys, question);
}

static void
refuse_repeated_keys (PhReader *self, JsonObject *object)
{
  GPtrArray *keys = self->repeated != NULL ? g_hash_table_lookup (self->repeated, object) : NULL;

  for (guint i = 0; keys != NULL && i < keys->len; i++)
    ph_reader_add_problem (
        self, g_ptr_array_index (keys, i), "found more than once; allowed: once");
}

static gboolean
read_member (PhReader *self, const PhField *field, JsonNode *node, gpointer record)
{
  gsize length = push_key (self, field->key);
  gboolean is_read = read_value (self, field, node, G_STRUCT_MEMBER_P (record, field->offset));

  pop (self, length);
  return is_read;
}

static void
read_preset (PhReader *self, const PhField *field, gpointer record)
{
  g_autoptr (JsonNode) preset =
      field->preset != NULL ? json_from_string (field->preset, NULL) : NULL;

  if (preset != NULL)
    read_member (self, field, preset, record);
}

/* Members in the order of the file, so that its faults are told in that order. */
static void
read_members (
    PhReader *self, const PhTable *table, int variant, JsonObject *object, gpointer record)
{
  g_autoptr (GList) keys = json_object_get_members (object);
  g_autoptr (GHashTable) read = g_hash_table_new (g_str_hash, g_str_equal);

  for (GList *l = keys; l != NULL; l = l->next) {
    const PhField *field = ph_table_find_field (table, l->data);

    if (field == NULL || !ph_field_is_in_variant (field, variant))
      refuse_key (self, table, variant, l->data);
    else if (read_member (self, field, json_object_get_member (object, field->key), record))
      g_hash_table_add (read, l->data);
  }
  for (const PhField *field = table->fields; field->key != NULL; field++)
    if (ph_field_is_in_variant (field, variant) && !g_hash_table_contains (read, field->key))
      read_preset (self, field, record);
}

static void
check_presence (PhReader *self, const PhTable *table, int variant, JsonObject *object)
{
  for (const PhField *field = table->fields; field->key != NULL; field++) {
    gboolean is_given = json_object_has_member (object, field->key);
    g_autofree char *allowed = NULL;

    if (!ph_field_is_in_variant (field, variant))
      continue;
    allowed = ph_field_describe_allowed (field);
    if (!is_given && (field->flags & PH_FIELD_REQUIRED) != 0 &&
        (field->variants == 0 || variant >= 0))
      ph_reader_add_problem (
          self, field->key, "found nothing, but it is required; allowed: %s", allowed);
    if (is_given && field->needs != NULL && !json_object_has_member (object, field->needs))
      ph_reader_add_problem (self, field->needs,
          "found nothing, but \"%s\" needs it; allowed: both or neither", field->key);
  }
}

static gpointer
read_record (PhReader *self, const PhTable *table, JsonObject *object)
{
  gpointer record = g_malloc0 (table->size);
  int variant = find_variant (table, object);

  refuse_repeated_keys (self, object);
  read_members (self, table, variant, object, record);
  check_presence (self, table, variant, object);
  if (table->finish != NULL)
    table->finish (self, record);
  return record;
}

static gpointer
read_text (PhReader *self, const PhTable *table, PhJsonText *text)
{
  g_autofree char *found = NULL;

  self->repeated = text->repeated;
  if (JSON_NODE_HOLDS_OBJECT (text->root))
    return read_record (self, table, json_node_get_object (text->root));
  found = describe_found (&(PhField){ 0 }, text->root);
  ph_reader_add_problem (self, NULL, "found %s; allowed: an object", found);
  return NULL;
}

/* text NULL: error says why. */
static gpointer
read_source (
    PhReader *self, const PhTable *table, const char *file, PhJsonText *text, const GError *error)
{
  PhReader outer = *self;
  gpointer record = NULL;

  self->file = file;
  self->path = g_string_new (NULL);
  self->repeated = NULL;
  if (text != NULL)
    record = read_text (self, table, text);
  else
    add_problem (self, error->message);
  g_string_free (self->path, TRUE);
  *self = outer;
  return record;
}

gpointer
ph_reader_read_file (PhReader *self, const PhTable *table, const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhJsonText) text = ph_file_view_load (self->view, file, &error);

  return read_source (self, table, file, text, error);
}

gpointer
ph_reader_read_bytes (PhReader *self, const PhTable *table, const char *name, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autoptr (PhJsonText) text = ph_json_text_parse (data != NULL ? data : "", length, &error);

  return read_source (self, table, name, text, error);
}

gpointer
ph_reader_read_presets (PhReader *self, const PhTable *table)
{
  g_autoptr (JsonObject) object = json_object_new ();

  return read_record (self, table, object);
}
