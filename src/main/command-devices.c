/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/devices.h"
#include "main/commands.h"

#include <gio/gunixoutputstream.h>
#include <gst/gst.h>
#include <unistd.h>

gboolean
ph_command_devices (const PhCommandLine *line, GError **error)
{
  g_autoptr (GOutputStream) output = g_unix_output_stream_new (STDOUT_FILENO, FALSE);

  gst_init (NULL, NULL);
  return ph_devices_print (line->is_json, output, error);
}
