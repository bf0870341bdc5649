/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/rate-meter.h"

#define WINDOW (2 * GST_SECOND)

void
ph_rate_meter_add (PhRateMeter *self, GstClockTime now, gsize n_bytes)
{
  self->entries[self->next].at = now;
  self->entries[self->next].n_bytes = n_bytes;
  self->next = (self->next + 1) % PH_RATE_METER_ENTRIES;
  self->n_entries = MIN (self->n_entries + 1, PH_RATE_METER_ENTRIES);
}

void
ph_rate_meter_read (const PhRateMeter *self, GstClockTime now, double *framerate, double *bitrate)
{
  GstClockTime oldest = now, newest = 0;
  gsize n_bytes = 0;
  guint n = 0;

  *framerate = *bitrate = 0;
  for (guint i = 0; i < self->n_entries; i++) {
    GstClockTime at = self->entries[i].at;

    if (at + WINDOW < now)
      continue;
    n++;
    n_bytes += self->entries[i].n_bytes;
    oldest = MIN (oldest, at);
    newest = MAX (newest, at);
  }
  if (n < 2 || newest == oldest)
    return;
  /* n units span n - 1 intervals */
  *framerate = (n - 1) * (double)GST_SECOND / (newest - oldest);
  *bitrate = *framerate * n_bytes / n * 8 / 1000;
}
