/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "camera/plan.h"
#include "main/commands.h"
#include "main/permissions.h"
#include "main/settings.h"

#include <gst/gst.h>
#include <stdio.h>

static void
print_all (const char *prefix, GPtrArray *sentences)
{
  for (guint i = 0; i < sentences->len; i++)
    printf ("# %s%s\n", prefix, (char *)g_ptr_array_index (sentences, i));
}

static void
print_plan (const PhCameraConfig *camera)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhPlan) plan = ph_plan_make_on_worker (camera, NULL, NULL, &error);
  g_autofree char *line = NULL;

  printf ("# %s (%s)\n", camera->name, camera->title);
  if (plan == NULL) {
    printf ("# its settings are right, but it cannot be opened now: %s\n\n", error->message);
    return;
  }
  print_all ("", plan->notes);
  print_all ("warning: ", plan->warnings);
  line = ph_plan_to_shell_line (plan, camera);
  printf ("gst-launch-1.0 %s\n\n", line);
}

/* A camera that cannot be opened just now is no fault of its settings: said, and the status stays
 * 0. */
gboolean
ph_command_check (const PhCommandLine *line, GError **error)
{
  g_autoptr (PhConfig) config = line->file != NULL
                                    ? ph_settings_load_any_file (line->file, error)
                                    : ph_settings_load (line->config_file, NULL, error);
  g_autoptr (PhUsers) users = config != NULL ? ph_settings_load_users (config, error) : NULL;

  if (users == NULL || !ph_settings_check_names (config, error))
    return FALSE;
  if (line->is_access) {
    ph_permissions_print ();
    return TRUE;
  }
  gst_init (NULL, NULL);
  for (guint i = 0; i < config->cameras->len; i++)
    print_plan (g_ptr_array_index (config->cameras, i));
  printf ("# settings are right: %u %s\n", config->cameras->len,
      config->cameras->len == 1 ? "camera" : "cameras");
  return TRUE;
}
