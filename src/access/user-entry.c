/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/user-entry.h"

#include "access/hash.h"
#include "base/error.h"
#include "base/json-text.h"

#include <string.h>

#define MAX_PASSWORD 255

gboolean
ph_user_entry_check_password (const char *password, GError **error)
{
  const char *fault = NULL;

  if (*password == '\0')
    fault = "an empty password is none";
  else if (!g_utf8_validate (password, -1, NULL))
    fault = "the password is no UTF-8 text";
  else if (g_utf8_strlen (password, -1) > MAX_PASSWORD)
    fault = "the password has more than 255 characters";
  for (const char *p = password; fault == NULL && *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      fault = "the password has control characters";
  if (fault != NULL)
    g_set_error_literal (error, PH_ERROR, PH_ERROR_USAGE, fault);
  return fault == NULL;
}

static void
set_password (JsonObject *user, const char *password)
{
  const char *name = json_object_get_string_member (user, "name");
  g_autofree char *md5 = ph_hash_password_any (PH_HASH_MD5, name, password);
  g_autofree char *sha256 = ph_hash_password_any (PH_HASH_SHA256, name, password);
  JsonObject *digest = json_object_new ();

  json_object_set_string_member (digest, "md5", md5);
  json_object_set_string_member (digest, "sha256", sha256);
  json_object_set_object_member (user, "digest", digest);
  if (json_object_has_member (user, "password"))
    json_object_remove_member (user, "password");
  if (json_object_has_member (user, "password_file"))
    json_object_remove_member (user, "password_file");
}

static void
set_role (JsonObject *user, PhRole role)
{
  json_object_set_string_member (user, "role", role == PH_ROLE_ADMIN ? "admin" : "viewer");
}

static JsonObject *
make_user (const char *name, PhRole role, const char *password)
{
  JsonObject *user = json_object_new ();

  json_object_set_string_member (user, "name", name);
  set_role (user, role);
  set_password (user, password);
  return user;
}

/* Takes object. */
static char *
print_object (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_alloc ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();

  json_node_take_object (json_node_init (node, JSON_NODE_OBJECT), object);
  json_generator_set_root (generator, node);
  json_generator_set_pretty (generator, TRUE);
  return json_generator_to_data (generator, NULL);
}

char *
ph_user_entry_make (const char *name, PhRole role, const char *password)
{
  return print_object (make_user (name, role, password));
}

/* Outside of texts JSON has no "/". */
static gboolean
has_comments (const char *text)
{
  gboolean is_in_text = FALSE;

  for (const char *p = text; *p != '\0'; p++) {
    if (is_in_text && *p == '\\' && p[1] != '\0')
      p++;
    else if (*p == '"')
      is_in_text = !is_in_text;
    else if (*p == '/' && !is_in_text)
      return TRUE;
  }
  return FALSE;
}

/* NULL: there is something else of this name. */
static JsonObject *
ensure_object (JsonObject *parent, const char *key)
{
  JsonNode *node = json_object_get_member (parent, key);

  if (node == NULL)
    json_object_set_object_member (parent, key, json_object_new ());
  else if (!JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  return json_object_get_object_member (parent, key);
}

static JsonArray *
ensure_array (JsonObject *parent, const char *key)
{
  JsonNode *node = json_object_get_member (parent, key);

  if (node == NULL)
    json_object_set_array_member (parent, key, json_array_new ());
  else if (!JSON_NODE_HOLDS_ARRAY (node))
    return NULL;
  return json_object_get_array_member (parent, key);
}

static JsonObject *
find_user (JsonArray *users, const char *name)
{
  for (guint i = 0; i < json_array_get_length (users); i++) {
    JsonNode *node = json_array_get_element (users, i);
    JsonObject *user = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

    if (user != NULL &&
        g_strcmp0 (json_object_get_string_member_with_default (user, "name", NULL), name) == 0)
      return user;
  }
  return NULL;
}

static void
put_user (JsonArray *users, const char *name, const PhRole *role, const char *password)
{
  JsonObject *user = find_user (users, name);

  if (user == NULL) {
    json_array_add_object_element (
        users, make_user (name, role != NULL ? *role : PH_ROLE_VIEWER, password));
    return;
  }
  if (role != NULL)
    set_role (user, *role);
  set_password (user, password);
}

char *
ph_user_entry_insert (const char *settings, const char *name, const PhRole *role,
    const char *password, GError **error)
{
  g_autoptr (PhJsonText) text = ph_json_text_parse (settings, strlen (settings), error);
  JsonObject *access = NULL;
  JsonArray *users = NULL;

  if (text == NULL)
    return NULL;
  if (has_comments (settings)) {
    g_set_error_literal (error, PH_ERROR, PH_ERROR_SETTINGS, "has comments, which would be lost");
    return NULL;
  }
  if (JSON_NODE_HOLDS_OBJECT (text->root))
    access = ensure_object (json_node_get_object (text->root), "access");
  if (access != NULL)
    users = ensure_array (access, "users");
  if (users == NULL || g_hash_table_size (text->repeated) > 0) {
    g_set_error_literal (error, PH_ERROR, PH_ERROR_SETTINGS, "is no settings file");
    return NULL;
  }
  put_user (users, name, role, password);
  return print_object (json_object_ref (json_node_get_object (text->root)));
}
