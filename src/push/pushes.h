/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All pushes of all cameras, and what they tell of themselves. Main thread. */
#pragma once

#include "base/metrics-text.h"
#include "camera/camera.h"

#include <json-glib/json-glib.h>

typedef struct _PhPushes PhPushes;

PhPushes *ph_pushes_new (void);
/* Pushes what these cameras (element-type PhCamera) are to push, and nothing else. What was pushed
 * before to the same server goes on untouched. */
void ph_pushes_set_cameras (PhPushes *self, GPtrArray *cameras);
/* Waits for goodbyes, some seconds where a server does not answer. */
void ph_pushes_free (PhPushes *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhPushes, ph_pushes_free)

/* For /api/v1/push and /metrics; pushes is the PhPushes. */
void ph_pushes_report (JsonBuilder *builder, gpointer pushes);
void ph_pushes_add_metrics (PhMetricsText *text, gpointer pushes);
