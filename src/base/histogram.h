/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How often something took how long, as Prometheus wants it. All zero is an empty one. Any thread
 * may observe; a reader sees numbers that may be one observation apart. */
#pragma once

#include <glib.h>

#define PH_HISTOGRAM_BOUNDS 11

/* Upper bounds in seconds, those of Prometheus's own clients: 5 ms to 10 s. */
extern const double ph_histogram_bounds[PH_HISTOGRAM_BOUNDS];

typedef struct {
  guint64
      counts[PH_HISTOGRAM_BOUNDS + 1]; /* atomic; not cumulative, the last is beyond all bounds */
  guint64 sum_us; /* atomic */
} PhHistogram;

/* Negative seconds count as 0. */
void ph_histogram_observe_any (PhHistogram *self, double seconds);
