/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many access units and bytes came in the last two seconds. No locking of its own. */
#pragma once

#include <gst/gst.h>

#define PH_RATE_METER_ENTRIES 512

typedef struct {
  struct {
    GstClockTime at;
    gsize n_bytes;
  } entries[PH_RATE_METER_ENTRIES];
  guint n_entries, next;
} PhRateMeter;

void ph_rate_meter_add (PhRateMeter *self, GstClockTime now, gsize n_bytes);
/* framerate in frames/s, bitrate in kbit/s; both 0 when nothing came in the two seconds before now.
 */
void ph_rate_meter_read (
    const PhRateMeter *self, GstClockTime now, double *framerate, double *bitrate);
