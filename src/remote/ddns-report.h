/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of names in words and as JSON. Any thread. */
#pragma once

#include "remote/ddns-rules.h"

#include <json-glib/json-glib.h>

/* One record as an object. now is the time of the state, wall the one to show; both in seconds
 * since 1970. */
void ph_ddns_report_add_record (JsonBuilder *builder, const PhDdnsAccount *account, PhFamily family,
    const PhDdnsState *state, gint64 now, gint64 wall);
/* The name and its records, states indexed by PhFamily (NULL: this family is not asked for). */
void ph_ddns_report_add_name (JsonBuilder *builder, const PhDdnsAccount *account,
    PhDdnsState *const states[PH_N_FAMILIES], gint64 now, gint64 wall);

/* What happens next, a sentence without a full stop; free with g_free. */
char *ph_ddns_report_describe_next (
    const PhDdnsAccount *account, const PhDdnsState *state, gint64 now, gint64 wall);
/* Some lines about a name for a terminal, each with its end; free with g_free. */
char *ph_ddns_report_make_text (const PhDdnsAccount *account,
    PhDdnsState *const states[PH_N_FAMILIES], gint64 now, gint64 wall);
