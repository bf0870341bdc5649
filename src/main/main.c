/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "base/log.h"
#include "build-config.h"
#include "main/commands.h"

#include <locale.h>
#include <stdio.h>

static int
report (const GError *error)
{
  if (error != NULL)
    fprintf (stderr, "porthole: %s\n", error->message);
  return ph_error_to_exit_status (error);
}

/* The exit status of success. */
static int
run_command (const PhCommandLine *line, GError **error)
{
  int status = 0;

  switch (line->command) {
  case PH_COMMAND_RUN:
    ph_command_run (line, error);
    break;
  case PH_COMMAND_CHECK:
    ph_command_check (line, error);
    break;
  case PH_COMMAND_DEVICES:
    ph_command_devices (line, error);
    break;
  case PH_COMMAND_USER:
    ph_command_user (line, error);
    break;
  case PH_COMMAND_DDNS:
    ph_command_ddns (line, error);
    break;
  case PH_COMMAND_DOCTOR:
    ph_command_doctor (line, &status, error);
    break;
  }
  return status;
}

int
main (int argc, char **argv)
{
  g_auto (PhCommandLine) line = { 0 };
  g_autoptr (GError) error = NULL;
  int status = 0;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  if (!ph_command_line_parse (&line, argc, argv, &error))
    return report (error);
  if (line.is_version) {
    printf ("porthole %s\n", PH_VERSION);
    return 0;
  }
  ph_log_init (line.is_verbose);
  status = run_command (&line, &error);
  return error != NULL ? report (error) : status;
}
