/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completions of the command line for shells, from the table that --help is made of. */
#pragma once

/* shell: "bash", "zsh" or "fish"; NULL for another. Free with g_free. */
char *ph_completion_make (const char *shell);
