/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/settings.h"

#include "base/json-text.h"

#include <stdio.h>

static void
print_problems (GPtrArray *problems)
{
  for (guint i = 0; problems != NULL && i < problems->len; i++)
    fprintf (stderr, "%s\n", (char *)g_ptr_array_index (problems, i));
}

PhConfig *
ph_settings_load (const char *file, GError **error)
{
  g_autoptr (GPtrArray) problems = NULL;
  PhConfig *config = ph_config_load (file, &problems, error);

  if (config == NULL)
    print_problems (problems);
  return config;
}

/* A file that cannot be read or is no JSON is left to the loader of settings, which says so better.
 */
static gboolean
is_camera_file (const char *file)
{
  g_autoptr (PhJsonText) text = ph_json_text_load (file, NULL);

  return text != NULL && JSON_NODE_HOLDS_OBJECT (text->root) &&
         json_object_has_member (json_node_get_object (text->root), "source");
}

PhConfig *
ph_settings_load_any_file (const char *file, GError **error)
{
  g_autoptr (GPtrArray) problems = NULL;
  PhConfig *config;

  if (!is_camera_file (file))
    return ph_settings_load (file, error);
  config = ph_config_load_camera (file, &problems, error);
  if (config == NULL)
    print_problems (problems);
  return config;
}
