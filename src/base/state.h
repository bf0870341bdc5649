/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The folder in which Porthole keeps what it made itself and wants back after a restart: its
 * certificate, the key and what it is to remember. All of it is secret. Blocks on the disk; any
 * thread. */
#pragma once

#include <glib.h>

/* The first of $STATE_DIRECTORY (systemd.exec(5)), else $XDG_STATE_HOME/porthole. Made when
 * missing, for its owner alone; free with g_free. Errors: PH_ERROR_UNAVAILABLE. */
char *ph_state_make_folder (GError **error);

/* Whole or not at all, for its owner alone. Errors: PH_ERROR_UNAVAILABLE. */
gboolean ph_state_write (
    const char *folder, const char *name, const void *bytes, gsize length, GError **error);

/* NULL with PH_ERROR_NOT_FOUND when there is no such file; PH_ERROR_UNAVAILABLE when it cannot be
 * read; PH_ERROR_SETTINGS when everybody may. */
GBytes *ph_state_read (const char *folder, const char *name, GError **error);
