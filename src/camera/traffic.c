/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/traffic.h"

#include "camera/feed.h"

const char *
ph_viewer_kind_to_string (PhViewerKind kind)
{
  static const char *const names[PH_VIEWER_LAST] = { "rtsp", "hls", "mp4", "mjpeg", "snapshot" };

  return kind < PH_VIEWER_LAST ? names[kind] : "unknown";
}

void
ph_traffic_note_sent_any (PhTraffic *self, PhViewerKind kind, gsize n_bytes)
{
  __atomic_fetch_add (&self->n_bytes[kind], n_bytes, __ATOMIC_RELAXED);
}

void
ph_traffic_note_dropped_any (PhTraffic *self, PhViewerKind kind, guint n_units)
{
  __atomic_fetch_add (&self->n_dropped[kind], n_units, __ATOMIC_RELAXED);
}

void
ph_traffic_note_first_picture_any (PhTraffic *self, PhViewerKind kind, gint64 since)
{
  ph_histogram_observe_any (
      &self->first_picture[kind], (g_get_monotonic_time () - since) / (double)G_USEC_PER_SEC);
}

void
ph_traffic_note_age_any (PhTraffic *self, GstClockTime pts)
{
  GstClockTime last = __atomic_load_n (&self->last_aged, __ATOMIC_RELAXED);

  if (!GST_CLOCK_TIME_IS_VALID (pts) || pts <= last ||
      !__atomic_compare_exchange_n (
          &self->last_aged, &last, pts, FALSE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    return;
  ph_histogram_observe_any (
      &self->age, GST_CLOCK_DIFF (pts, ph_feed_now_any ()) / (double)GST_SECOND);
}
