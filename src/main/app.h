/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server: one of each room, and what wires them. It holds no logic. Main thread. */
#pragma once

#include "access/users.h"
#include "config/config.h"
#include "main/service.h"

typedef struct _PhApp PhApp;

/* Listens; no camera is opened before somebody looks. config and users are referenced. file: as
 * --config names it; nullable. seen: what config was read from (PhFileView), which is watched.
 * PH_ERROR_UNAVAILABLE when a port is taken. */
PhApp *ph_app_new (
    PhConfig *config, PhUsers *users, const char *file, GPtrArray *seen, GError **error);
/* Who is told of each reload; kept, not copied; NULL: nobody. */
void ph_app_set_service (PhApp *self, PhService *service);
/* Reads the settings anew, see main/reload.h. */
void ph_app_reload (PhApp *self);
/* The addresses to open in a browser and in a player, one message each. */
void ph_app_log_urls (PhApp *self);
/* FALSE, with a warning in the log, when the driver of a camera has not answered for longer than
 * limit_s seconds. */
gboolean ph_app_is_alive (PhApp *self, double limit_s);
/* Sends viewers away, closes devices, joins every thread. */
void ph_app_free (PhApp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhApp, ph_app_free)
