/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Structs that tables describe (base/fields.h), as a whole: compared, copied. Members that are no
 * rows do not count. Any thread. */
#pragma once

#include "base/fields.h"

/* Whether both say the same; NULL equals NULL only. */
gboolean ph_record_is_equal (const PhTable *table, gconstpointer a, gconstpointer b);
/* The same but for the row key, of which both may say what they like. */
gboolean ph_record_is_equal_but (
    const PhTable *table, gconstpointer a, gconstpointer b, const char *key);
gboolean ph_record_is_field_equal (const PhField *field, gconstpointer a, gconstpointer b);

/* A deep copy; free with ph_table_free_record. NULL for NULL. */
gpointer ph_record_dup (const PhTable *table, gconstpointer record);
