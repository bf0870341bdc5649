/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/pace.h"

#define LEAST_PATIENCE_S 2.0
#define MARGIN_S 0.5
/* A source that comes to a halt bit by bit is not waited for ever longer. */
#define SLOWEST_LEARNED_S 10.0
/* With every frame a slow one counts that much less. */
#define FORGETTING 0.9
/* Frames after which it is known how long they take, where nobody promised anything. */
#define N_TO_LEARN 3

void
ph_pace_init (PhPace *self, double framerate, gint64 now_us)
{
  *self = (PhPace){ .nominal_s = framerate > 0 ? 1 / framerate : 0, .last_us = now_us };
}

void
ph_pace_note_frame (PhPace *self, gint64 now_us)
{
  double took_s = MIN (ph_pace_get_silence (self, now_us), SLOWEST_LEARNED_S);

  if (self->n_seen > 0)
    self->slowest_s = MAX (took_s, self->slowest_s * FORGETTING);
  self->last_us = now_us;
  self->n_seen++;
}

void
ph_pace_excuse (PhPace *self, gint64 now_us)
{
  self->last_us = now_us;
}

double
ph_pace_get_patience (const PhPace *self, double first_s)
{
  double patience_s = MAX (3 * MAX (self->nominal_s, self->slowest_s) + MARGIN_S, LEAST_PATIENCE_S);
  gboolean is_new = self->n_seen == 0 || (self->nominal_s == 0 && self->n_seen < N_TO_LEARN);

  return is_new ? MAX (patience_s, first_s) : patience_s;
}

double
ph_pace_get_silence (const PhPace *self, gint64 now_us)
{
  return (now_us - self->last_us) / (double)G_USEC_PER_SEC;
}
