/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that people wrote, written anew. Any thread; blocks on the disk. */
#pragma once

#include <glib.h>

/* Whole or not at all, also when the machine stops meanwhile; owner and mode stay (but nobody else
 * may read it that could not write it: at most the owner's and the group's reading), and what a
 * link leads to is replaced, not the link. A new file is for its owner alone. Errors:
 * PH_ERROR_UNAVAILABLE. */
gboolean ph_replace_file (const char *file, const char *text, GError **error);
