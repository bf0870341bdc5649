/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-state.h"

#include "base/error.h"
#include "base/state.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define MAX_TIMES 1000
#define LATEST (G_GINT64_CONSTANT (253402300799)) /* the end of the year 9999 */

typedef enum { TEXT, TIME, COUNT, BOOLEAN, TIMES } MemberType;

typedef struct {
  const char *key;
  MemberType type;
  gsize offset;
} Member;

#define AT(member) G_STRUCT_OFFSET (PhDdnsState, member)
static const Member members[] = {
  { "wanted", TEXT, AT (wanted) },
  { "accepted", TEXT, AT (accepted) },
  { "accepted_at", TIME, AT (accepted_at) },
  { "record", TEXT, AT (record) },
  { "contradicted", BOOLEAN, AT (is_contradicted) },
  { "answer", TEXT, AT (answer) },
  { "answered_at", TIME, AT (answered_at) },
  { "stopped", BOOLEAN, AT (is_stopped) },
  { "not_before", TIME, AT (not_before) },
  { "limit_until", TIME, AT (limit_until) },
  { "no_refresh_until", TIME, AT (no_refresh_until) },
  { "failures", COUNT, AT (n_failures) },
  { "too_many", COUNT, AT (n_too_many) },
  { "abuse", COUNT, AT (n_abuse) },
  { "unchanged", COUNT, AT (n_unchanged) },
  { "asked", TIMES, AT (asked) },
  { "changed", TIMES, AT (changed) },
  { "look_at", TIME, AT (look_at) },
  { "looked_at", TIME, AT (looked_at) },
  { "resolved", TEXT, AT (resolved) },
  { "look_error", TEXT, AT (look_error) },
  { "differs_since", TIME, AT (differs_since) },
  { "contradicted_at", TIME, AT (contradicted_at) },
  { "saved_at", TIME, AT (saved_at) },
};
#undef AT

PhDdnsState *
ph_ddns_state_new (void)
{
  PhDdnsState *self = g_new0 (PhDdnsState, 1);

  self->asked = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->changed = g_array_new (FALSE, FALSE, sizeof (gint64));
  return self;
}

void
ph_ddns_state_free (PhDdnsState *self)
{
  g_free (self->wanted);
  g_free (self->accepted);
  g_free (self->record);
  g_free (self->answer);
  g_free (self->resolved);
  g_free (self->look_error);
  g_array_unref (self->asked);
  g_array_unref (self->changed);
  g_free (self);
}

void
ph_ddns_state_forget_dns (PhDdnsState *self)
{
  self->look_at = self->looked_at = self->differs_since = 0;
  g_clear_pointer (&self->resolved, g_free);
  g_clear_pointer (&self->look_error, g_free);
}

/* hostname is of harmless characters but for the "*" of a wildcard. */
static char *
make_file_name (const PhDdnsAccount *account, PhFamily family)
{
  char *name = g_strdup_printf (
      "ddns-%s-%s-%s.json", account->provider->id, account->hostname, ph_family_to_string (family));

  return g_strdelimit (name, "*/", '+');
}

/* The file is only for the eyes of its owner, but a hash that is not salted would be the same
 * everywhere. */
static char *
make_fingerprint (const char *salt, const char *first, const char *second, const char *third)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *const parts[] = { salt, first, second, third };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_checksum_update (sum, (const guchar *)parts[i], (gssize)strlen (parts[i]) + 1);
  return g_strdup (g_checksum_get_string (sum));
}

static char *
make_account_fingerprint (const PhDdnsAccount *account, const char *salt)
{
  g_autofree char *who = g_strconcat (account->username, "\n", account->zone, NULL);
  g_autofree char *what = g_strconcat (account->provider->id, "\n",
      account->url != NULL ? account->url : "", "\n", account->hostname, NULL);

  return make_fingerprint (salt, "account", who, what);
}

static char *
make_secret_fingerprint (const PhDdnsAccount *account, const char *salt)
{
  return make_fingerprint (salt, "secret", account->password, "");
}

static gint64
read_time (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);
  gint64 time = node != NULL && json_node_get_value_type (node) == G_TYPE_INT64
                    ? json_node_get_int (node)
                    : 0;

  return CLAMP (time, 0, LATEST);
}

static char *
read_text (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_dup_string (node)
             : NULL;
}

static void
read_times (JsonObject *object, const char *key, GArray *times)
{
  JsonNode *node = json_object_get_member (object, key);
  JsonArray *array =
      node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint length = array != NULL ? MIN (json_array_get_length (array), MAX_TIMES) : 0;

  for (guint i = 0; i < length; i++) {
    JsonNode *item = json_array_get_element (array, i);
    gint64 time = json_node_get_value_type (item) == G_TYPE_INT64 ? json_node_get_int (item) : 0;

    time = CLAMP (time, 0, LATEST);
    g_array_append_val (times, time);
  }
}

static gboolean
read_boolean (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN &&
         json_node_get_boolean (node);
}

static void
read_members (PhDdnsState *self, JsonObject *object)
{
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++) {
    const Member *member = &members[i];
    gpointer to = G_STRUCT_MEMBER_P (self, member->offset);

    switch (member->type) {
    case TEXT:
      *(char **)to = read_text (object, member->key);
      break;
    case TIME:
      *(gint64 *)to = read_time (object, member->key);
      break;
    case COUNT:
      *(guint *)to = (guint)MIN (read_time (object, member->key), 1000000);
      break;
    case BOOLEAN:
      *(gboolean *)to = read_boolean (object, member->key);
      break;
    case TIMES:
      read_times (object, member->key, *(GArray **)to);
      break;
    }
  }
}

static void
forgive (PhDdnsState *self)
{
  self->is_stopped = FALSE;
  self->not_before = 0;
  self->n_failures = 0;
  self->n_abuse = 0;
}

static PhDdnsState *
read_object (JsonObject *object, const PhDdnsAccount *account)
{
  PhDdnsState *self = ph_ddns_state_new ();
  g_autofree char *salt = read_text (object, "salt");
  g_autofree char *whose = read_text (object, "account");
  g_autofree char *secret = read_text (object, "secret");
  g_autofree char *verdict = read_text (object, "verdict");
  g_autofree char *whose_now = make_account_fingerprint (account, salt != NULL ? salt : "");
  g_autofree char *secret_now = make_secret_fingerprint (account, salt != NULL ? salt : "");

  if (g_strcmp0 (whose, whose_now) != 0)
    return self;
  read_members (self, object);
  self->has_verdict = ph_ddns_verdict_from_string (verdict, &self->verdict);
  if (g_strcmp0 (secret, secret_now) != 0)
    forgive (self);
  return self;
}

PhDdnsState *
ph_ddns_state_load (const char *folder, const PhDdnsAccount *account, PhFamily family)
{
  g_autofree char *name = make_file_name (account, family);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ph_state_read (folder, name, &error);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  gsize length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  JsonNode *root = NULL;

  if (bytes != NULL && length > 0 && json_parser_load_from_data (parser, text, length, &error))
    root = json_parser_get_root (parser);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return read_object (json_node_get_object (root), account);
  if (!g_error_matches (error, PH_ERROR, PH_ERROR_NOT_FOUND))
    g_warning ("what was known of %s is lost, as %s/%s cannot be read: %s", account->hostname,
        folder, name, error != NULL ? error->message : "it is empty");
  return ph_ddns_state_new ();
}

static void
add_times (JsonBuilder *builder, GArray *times)
{
  json_builder_begin_array (builder);
  for (guint i = 0; i < times->len; i++)
    json_builder_add_int_value (builder, g_array_index (times, gint64, i));
  json_builder_end_array (builder);
}

static void
add_member (const PhDdnsState *self, const Member *member, JsonBuilder *builder)
{
  gconstpointer from = G_STRUCT_MEMBER_P (self, member->offset);

  if (member->type == TEXT && *(char *const *)from == NULL)
    return;
  json_builder_set_member_name (builder, member->key);
  switch (member->type) {
  case TEXT:
    json_builder_add_string_value (builder, *(char *const *)from);
    break;
  case TIME:
    json_builder_add_int_value (builder, *(const gint64 *)from);
    break;
  case COUNT:
    json_builder_add_int_value (builder, *(const guint *)from);
    break;
  case BOOLEAN:
    json_builder_add_boolean_value (builder, *(const gboolean *)from);
    break;
  case TIMES:
    add_times (builder, *(GArray *const *)from);
    break;
  }
}

static void
add_text (JsonBuilder *builder, const char *key, const char *text)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, text);
}

static char *
make_text (const PhDdnsState *self, const PhDdnsAccount *account)
{
  g_autofree char *salt = g_uuid_string_random ();
  g_autofree char *whose = make_account_fingerprint (account, salt);
  g_autofree char *secret = make_secret_fingerprint (account, salt);
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  add_text (builder, "salt", salt);
  add_text (builder, "account", whose);
  add_text (builder, "secret", secret);
  if (self->has_verdict)
    add_text (builder, "verdict", ph_ddns_verdict_to_string (self->verdict));
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    add_member (self, &members[i], builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

gboolean
ph_ddns_state_save (PhDdnsState *self, const char *folder, const PhDdnsAccount *account,
    PhFamily family, gint64 now, GError **error)
{
  g_autofree char *name = make_file_name (account, family);
  g_autofree char *text = NULL;

  self->saved_at = now;
  text = make_text (self, account);
  return ph_state_write (folder, name, text, strlen (text), error);
}
