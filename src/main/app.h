/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wires the rooms: cameras from the settings, servers over the cameras. The only file that knows
 * everyone, and it holds no logic. Main thread. */
#pragma once

#include "access/users.h"
#include "config/config.h"

typedef struct _PhApp PhApp;

/* Listens; no camera is opened before somebody looks. config and users are referenced.
 * PH_ERROR_UNAVAILABLE when a port is taken. */
PhApp *ph_app_new (PhConfig *config, PhUsers *users, GError **error);
/* The addresses to open in a browser and in a player, one message each. */
void ph_app_log_urls (PhApp *self);
/* FALSE, with a warning in the log, when the opening of a camera has come to a halt: it takes
 * longer than limit_s seconds. */
gboolean ph_app_is_alive (PhApp *self, double limit_s);
/* Sends viewers away, closes devices, joins every thread. */
void ph_app_free (PhApp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhApp, ph_app_free)
