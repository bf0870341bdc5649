/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json-text.h"

#include "base/error.h"
#include "base/regular-file.h"

#include <gio/gio.h>
#include <string.h>

/* Why not JsonParser: version 1.6 ends a "//" comment at once, overflows the stack on deep nesting,
 * reads 010 as 8 and 2^64 as -1, takes several values in a row, and blames the wrong character. The
 * structure is read here, each single value by json-glib. */

typedef struct {
  const char *start, *end; /* the whole text */
  const char *at; /* the token */
  gsize length; /* of the token; 0: end of the text */
  GRegex *blank, *token;
  guint depth;
  PhJsonText *result;
} Scanner;

static const char blank_pattern[] = "(?:[ \\t\\r\\n]++|//[^\\n]*+|/\\*(?s:.*?)\\*/)*+";
static const char token_pattern[] =
    "[][{}:,]"
    "|\"(?:[^\"\\\\\\x00-\\x1f]|\\\\(?:[\"\\\\/bfnrt]|u(?!0000)[0-9a-fA-F]{4}))*+\""
    "|-?(?:0|[1-9][0-9]{0,14})(?:\\.[0-9]{1,15})?(?:[eE][-+]?[0-9]{1,3})?(?![-+.\\w])"
    "|(?:true|false|null)(?!\\w)";

static JsonNode *read_value (Scanner *self, GError **error);

char *
ph_json_text_quote (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *quoted = g_string_new ("\"");
  guint n = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (n++ == 60) {
      g_string_append (quoted, "…");
      break;
    }
    if (g_unichar_isprint (c))
      g_string_append_unichar (quoted, c);
    else
      g_string_append_printf (quoted, "\\u%04x", c);
  }
  return g_string_free (g_string_append_c (quoted, '"'), FALSE);
}

static gsize
match (Scanner *self, GRegex *regex)
{
  g_autoptr (GMatchInfo) info = NULL;
  int end = 0;

  if (g_regex_match_full (
          regex, self->at, self->end - self->at, 0, G_REGEX_MATCH_ANCHORED, &info, NULL))
    g_match_info_fetch_pos (info, 0, NULL, &end);
  return end;
}

/* What a person sees at the place of the fault: a word or one character. A text is not shown, it
 * may be a secret. */
static char *
describe_here (Scanner *self)
{
  const char *p = self->at;
  g_autofree char *text = NULL;

  if (p == self->end)
    return g_strdup ("the end of the file");
  if (*p == '"' && self->length > 0)
    return g_strdup ("a text");
  if (*p == '"')
    return g_strdup ("a text that is not ended, or has a wrong escape in it");
  while (p < self->end && (g_ascii_isalnum (*p) || strchr ("+-._", *p) != NULL))
    p++;
  if (p == self->at)
    p = g_utf8_next_char (p);
  text = g_strndup (self->at, p - self->at);
  return ph_json_text_quote (text);
}

static void
set_fault (Scanner *self, GError **error, const char *found, const char *allowed)
{
  const char *line_start = self->at;
  guint line = 1;
  g_autofree char *here = found == NULL ? describe_here (self) : NULL;

  while (line_start > self->start && line_start[-1] != '\n')
    line_start--;
  for (const char *p = self->start; p < line_start; p++)
    line += *p == '\n';
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "line %u, column %ld: found %s; allowed: %s",
      line, g_utf8_strlen (line_start, self->at - line_start) + 1, found != NULL ? found : here,
      allowed);
}

/* A token of length 0 is the end of the text or something that is no token; whoever wants a certain
 * one says what is wrong. */
static void
step (Scanner *self)
{
  self->at += self->length;
  self->at += match (self, self->blank);
  self->length = self->at < self->end ? match (self, self->token) : 0;
}

static gboolean
is_at (Scanner *self, char c)
{
  return self->length > 0 && *self->at == c;
}

static gboolean
take (Scanner *self, char c, GError **error, const char *allowed)
{
  if (!is_at (self, c)) {
    set_fault (self, error, NULL, allowed);
    return FALSE;
  }
  step (self);
  return TRUE;
}

static JsonNode *
read_scalar (Scanner *self, GError **error)
{
  g_autofree char *token = g_strndup (self->at, self->length);
  JsonNode *node = json_from_string (token, NULL);

  if (node == NULL)
    set_fault (self, error, "a text with half a surrogate pair", "a whole character");
  else
    step (self);
  return node;
}

static void
note_repeated (Scanner *self, JsonObject *object, const char *key)
{
  GPtrArray *keys = g_hash_table_lookup (self->result->repeated, object);

  if (keys == NULL) {
    keys = g_ptr_array_new_with_free_func (g_free);
    g_hash_table_insert (self->result->repeated, json_object_ref (object), keys);
  }
  if (!g_ptr_array_find_with_equal_func (keys, key, g_str_equal, NULL))
    g_ptr_array_add (keys, g_strdup (key));
}

static gboolean
read_member (Scanner *self, JsonObject *object, GError **error)
{
  g_autoptr (JsonNode) key = NULL;
  JsonNode *value;

  if (!is_at (self, '"')) {
    set_fault (self, error, NULL, "a key in double quotes");
    return FALSE;
  }
  key = read_scalar (self, error);
  if (key == NULL || !take (self, ':', error, "\":\" after a key"))
    return FALSE;
  value = read_value (self, error);
  if (value == NULL)
    return FALSE;
  if (json_object_has_member (object, json_node_get_string (key)))
    note_repeated (self, object, json_node_get_string (key));
  json_object_set_member (object, json_node_get_string (key), value);
  return TRUE;
}

static JsonNode *
read_object (Scanner *self, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();

  step (self);
  if (!is_at (self, '}')) {
    if (!read_member (self, object, error))
      return NULL;
    while (is_at (self, ',')) {
      step (self);
      if (!read_member (self, object, error))
        return NULL;
    }
  }
  if (!take (self, '}', error, "\",\" or \"}\""))
    return NULL;
  return json_node_init_object (json_node_alloc (), object);
}

static gboolean
read_element (Scanner *self, JsonArray *array, GError **error)
{
  JsonNode *value = read_value (self, error);

  if (value != NULL)
    json_array_add_element (array, value);
  return value != NULL;
}

static JsonNode *
read_array (Scanner *self, GError **error)
{
  g_autoptr (JsonArray) array = json_array_new ();

  step (self);
  if (!is_at (self, ']')) {
    if (!read_element (self, array, error))
      return NULL;
    while (is_at (self, ',')) {
      step (self);
      if (!read_element (self, array, error))
        return NULL;
    }
  }
  if (!take (self, ']', error, "\",\" or \"]\""))
    return NULL;
  return json_node_init_array (json_node_alloc (), array);
}

static JsonNode *
read_value (Scanner *self, GError **error)
{
  JsonNode *node = NULL;

  if (self->depth == PH_JSON_MAX_DEPTH) {
    set_fault (self, error, "objects and lists nested deeper than 32", "fewer");
    return NULL;
  }
  self->depth++;
  if (self->length == 0 || strchr ("]}:,", *self->at) != NULL)
    set_fault (self, error, NULL,
        "an object, a list, a text in double quotes, a number, true, "
        "false or null");
  else if (*self->at == '{')
    node = read_object (self, error);
  else if (*self->at == '[')
    node = read_array (self, error);
  else
    node = read_scalar (self, error);
  self->depth--;
  return node;
}

static void
free_keys (gpointer keys)
{
  g_ptr_array_unref (keys);
}

static void
unref_object (gpointer object)
{
  json_object_unref (object);
}

static gboolean
check_encoding (Scanner *self, GError **error)
{
  if (g_utf8_validate_len (self->start, self->end - self->start, &self->at))
    return TRUE;
  set_fault (self, error, "bytes that are not UTF-8", "UTF-8 text");
  return FALSE;
}

PhJsonText *
ph_json_text_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (PhJsonText) result = g_new0 (PhJsonText, 1);
  g_autoptr (GRegex) blank = g_regex_new (blank_pattern, G_REGEX_RAW, 0, NULL);
  g_autoptr (GRegex) token = g_regex_new (token_pattern, G_REGEX_RAW, 0, NULL);
  Scanner self = { .end = text + length, .blank = blank, .token = token, .result = result };

  /* Some editors put a byte order mark in front; RFC 8259 section 8.1 lets a reader ignore it. */
  self.start = self.at = length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
  result->repeated = g_hash_table_new_full (g_direct_hash, g_direct_equal, unref_object, free_keys);
  if (!check_encoding (&self, error))
    return NULL;
  self.at = self.start;
  step (&self);
  result->root = read_value (&self, error);
  if (result->root == NULL)
    return NULL;
  if (self.at != self.end) {
    set_fault (&self, error, NULL, "the end of the file");
    return NULL;
  }
  return g_steal_pointer (&result);
}

PhJsonText *
ph_json_text_load (const char *file, GError **error)
{
  gsize length = 0;
  g_autofree char *text = ph_regular_file_read (file, PH_JSON_MAX_BYTES, &length, error);

  return text != NULL ? ph_json_text_parse (text, length, error) : NULL;
}

void
ph_json_text_free (PhJsonText *self)
{
  g_clear_pointer (&self->root, json_node_unref);
  g_hash_table_unref (self->repeated);
  g_free (self);
}
