/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Structs that tables describe (base/fields.h) as JSON. Any thread. */
#pragma once

#include "base/fields.h"

#include <json-glib/json-glib.h>

typedef enum {
  PH_RECORD_JSON_SHOWN, /* what is PH_FIELD_PRIVATE is left out */
  PH_RECORD_JSON_WHOLE
} PhRecordJsonScope;

/* Adds one object with all that record says. */
void ph_record_add_json (
    JsonBuilder *builder, const PhTable *table, gconstpointer record, PhRecordJsonScope scope);
