/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notices when a pad sees its first picture, and when pictures stop coming: see pace.h for after
 * how long. Main thread only. */
#pragma once

#include <gst/gst.h>

typedef struct _PhWatchdog PhWatchdog;

typedef struct {
  void (*first_picture) (gpointer owner); /* nullable */
  void (*picture_missing) (double seconds, gpointer owner); /* called once, unless started again */
  gpointer owner;
} PhWatchdogOwner;

/* Counts the buffers through pad. framerate in frames/s, 0: unknown; first_timeout_s is how long
 * the first picture may take. */
PhWatchdog *ph_watchdog_new (
    GstPad *pad, double framerate, double first_timeout_s, const PhWatchdogOwner *owner);
/* From now on pictures are expected. */
void ph_watchdog_start (PhWatchdog *self);
/* None are expected for now. */
void ph_watchdog_stop (PhWatchdog *self);
/* Seconds since the last buffer, or since it was started. */
double ph_watchdog_get_silence (PhWatchdog *self);
void ph_watchdog_free (PhWatchdog *self);
