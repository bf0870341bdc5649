/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks a person for a new password. Main thread. */
#pragma once

#include <glib.h>

/* From a terminal twice, without showing it; from anything else the first line of standard input.
 * Free with ph_secret_free. NULL with PH_ERROR_USAGE for no password, or two that differ. */
char *ph_password_ask (const char *name, GError **error);
