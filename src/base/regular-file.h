/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens and reads regular files only: a named pipe would be waited for, a device may have no end.
 * Any thread; blocks on the disk. Errors: PH_ERROR_NOT_FOUND when there is no such file, else
 * PH_ERROR_SETTINGS; what they say goes on after the file's name, which they lack. */
#pragma once

#include <glib.h>
#include <sys/stat.h>

/* A descriptor to close, and what fstat says of it; -1: error is set. */
int ph_regular_file_open (const char *file, struct stat *status, GError **error);

/* The whole file, ended by a NUL that length does not count; NULL also for more than max_bytes.
 * Free with g_free. */
char *ph_regular_file_read (const char *file, gsize max_bytes, gsize *length, GError **error);
