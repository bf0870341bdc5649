/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/changes.h"

#include "base/record.h"
#include "config/tables.h"

static const PhCameraConfig *
find_camera (const PhConfig *config, const char *name)
{
  for (guint i = 0; config != NULL && i < config->cameras->len; i++) {
    const PhCameraConfig *camera = g_ptr_array_index (config->cameras, i);

    if (g_str_equal (camera->name, name))
      return camera;
  }
  return NULL;
}

/* Those of config that other has not. */
static char **
list_missing (const PhConfig *config, const PhConfig *other)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; config != NULL && i < config->cameras->len; i++) {
    const PhCameraConfig *camera = g_ptr_array_index (config->cameras, i);

    if (find_camera (other, camera->name) == NULL)
      g_strv_builder_add (names, camera->name);
  }
  return g_strv_builder_end (names);
}

static char **
list_changed (const PhConfig *before, const PhConfig *after)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < after->cameras->len; i++) {
    const PhCameraConfig *camera = g_ptr_array_index (after->cameras, i);
    const PhCameraConfig *old = find_camera (before, camera->name);

    if (old != NULL && !ph_record_is_equal (&ph_camera_table, old, camera))
      g_strv_builder_add (names, camera->name);
  }
  return g_strv_builder_end (names);
}

static char **
list_sections (const PhConfig *before, const PhConfig *after)
{
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();

  for (const PhField *field = ph_settings_table.fields; field->key != NULL; field++)
    if (before != NULL && field->table != &ph_camera_table &&
        !ph_record_is_field_equal (field, before, after))
      g_strv_builder_add (keys, field->key);
  return g_strv_builder_end (keys);
}

void
ph_changes_find (PhChanges *self, const PhConfig *before, const PhConfig *after)
{
  self->added = list_missing (after, before);
  self->removed = list_missing (before, after);
  self->changed = list_changed (before, after);
  self->sections = list_sections (before, after);
}

void
ph_changes_clear (PhChanges *self)
{
  g_clear_pointer (&self->added, g_strfreev);
  g_clear_pointer (&self->removed, g_strfreev);
  g_clear_pointer (&self->changed, g_strfreev);
  g_clear_pointer (&self->sections, g_strfreev);
}

gboolean
ph_changes_are_none (const PhChanges *self)
{
  return *self->added == NULL && *self->removed == NULL && *self->changed == NULL &&
         *self->sections == NULL;
}

static void
append (GString *text, const char *before, char **names, const char *after)
{
  g_autofree char *list = g_strjoinv (", ", names);

  if (*names != NULL)
    g_string_append_printf (text, "%s%s%s %s", text->len > 0 ? "; " : "", before, list, after);
}

char *
ph_changes_to_text (const PhChanges *self)
{
  GString *text = g_string_new (NULL);

  append (text, "camera ", self->added, "added");
  append (text, "camera ", self->removed, "removed");
  append (text, "camera ", self->changed, "changed");
  append (text, "", self->sections, "changed");
  if (text->len == 0)
    g_string_append (text, "nothing changed");
  return g_string_free (text, FALSE);
}
