/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The newest HLS segments of one stream, in memory: cut from fragments at keyframes, numbered,
 * listed in a playlist, and kept for a while after they left it (RFC 8216, 6.2.2). Time is feed
 * time and comes with the fragments. Where parts are asked for, they are listed too as they come
 * (RFC 8216bis). Main thread. */
#pragma once

#include "http/fmp4.h"

typedef struct _PhHlsRing PhHlsRing;

typedef struct {
  const char *uri_prefix; /* of every file in the playlist: "hls/main/" */
  const char *session; /* in every file name: no other ring, before or after, has the same */
  guint64 first_number; /* media sequence begins here */
  double segment_duration; /* seconds a segment aims at */
  double part_duration; /* seconds a part takes, at least a frame; 0: no parts */
  guint n_listed; /* segments in the playlist, if they fill three target durations */
  gsize max_bytes; /* of all segments kept */
} PhHlsRingLimits;

/* limits is copied. */
PhHlsRing *ph_hls_ring_new (const PhHlsRingLimits *limits);
void ph_hls_ring_free (PhHlsRing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhHlsRing, ph_hls_ring_free)

typedef enum {
  PH_HLS_RING_WANTS_KEYFRAME =
      1 << 0, /* the segment is long enough: the next access unit may end it
               */
  PH_HLS_RING_HAS_SEGMENT = 1 << 1, /* one more is in the playlist */
  PH_HLS_RING_HAS_PART = 1 << 2 /* likewise */
} PhHlsRingResult;

/* can_force: keyframes come when they are asked for. Where they do not, the first segment decides
 * on the target duration. wall_time_us (since 1970) is when the fragment was due. */
PhHlsRingResult ph_hls_ring_add (
    PhHlsRing *self, PhFmp4Fragment *fragment, gboolean can_force, gint64 wall_time_us);

/* No more comes for now: empties the playlist. What comes after is a discontinuity. */
void ph_hls_ring_close (PhHlsRing *self, GstClockTime now);

/* No more comes ever, which the playlist says. */
void ph_hls_ring_end (PhHlsRing *self);

/* Drops what left the playlist long enough ago. FALSE: there is nothing left. */
gboolean ph_hls_ring_expire (PhHlsRing *self, GstClockTime now);

/* NULL while there are not enough segments for players to begin. Owned by self, until the next call
 * of ph_hls_ring_add or _close.
 */
GBytes *ph_hls_ring_get_playlist (PhHlsRing *self);
/* For whoever has read it a moment ago: without the segments that were there already, if there are
 * such (RFC 8216bis, 6.2.5.1). Otherwise the same. */
GBytes *ph_hls_ring_get_delta (PhHlsRing *self);
/* What comes last in the playlist; part is PH_HLS_NO_PART if that has no parts. FALSE: there is no
 * playlist. */
gboolean ph_hls_ring_get_last (PhHlsRing *self, guint64 *sequence, guint *part);

/* A segment, a part or an init segment by its file name; NULL when it is not kept (any more). Owned
 * by self. */
GBytes *ph_hls_ring_find (PhHlsRing *self, const char *file_name);
/* Whether it is the part the playlist hints at: what is not found may still come. */
gboolean ph_hls_ring_is_hinted (PhHlsRing *self, const char *file_name);

typedef enum {
  PH_HLS_RING_HAS, /* the playlist has it, or what comes after it */
  PH_HLS_RING_EXPECTS,
  PH_HLS_RING_TOO_FAR_AHEAD
} PhHlsRingOutlook;

#define PH_HLS_WHOLE_SEGMENT G_MAXUINT

/* How a player's wish stands for a playlist that has a part (PH_HLS_WHOLE_SEGMENT: all) of the
 * segment of that number (RFC 8216bis, 6.2.5.2). */
PhHlsRingOutlook ph_hls_ring_look_for (PhHlsRing *self, guint64 number, guint part);

/* Whole seconds; what the settings make likely as long as it is not decided. */
guint ph_hls_ring_get_target_duration (PhHlsRing *self);
/* Feed time at which the newest listed segment ends; GST_CLOCK_TIME_NONE without one. */
GstClockTime ph_hls_ring_get_end (PhHlsRing *self);
/* bit/s over the listed segments: the most one takes, and all together; 0 without one. */
void ph_hls_ring_measure (PhHlsRing *self, guint64 *peak, guint64 *average);
