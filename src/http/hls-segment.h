/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One HLS segment, while it grows and when it is whole: its names, its bytes, its line in the
 * playlist. Main thread. */
#pragma once

#include "http/hls-part.h"

/* What it owns is freed with it; when to end it is up to whoever made it. */
typedef struct {
  guint64 number;
  PhFmp4Header *header;
  GBytes *bytes; /* NULL while it is open */
  PhHlsParts *parts;
  char *file_name;
  char *uri;
  char *map_uri;
  GstClockTime start;
  GstClockTime duration;
  gint64 wall_time_us;
  gboolean is_discontinuity;
  gboolean is_independent;
  GstClockTime kept_until; /* GST_CLOCK_TIME_NONE while it is listed */
} PhHlsSegment;

typedef struct {
  const char *uri_prefix;
  const char *session;
  guint64 number;
  double part_target; /* seconds; 0: no parts */
} PhHlsSegmentNaming;

/* Begins with that fragment, which is yet to be added to its parts. */
PhHlsSegment *ph_hls_segment_new (const PhHlsSegmentNaming *naming, const PhFmp4Fragment *first);
void ph_hls_segment_free (PhHlsSegment *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhHlsSegment, ph_hls_segment_free)

void ph_hls_segment_finish (PhHlsSegment *self, GstClockTime end);

/* Those that are complete. */
guint ph_hls_segment_count_parts (const PhHlsSegment *self);
/* The segment, one of its parts or its init segment; NULL: none of them. Owned by self. */
GBytes *ph_hls_segment_find (const PhHlsSegment *self, const char *file_name);

typedef enum { PH_HLS_SEGMENT_DATED = 1 << 0, PH_HLS_SEGMENT_WITH_PARTS = 1 << 1 } PhHlsSegmentLine;

/* Points into self; valid until that changes. */
PhHlsPlaylistSegment ph_hls_segment_describe (const PhHlsSegment *self, PhHlsSegmentLine what);
