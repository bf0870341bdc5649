/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /metrics: what Prometheus scrapes. Counts nothing itself, it reads what the rooms have counted.
 * Label values are names of the settings and words of fixed lists, so their number has a bound.
 * Main thread. */
#pragma once

#include "base/metrics-text.h"
#include "http/request.h"

typedef struct _PhMetrics PhMetrics;

/* cameras (element-type PhCamera) is referenced. */
PhMetrics *ph_metrics_new (GPtrArray *cameras);
void ph_metrics_free (PhMetrics *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMetrics, ph_metrics_free)

/* Lets another room be seen; asked at every scrape, in the order they were added. */
void ph_metrics_add_source (PhMetrics *self, PhMetricsSource source, gpointer user_data);

/* user_data is the PhMetrics. */
void ph_metrics_handle (PhRequest *request, gpointer user_data);

/* The one of both formats that the header Accept (RFC 9110, 12.5.1; nullable) likes better. */
PhMetricsFormat ph_metrics_choose_format (const char *accept);
