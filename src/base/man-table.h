/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables as text for man pages, in man(7) markup. */
#pragma once

#include "base/fields.h"

/* A subsection for table and for each table in it, one paragraph for each key. Free with g_free. */
char *ph_man_table_make (const PhTable *table);

/* text so that roff prints it as it stands; free with g_free. */
char *ph_man_escape (const char *text);
