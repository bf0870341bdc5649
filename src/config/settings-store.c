/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/settings-store.h"

#include "base/error.h"
#include "base/json-edit.h"
#include "base/record-json.h"
#include "base/replace-file.h"
#include "config/changes.h"
#include "config/tables.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* A file as it is, and as it is to be. */
typedef struct {
  char *file;
  char *before;
  char *after; /* NULL: the file goes */
} Rewrite;

static void
rewrite_clear (Rewrite *self)
{
  g_clear_pointer (&self->file, g_free);
  g_clear_pointer (&self->before, g_free);
  g_clear_pointer (&self->after, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rewrite, rewrite_clear)

void
ph_settings_edit_free (PhSettingsEdit *self)
{
  ph_config_unref (self->config);
  g_free (self->name);
  g_free (self->body);
  g_free (self);
}

/* ---- where a camera stands ------------------------------------------------------------------- */

static gboolean
is_text (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static const PhCameraConfig *
find_camera (const PhConfig *config, const char *name)
{
  for (guint i = 0; name != NULL && i < config->cameras->len; i++) {
    const PhCameraConfig *camera = g_ptr_array_index (config->cameras, i);

    if (g_str_equal (camera->name, name))
      return camera;
  }
  return NULL;
}

static gboolean
is_same_file (const char *a, const char *b)
{
  g_autofree char *canonical_a = g_canonicalize_filename (a, NULL);
  g_autofree char *canonical_b = g_canonicalize_filename (b, NULL);

  return g_str_equal (canonical_a, canonical_b);
}

/* Whether item of the list of cameras is the camera itself, or names its file. */
static gboolean
is_item_of (JsonNode *item, const PhCameraConfig *camera, const char *settings_file)
{
  g_autofree char *folder = g_path_get_dirname (settings_file);
  g_autofree char *file = NULL;

  if (JSON_NODE_HOLDS_OBJECT (item))
    return g_strcmp0 (json_object_get_string_member_with_default (
                          json_node_get_object (item), "name", NULL),
               camera->name) == 0;
  if (!is_text (item))
    return FALSE;
  file = g_canonicalize_filename (json_node_get_string (item), folder);
  return is_same_file (file, camera->file);
}

/* Its place in the settings; free with g_free. NULL: a pattern names its file. */
static char *
find_item (const char *settings, const PhCameraConfig *camera, const char *settings_file)
{
  g_autoptr (PhJsonText) text = ph_json_text_parse (settings, strlen (settings), NULL);
  JsonNode *list = text != NULL && JSON_NODE_HOLDS_OBJECT (text->root)
                       ? json_object_get_member (json_node_get_object (text->root), "cameras")
                       : NULL;

  for (guint i = 0; list != NULL && JSON_NODE_HOLDS_ARRAY (list) &&
                    i < json_array_get_length (json_node_get_array (list));
       i++)
    if (is_item_of (json_array_get_element (json_node_get_array (list), i), camera, settings_file))
      return g_strdup_printf ("/cameras/%u", i);
  return NULL;
}

/* ---- the change itself ----------------------------------------------------------------------- */

static gboolean
read_file (Rewrite *self, const char *file, GError **error)
{
  g_autoptr (GError) cause = NULL;

  self->file = g_strdup (file);
  if (g_file_get_contents (file, &self->before, NULL, &cause))
    return TRUE;
  g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE, "%s", cause->message);
  return FALSE;
}

static gboolean
add (Rewrite *self, const PhSettingsEdit *edit, GError **error)
{
  if (!read_file (self, edit->config->file, error))
    return FALSE;
  self->after = ph_json_edit_append (self->before, "/cameras", edit->body);
  if (self->after == NULL) {
    g_autofree char *patch = g_strdup_printf ("{\"cameras\":[%s]}", edit->body);

    self->after = ph_json_edit_merge (self->before, "", patch);
  }
  return self->after != NULL;
}

static gboolean
patch (Rewrite *self, const PhSettingsEdit *edit, const PhCameraConfig *camera, GError **error)
{
  gboolean is_inline = is_same_file (camera->file, edit->config->file);
  g_autofree char *place = NULL;

  if (!read_file (self, camera->file, error))
    return FALSE;
  place = is_inline ? find_item (self->before, camera, edit->config->file) : g_strdup ("");
  self->after = place != NULL ? ph_json_edit_merge (self->before, place, edit->body) : NULL;
  return self->after != NULL;
}

static gboolean
patch_settings (Rewrite *self, const PhSettingsEdit *edit, GError **error)
{
  if (!read_file (self, edit->config->file, error))
    return FALSE;
  self->after = ph_json_edit_merge (self->before, "", edit->body);
  return self->after != NULL;
}

/* A file that a pattern names is taken away; one that is named by itself is named no more. */
static gboolean
remove_camera (
    Rewrite *self, const PhSettingsEdit *edit, const PhCameraConfig *camera, GError **error)
{
  g_autofree char *place = NULL;

  if (!read_file (self, edit->config->file, error))
    return FALSE;
  place = find_item (self->before, camera, edit->config->file);
  if (place != NULL) {
    self->after = ph_json_edit_remove (self->before, place);
    return TRUE;
  }
  rewrite_clear (self);
  return read_file (self, camera->file, error);
}

static gboolean
make_rewrite (Rewrite *self, const PhSettingsEdit *edit, GError **error)
{
  const PhCameraConfig *camera = find_camera (edit->config, edit->name);
  gboolean is_made = FALSE;

  if (edit->kind == PH_EDIT_PATCH_SETTINGS)
    is_made = patch_settings (self, edit, error);
  else if (edit->kind == PH_EDIT_ADD_CAMERA)
    is_made = add (self, edit, error);
  else if (camera != NULL && edit->kind == PH_EDIT_PATCH_CAMERA)
    is_made = patch (self, edit, camera, error);
  else if (camera != NULL)
    is_made = remove_camera (self, edit, camera, error);
  if (!is_made && error != NULL && *error == NULL)
    g_set_error_literal (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "the camera is not found in the settings files any more");
  return is_made;
}

/* ---- checks ---------------------------------------------------------------------------------- */

/* Somebody who edits them by hand must not find them mixed with this. */
static gboolean
check_files_are_in_use (const PhConfig *config, GError **error)
{
  g_autoptr (PhConfig) on_disk = ph_config_load_view_on_worker (config->file, NULL, NULL, NULL);
  g_auto (PhChanges) changes = { 0 };

  if (on_disk != NULL)
    ph_changes_find (&changes, config, on_disk);
  if (on_disk != NULL && ph_changes_are_none (&changes))
    return TRUE;
  g_set_error_literal (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
      "the settings files say something else than what is in use; reload first");
  return FALSE;
}

static gboolean
is_same_server (const char *a, const char *b)
{
  g_autoptr (GUri) one = g_uri_parse (a, G_URI_FLAGS_NONE, NULL);
  g_autoptr (GUri) other = g_uri_parse (b, G_URI_FLAGS_NONE, NULL);

  return one != NULL && other != NULL &&
         g_str_equal (g_uri_get_scheme (one), g_uri_get_scheme (other)) &&
         g_strcmp0 (g_uri_get_host (one), g_uri_get_host (other)) == 0 &&
         g_uri_get_port (one) == g_uri_get_port (other);
}

static gboolean
sends_password_to_same_server (const PhConfig *config, const PhSourceConfig *source)
{
  for (guint i = 0; i < config->cameras->len; i++) {
    const PhSourceConfig *known =
        ((const PhCameraConfig *)g_ptr_array_index (config->cameras, i))->source;

    if (g_strcmp0 (known->password_file, source->password_file) == 0 &&
        is_same_server (known->url, source->url))
      return TRUE;
  }
  return FALSE;
}

/* Whoever learns a password of Porthole's must not learn an IP camera's by it, from a server of his
 * own that asks for it. */
static gboolean
check_passwords_stay (const PhConfig *before, const PhConfig *after, const Rewrite *rewrite,
    GPtrArray *problems, GError **error)
{
  for (guint i = 0; i < after->cameras->len; i++) {
    const PhSourceConfig *source =
        ((const PhCameraConfig *)g_ptr_array_index (after->cameras, i))->source;

    if (source->password_file == NULL || sends_password_to_same_server (before, source))
      continue;
    g_ptr_array_add (problems,
        g_strdup_printf ("%s: source.url: found another server, which would be sent the password; "
                         "allowed over the network: the same server, port and scheme; write it "
                         "into the file",
            rewrite->file));
    g_set_error_literal (error, PH_ERROR, PH_ERROR_SETTINGS, "a password would go elsewhere");
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_result (const PhConfig *config, const Rewrite *rewrite, GPtrArray *problems, GError **error)
{
  g_autoptr (GHashTable) texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  PhFileView view = { .texts = texts };
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (PhConfig) after = NULL;

  g_hash_table_insert (texts, g_canonicalize_filename (rewrite->file, NULL), rewrite->after);
  after = ph_config_load_view_on_worker (config->file, &view, &found, error);
  for (guint i = 0; found != NULL && i < found->len; i++)
    g_ptr_array_add (problems, g_strdup (g_ptr_array_index (found, i)));
  return after != NULL && check_passwords_stay (config, after, rewrite, problems, error);
}

static gboolean
write_result (const Rewrite *rewrite, GError **error)
{
  g_autofree char *now = NULL;

  if (!g_file_get_contents (rewrite->file, &now, NULL, NULL) ||
      !g_str_equal (now, rewrite->before)) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE, "%s has changed meanwhile", rewrite->file);
    return FALSE;
  }
  if (rewrite->after != NULL)
    return ph_replace_file (rewrite->file, rewrite->after, error);
  if (g_unlink (rewrite->file) == 0)
    return TRUE;
  g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE, "%s cannot be removed: %s", rewrite->file,
      g_strerror (errno));
  return FALSE;
}

gboolean
ph_settings_store_write_on_worker (const PhSettingsEdit *edit, GPtrArray *problems, GError **error)
{
  g_auto (Rewrite) rewrite = { 0 };

  return check_files_are_in_use (edit->config, error) && make_rewrite (&rewrite, edit, error) &&
         check_result (edit->config, &rewrite, problems, error) && write_result (&rewrite, error);
}

/* Nobody can try out what secrets stand in the settings: another run of the program makes other
 * tags. */
static const char *
get_key (void)
{
  static char *key;

  if (g_once_init_enter (&key))
    g_once_init_leave (&key, g_uuid_string_random ());
  return key;
}

static char *
make_etag (const PhTable *table, gconstpointer record)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  g_autofree char *tag = NULL;
  const char *key = get_key ();

  ph_record_add_json (builder, table, record, PH_RECORD_JSON_WHOLE);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  tag = g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guint8 *)key, strlen (key), text, -1);
  return g_strdup_printf ("\"%.32s\"", tag);
}

char *
ph_settings_store_make_camera_etag (const PhCameraConfig *camera)
{
  return make_etag (&ph_camera_table, camera);
}

char *
ph_settings_store_make_etag (const PhConfig *config)
{
  return make_etag (&ph_settings_table, config);
}
