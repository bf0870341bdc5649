/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many bytes of each camera viewers were sent, month by month (of local time), kept across
 * restarts in data-use.json of the state folder. It looks at the cameras each minute and writes
 * each ten, and when it is freed: a crash loses that much. Main thread. */
#pragma once

#include "base/metrics-text.h"
#include "camera/allowance.h"
#include "camera/viewers.h"

#include <json-glib/json-glib.h>

typedef struct _PhDataUse PhDataUse;

/* cameras (element-type PhCamera) is referenced, and looked at anew each time. folder: that of
 * base/state.h; NULL: nothing is kept. A file that cannot be used is said in the log and written
 * anew. */
PhDataUse *ph_data_use_new (const char *folder, GPtrArray *cameras);
/* Looks and writes once more; cameras must still be there. */
void ph_data_use_free (PhDataUse *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDataUse, ph_data_use_free)

/* After a look: what is to be done about the allowance is another thing than before. */
typedef void (*PhDataUseFunc) (PhDataUse *self, gpointer user_data);

/* Once: who hears of it. */
void ph_data_use_set_listener (PhDataUse *self, PhDataUseFunc func, gpointer user_data);
/* Whose bytes outside count by themselves, who is told to save, and what networks they are at home
 * in; viewers outlives self. */
void ph_data_use_set_viewers (PhDataUse *self, PhViewers *viewers);
/* GB in a month that may go outside, as in the settings; a change of what follows from it is said
 * in the log. */
void ph_data_use_set_allowance (PhDataUse *self, double gigabytes);
/* What was sent outside in the month of now, in bytes. */
guint64 ph_data_use_get_outside (PhDataUse *self, gint64 now);
/* Adds {"bytes": the allowance, "state": …, "sent": bytes sent outside this month}, all as of the
 * last look. */
void ph_data_use_add_allowance (PhDataUse *self, JsonBuilder *builder);
/* As of the last look. */
PhAllowanceState ph_data_use_get_state (PhDataUse *self);

/* Takes what was sent since it looked last as of now (seconds since 1970). */
void ph_data_use_look (PhDataUse *self, gint64 now);
/* Bytes in the month of now. */
guint64 ph_data_use_get (PhDataUse *self, const char *camera, gint64 now);

/* For /api/v1/data-use and /metrics; data_use is the PhDataUse. */
void ph_data_use_report (JsonBuilder *builder, gpointer data_use);
void ph_data_use_add_metrics (PhMetricsText *text, gpointer data_use);
