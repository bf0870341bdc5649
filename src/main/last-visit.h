/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who came from outside the last time, kept over restarts: the file last-visit.json in the state
 * folder. Blocks on the disk; main thread. */
#pragma once

#include <gio/gio.h>

/* NULL: nobody, or the file cannot be read, which is a warning. at: seconds since 1970. */
GInetAddress *ph_last_visit_load (const char *folder, gint64 *at);
/* Whole or not at all. What fails is a warning. */
void ph_last_visit_save (const char *folder, GInetAddress *visitor, gint64 at);
