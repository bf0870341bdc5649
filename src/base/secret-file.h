/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that hold secrets: read only when not everybody may read them. Any thread; blocks on the
 * disk. */
#pragma once

#include <glib.h>

/* FALSE with PH_ERROR_SETTINGS when everybody may read or write the file; the sentence says how to
 * change that. A file that cannot be looked at counts as safe: opening it will tell. */
gboolean ph_secret_file_check (const char *file, GError **error);

/* The first line, without its end; free with ph_secret_free. Errors: PH_ERROR_SETTINGS and
 * PH_ERROR_NOT_FOUND, a sentence without the file's name. */
char *ph_secret_file_read_line (const char *file, GError **error);

/* The file of a systemd credential (systemd.exec(5), LoadCredential=); NULL: there is none. name
 * must have no "/" in it. Free with g_free. */
char *ph_secret_file_find_credential (const char *name);

/* Overwrites text, then frees it. NULL is allowed. */
void ph_secret_free (char *text);
