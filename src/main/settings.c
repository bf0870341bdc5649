/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/settings.h"

#include "remote/ddns-account.h"

#include <stdio.h>

static void
print_problems (GPtrArray *problems)
{
  for (guint i = 0; problems != NULL && i < problems->len; i++)
    fprintf (stderr, "%s\n", (char *)g_ptr_array_index (problems, i));
}

PhConfig *
ph_settings_load (const char *file, const PhFileView *view, GError **error)
{
  g_autoptr (GPtrArray) problems = NULL;
  PhConfig *config = ph_config_load_view_on_worker (file, view, &problems, error);

  if (config == NULL)
    print_problems (problems);
  return config;
}

PhUsers *
ph_settings_load_users (const PhConfig *config, GError **error)
{
  g_autoptr (GPtrArray) problems = NULL;
  PhUsers *users = ph_users_new (config, &problems, error);

  if (users == NULL)
    print_problems (problems);
  return users;
}

gboolean
ph_settings_check_names (const PhConfig *config, GError **error)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (PhDdnsAccounts) accounts = ph_ddns_accounts_new (config, &problems, error);

  if (accounts == NULL)
    print_problems (problems);
  return accounts != NULL;
}

PhConfig *
ph_settings_load_any_file (const char *file, GError **error)
{
  g_autoptr (GPtrArray) problems = NULL;
  PhConfig *config;

  if (!ph_config_is_camera_file (file))
    return ph_settings_load (file, NULL, error);
  config = ph_config_load_camera (file, &problems, error);
  if (config == NULL)
    print_problems (problems);
  return config;
}
