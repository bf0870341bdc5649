/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings for a test. */
#pragma once

#include "common/folder.h"
#include "config/config.h"

/* settings as in porthole.json, with ' for ". */
static inline PhConfig *
folder_load (Folder *self, const char *settings, int mode)
{
  g_autoptr (GString) text = g_string_new (settings);
  g_autofree char *file = NULL;
  g_autoptr (GPtrArray) problems = NULL;
  PhConfig *config;

  g_string_replace (text, "'", "\"", 0);
  file = folder_put (self, "porthole.json", text->str, mode);
  config = ph_config_load (file, &problems, NULL);
  for (guint i = 0; i < problems->len; i++)
    g_test_message ("%s", (char *)g_ptr_array_index (problems, i));
  g_assert_nonnull (config);
  return config;
}
