/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/pacer.h"

void
ph_pacer_init (PhPacer *self, double framerate)
{
  *self = (PhPacer){ .interval = framerate > 0 ? GST_SECOND / framerate : 0 };
}

/* Due times are counted on from one another, not from the picture that passed, so that a camera
 * whose pictures come a little early or late keeps its rate. Being one interval behind is normal
 * then; only after a pause the count starts anew, so that no burst makes up for it. */
gboolean
ph_pacer_passes (PhPacer *self, GstClockTime time)
{
  if (time < self->due)
    return FALSE;
  if (self->due == 0 || time > self->due + 2 * self->interval)
    self->due = time;
  self->due += self->interval;
  return TRUE;
}
