/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Log lines on standard error, one a message: "room: sentence". Under systemd each line carries its
 * syslog priority (sd-daemon(3)) and no time, elsewhere the time of day. */
#pragma once

#include <glib.h>

/* Call once, first in main(). is_verbose shows debug messages of every room; without it
 * G_MESSAGES_DEBUG=camera,rtsp… chooses rooms. */
void ph_log_init (gboolean is_verbose);
