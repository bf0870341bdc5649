/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What somebody probably meant who mistyped a word. Any thread. */
#pragma once

#include <glib.h>

/* The word of the NULL-terminated words that is near enough to text to be worth a question: few
 * letters differ for its length, or one is the beginning of the other. Case and "-" for "_" do not
 * count. NULL when none is. */
const char *ph_nearest_word (const char *text, const char *const *words);
