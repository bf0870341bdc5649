/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/histogram.h"

const double ph_histogram_bounds[PH_HISTOGRAM_BOUNDS] = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
  1, 2.5, 5, 10 };

void
ph_histogram_observe_any (PhHistogram *self, double seconds)
{
  guint i = 0;

  while (i < PH_HISTOGRAM_BOUNDS && seconds > ph_histogram_bounds[i])
    i++;
  __atomic_fetch_add (&self->counts[i], 1, __ATOMIC_RELAXED);
  __atomic_fetch_add (
      &self->sum_us, (guint64)(MAX (seconds, 0) * G_USEC_PER_SEC), __ATOMIC_RELAXED);
}
