/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables as JSON Schema, draft 2020-12. It says all that a row says but is_allowed, and nothing of
 * what finish functions check. */
#pragma once

#include "base/fields.h"

/* The schema of a file that table describes, indented, with a newline at its end; free with g_free.
 */
char *ph_schema_make (const PhTable *table);
