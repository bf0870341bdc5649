/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Thins a row of pictures out to a lower rate by skipping, without a timer. */
#pragma once

#include <gst/gst.h>

typedef struct {
  GstClockTime interval; /* nanoseconds between two pictures that pass; 0: all pass */
  GstClockTime due; /* when the next one may pass */
} PhPacer;

/* framerate in frames/s; 0: all pass. */
void ph_pacer_init (PhPacer *self, double framerate);
/* TRUE: the picture of this time is to be shown. Over any stretch the rate is the one asked for (or
 * the source's own, if that is lower), also where it is no whole part of the source's. */
gboolean ph_pacer_passes (PhPacer *self, GstClockTime time);
