/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config.h"

#include "base/error.h"
#include "base/json-text.h"
#include "base/reader.h"
#include "base/record.h"
#include "build-config.h"
#include "config/tables.h"

#include <errno.h>
#include <sys/stat.h>

static void
clear_config (gpointer record)
{
  ph_table_clear_record (&ph_settings_table, record);
}

PhListenScope
ph_config_get_listen_scope (const PhConfig *self)
{
  gboolean is_anonymous = self->access->is_anonymous;

  for (guint i = 0; i < self->cameras->len; i++)
    is_anonymous |= ((const PhCameraConfig *)g_ptr_array_index (self->cameras, i))->is_anonymous;
  return self->access->users->len > 0 || is_anonymous ? PH_LISTEN_AS_ASKED : PH_LISTEN_LOOPBACK;
}

PhHttpConfig *
ph_http_config_dup (const PhHttpConfig *self)
{
  return ph_record_dup (&ph_http_table, self);
}

void
ph_http_config_free (PhHttpConfig *self)
{
  ph_table_free_record (&ph_http_table, self);
}

gboolean
ph_config_is_for_others (const PhConfig *self)
{
  return !ph_listen_is_loopback (self->http->listen) || !ph_listen_is_loopback (self->rtsp->listen);
}

PhConfig *
ph_config_ref (PhConfig *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
ph_config_unref (PhConfig *self)
{
  g_atomic_rc_box_release_full (self, clear_config);
}

char **
ph_config_list_places (void)
{
  char **places = g_new0 (char *, 3);

  places[0] = g_build_filename (g_get_user_config_dir (), "porthole", "porthole.json", NULL);
  places[1] = g_build_filename (PH_SYSCONFDIR, "porthole.json", NULL);
  return places;
}

/* A user's file is taken when it can be seen. The system's also when that cannot be told: to serve
 * something else than the machine's settings because they may not be read would be a surprise. */
char *
ph_config_find_file (void)
{
  g_auto (GStrv) places = ph_config_list_places ();
  struct stat status;

  if (lstat (places[0], &status) == 0)
    return g_strdup (places[0]);
  if (lstat (places[1], &status) == 0 || (errno != ENOENT && errno != ENOTDIR))
    return g_strdup (places[1]);
  return NULL;
}

/* Takes settings. */
static PhConfig *
conclude (
    const char *file, PhConfig *settings, GPtrArray *found, GPtrArray **problems, GError **error)
{
  PhConfig *self = NULL;

  if (problems != NULL)
    *problems = g_ptr_array_ref (found);
  if (settings != NULL && found->len == 0) {
    self = g_atomic_rc_box_dup (sizeof *settings, settings);
    g_free (settings);
    return self;
  }
  ph_table_free_record (&ph_settings_table, settings);
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "the settings in %s cannot be used: %u %s",
      file != NULL ? file : "the program", found->len, found->len == 1 ? "problem" : "problems");
  return NULL;
}

static void
note_places (const PhFileView *view)
{
  g_auto (GStrv) places = ph_config_list_places ();

  for (guint i = 0; places[i] != NULL; i++)
    ph_file_view_note (view, places[i]);
}

PhConfig *
ph_config_load (const char *file, GPtrArray **problems, GError **error)
{
  return ph_config_load_view_on_worker (file, NULL, problems, error);
}

PhConfig *
ph_config_load_view_on_worker (
    const char *file, const PhFileView *view, GPtrArray **problems, GError **error)
{
  g_autofree char *default_file = file == NULL ? ph_config_find_file () : NULL;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_auto (PhCameraCensus) census = ph_camera_census_new ();
  g_autoptr (PhReader) reader = ph_reader_new (found, &census);
  PhConfig *settings = NULL;

  ph_reader_set_view (reader, view);
  if (file == NULL) {
    note_places (view);
    file = default_file;
  }
  if (file != NULL)
    settings = ph_reader_read_file (reader, &ph_settings_table, file);
  else
    settings = ph_reader_read_presets (reader, &ph_settings_table);
  return conclude (file, settings, found, problems, error);
}

PhConfig *
ph_config_load_camera (const char *file, GPtrArray **problems, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_auto (PhCameraCensus) presets_census = ph_camera_census_new ();
  g_auto (PhCameraCensus) census = ph_camera_census_new ();
  g_autoptr (PhReader) presets_reader = ph_reader_new (found, &presets_census);
  g_autoptr (PhReader) reader = ph_reader_new (found, &census);
  PhConfig *settings = ph_reader_read_presets (presets_reader, &ph_settings_table);
  PhCameraConfig *camera = ph_reader_read_file (reader, &ph_camera_table, file);

  for (guint i = 0; i < settings->cameras->len; i++)
    ph_table_free_record (&ph_camera_table, g_ptr_array_index (settings->cameras, i));
  g_ptr_array_set_size (settings->cameras, 0);
  if (camera != NULL)
    g_ptr_array_add (settings->cameras, camera);
  return conclude (file, settings, found, problems, error);
}

static gboolean
has_key_of (JsonObject *object, const PhTable *table)
{
  for (const PhField *field = table->fields; field->key != NULL; field++)
    if (json_object_has_member (object, field->key))
      return TRUE;
  return FALSE;
}

gboolean
ph_config_is_camera_file (const char *file)
{
  g_autoptr (PhJsonText) text = ph_json_text_load (file, NULL);
  JsonObject *object = NULL;

  if (text == NULL || !JSON_NODE_HOLDS_OBJECT (text->root))
    return FALSE;
  object = json_node_get_object (text->root);
  return has_key_of (object, &ph_camera_table) && !has_key_of (object, &ph_settings_table);
}
