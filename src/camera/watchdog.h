/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notices when a source delivers its first picture, and when pictures stop coming: after three
 * frame times, no less than two seconds. Main thread only. */
#pragma once

#include <gst/gst.h>

typedef struct _PhWatchdog PhWatchdog;

typedef struct {
  void (*first_picture) (gpointer owner);
  void (*picture_missing) (double seconds, gpointer owner); /* called once */
  gpointer owner;
} PhWatchdogOwner;

/* Counts the buffers through pad. framerate in frames/s, 0: unknown; first_timeout_s is how long
 * the first picture may take. */
PhWatchdog *ph_watchdog_new (
    GstPad *pad, double framerate, double first_timeout_s, const PhWatchdogOwner *owner);
void ph_watchdog_start (PhWatchdog *self);
void ph_watchdog_free (PhWatchdog *self);
