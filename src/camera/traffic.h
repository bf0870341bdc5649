/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was sent of a feed, counted by whoever sends it: plain additions to atomic numbers, so that
 * a viewer costs no more than its send. Any thread. */
#pragma once

#include "base/histogram.h"

#include <gst/gst.h>

typedef enum {
  PH_VIEWER_RTSP,
  PH_VIEWER_HLS,
  PH_VIEWER_MP4,
  PH_VIEWER_MJPEG,
  PH_VIEWER_SNAPSHOT,
  PH_VIEWER_LAST
} PhViewerKind;

/* "rtsp", "hls", … as the API and the metrics name them. */
const char *ph_viewer_kind_to_string (PhViewerKind kind);

/* Atomic, all of it. */
typedef struct {
  guint64 n_bytes[PH_VIEWER_LAST];
  guint64 n_dropped[PH_VIEWER_LAST]; /* access units that slow viewers were not sent */
  PhHistogram first_picture[PH_VIEWER_LAST]; /* from a viewer's coming to its first picture */
  PhHistogram age; /* of an access unit when it is first sent, since it was due to be taken */
  GstClockTime last_aged; /* feed time of the newest unit in it */
} PhTraffic;

void ph_traffic_note_sent_any (PhTraffic *self, PhViewerKind kind, gsize n_bytes);
void ph_traffic_note_dropped_any (PhTraffic *self, PhViewerKind kind, guint n_units);
/* since: when the viewer came, monotonic time in microseconds. */
void ph_traffic_note_first_picture_any (PhTraffic *self, PhViewerKind kind, gint64 since);
/* A unit goes out now; pts is its feed time. Only the first send of each unit counts. */
void ph_traffic_note_age_any (PhTraffic *self, GstClockTime pts);
