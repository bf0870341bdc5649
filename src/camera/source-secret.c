/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "camera/source.h"

#include <glib/gstdio.h>
#include <string.h>

static char *
read_secret (const char *file, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) fault = NULL;
  GStatBuf status;

  if (g_stat (file, &status) == 0 && (status.st_mode & 0077) != 0) {
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
        "others can read the password in %s; type: chmod 600 %s", file, file);
    return NULL;
  }
  if (!g_file_get_contents (file, &text, NULL, &fault)) {
    g_set_error_literal (error, PH_ERROR, PH_ERROR_SETTINGS, fault->message);
    return NULL;
  }
  text[strcspn (text, "\r\n")] = '\0';
  return g_steal_pointer (&text);
}

gboolean
ph_source_apply_secrets (const PhSourceConfig *config, GstElement *pipeline, GError **error)
{
  g_autoptr (GstElement) source = NULL;
  g_autofree char *password = NULL;

  if (config->password_file == NULL)
    return TRUE;
  password = read_secret (config->password_file, error);
  if (password == NULL)
    return FALSE;
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_object_set (source, "user-pw", password, NULL);
  return TRUE;
}
