/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/device-holder.h"

#include <stdlib.h>
#include <unistd.h>

static gboolean
has_open (const char *process, const char *device)
{
  g_autofree char *folder = g_strconcat ("/proc/", process, "/fd", NULL);
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const char *file;

  while (files != NULL && (file = g_dir_read_name (files)) != NULL) {
    g_autofree char *link = g_build_filename (folder, file, NULL);
    g_autofree char *target = g_file_read_link (link, NULL);

    if (g_strcmp0 (target, device) == 0)
      return TRUE;
  }
  return FALSE;
}

static char *
describe (const char *process)
{
  g_autofree char *file = g_strconcat ("/proc/", process, "/comm", NULL);
  g_autofree char *name = NULL;
  g_autofree char *valid = NULL;

  if (g_ascii_strtoull (process, NULL, 10) == (guint64)getpid ())
    return g_strdup ("another camera of these settings");
  if (!g_file_get_contents (file, &name, NULL, NULL))
    return g_strdup_printf ("process %s", process);
  valid = g_utf8_make_valid (g_strstrip (name), -1);
  return g_strdup_printf ("%s (process %s)", valid, process);
}

char *
ph_device_holder_find (const char *path)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  char *device = realpath (path, NULL);
  char *holder = NULL;
  const char *process;

  while (device != NULL && processes != NULL && holder == NULL &&
         (process = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (*process) && has_open (process, device))
      holder = describe (process);
  free (device);
  return holder;
}
