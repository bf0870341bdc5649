/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of names for /metrics. Any thread. */
#pragma once

#include "base/metrics-text.h"
#include "remote/ddns-rules.h"

/* A name, for one family of addresses. */
typedef struct {
  const PhDdnsAccount *account;
  PhFamily family;
  const PhDdnsState *state;
} PhDdnsMetric;

/* Whole families of samples, one of each for each metric. now and wall as for
 * ph_ddns_rules_find_next (). */
void ph_ddns_metrics_add (
    PhMetricsText *text, const PhDdnsMetric *metrics, guint n, gint64 now, gint64 wall);
