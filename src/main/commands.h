/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each command of the command line does. All return FALSE with an error whose code becomes the
 * exit status (ph_error_to_exit_status). Main thread. */
#pragma once

#include "config/command-line.h"

/* Serves until SIGINT or SIGTERM; SIGHUP reads the settings anew. */
gboolean ph_command_run (const PhCommandLine *line, GError **error);
gboolean ph_command_check (const PhCommandLine *line, GError **error);
gboolean ph_command_devices (const PhCommandLine *line, GError **error);
gboolean ph_command_user (const PhCommandLine *line, GError **error);
/* *status becomes the exit status of success: 1 when something stands in the way. */
gboolean ph_command_doctor (const PhCommandLine *line, int *status, GError **error);
gboolean ph_command_ddns (const PhCommandLine *line, GError **error);
