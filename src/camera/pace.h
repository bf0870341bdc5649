/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long a source may be silent: three frame times and a margin, no less than two seconds. A
 * frame time is what the source promises, or what it really took lately where that is longer:
 * cameras slow down in the dark. The time is passed in, so it can be tested without waiting. No
 * locking of its own. */
#pragma once

#include <glib.h>

typedef struct {
  double nominal_s; /* of a frame; 0: not known */
  double slowest_s; /* of the frames lately */
  gint64 last_us; /* when the last one came */
  guint n_seen;
} PhPace;

/* framerate in frames/s, 0: unknown. now_us is monotonic time in all of these. */
void ph_pace_init (PhPace *self, double framerate, gint64 now_us);
void ph_pace_note_frame (PhPace *self, gint64 now_us);
/* Nothing is known of the time up to now: it does not count as silence. */
void ph_pace_excuse (PhPace *self, gint64 now_us);

/* Seconds of silence after which the source is lost; first_s is how long the first frame may take.
 */
double ph_pace_get_patience (const PhPace *self, double first_s);
double ph_pace_get_silence (const PhPace *self, gint64 now_us);
