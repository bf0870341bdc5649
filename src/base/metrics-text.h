/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes metrics as Prometheus reads them: OpenMetrics 1.0.0, or the older text format 0.0.4, from
 * the same calls. One family at a time: begin it, then add its samples. No locking of its own. */
#pragma once

#include "base/histogram.h"

typedef enum { PH_METRICS_OPENMETRICS, PH_METRICS_PLAIN } PhMetricsFormat;

typedef enum {
  PH_METRIC_GAUGE,
  PH_METRIC_COUNTER, /* its name has no _total: that is added */
  PH_METRIC_HISTOGRAM,
  PH_METRIC_INFO, /* its name has no _info: that is added */
  PH_METRIC_STATESET
} PhMetricType;

typedef struct _PhMetricsText PhMetricsText;

/* A room that has something to tell; adds whole families. */
typedef void (*PhMetricsSource) (PhMetricsText *text, gpointer user_data);

PhMetricsText *ph_metrics_text_new (PhMetricsFormat format);
void ph_metrics_text_free (PhMetricsText *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMetricsText, ph_metrics_text_free)

/* name ends with unit where there is one ("porthole_sent_bytes", "bytes"); unit NULL: none. help
 * ends without a full stop. All literals. */
void ph_metrics_text_begin (
    PhMetricsText *self, const char *name, PhMetricType type, const char *unit, const char *help);

/* Labels are pairs of name and value with NULL at the end; a value may be any UTF-8, NULL is "". */
void ph_metrics_text_add (PhMetricsText *self, double value, ...) G_GNUC_NULL_TERMINATED;
void ph_metrics_text_add_histogram (
    PhMetricsText *self, const PhHistogram *histogram, ...) G_GNUC_NULL_TERMINATED;
/* One sample for each of the NULL-terminated states: 1 for the one that it is in, 0 for others. */
void ph_metrics_text_add_state (
    PhMetricsText *self, const char *const *states, const char *state, ...) G_GNUC_NULL_TERMINATED;

/* The value of the header Content-Type; a literal. */
const char *ph_metrics_text_get_content_type (PhMetricsFormat format);

/* Ends the text, which nothing may be added to any more. */
GBytes *ph_metrics_text_finish (PhMetricsText *self);
