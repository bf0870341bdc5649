/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls-ring.h"

#include "http/hls-segment.h"

#include <math.h>
#include <string.h>

/* A segment may end with a keyframe that comes a little early (another viewer asked for it). */
#define SHORTEST 0.9
/* Chromium does not play a live playlist of fewer. */
#define LEAST_LISTED 3
/* Those are short, so that there is a playlist soon. */
#define SHORTEST_FIRST 0.25
/* Chromium also takes a segment for its successor when their dates are less than a second apart. */
#define SHORTEST_DATED GST_SECOND
/* The playlist's target duration is exceeded when a segment does not round to it any more. */
#define TARGET_SLACK 0.49
/* Seconds; where keyframes cannot be asked for, one this late is not waited for. */
#define LONGEST_FIRST_SEGMENT 20
/* Without a fragment for so long the timeline is broken, whatever the camera says. */
#define LONGEST_HOLE GST_SECOND
/* Seconds from the end, in target durations, for which parts are listed (RFC 8216bis, 6.2.2). */
#define TARGETS_WITH_PARTS 3
/* The same, up to which no segment may be skipped (RFC 8216bis, 4.4.3.8: at least six). */
#define TARGETS_NEVER_SKIPPED 6

struct _PhHlsRing {
  PhHlsRingLimits limits;
  char *uri_prefix;
  char *session;

  GPtrArray *segments; /* element-type PhHlsSegment, owned, the oldest first */
  guint n_listed; /* the last ones of them */
  gsize n_bytes;
  guint64 next_number;
  guint64 discontinuity_sequence;
  guint target_duration; /* seconds; 0: not decided */
  double part_target; /* seconds; 0: not decided, or no parts */
  GBytes *playlist; /* nullable: made when asked for */
  GBytes *delta; /* nullable: likewise */

  /* the segment being made */
  PhHlsSegment *open; /* nullable */
  GstClockTime open_end;
  gboolean has_asked; /* for the keyframe that ends it */
  gboolean is_next_discontinuity;
  gboolean has_begun; /* since it was closed there were enough segments for a playlist */
  gboolean is_over; /* nothing will come any more */
};

PhHlsRing *
ph_hls_ring_new (const PhHlsRingLimits *limits)
{
  PhHlsRing *self = g_new0 (PhHlsRing, 1);

  self->limits = *limits;
  self->limits.uri_prefix = self->uri_prefix = g_strdup (limits->uri_prefix);
  self->limits.session = self->session = g_strdup (limits->session);
  self->next_number = limits->first_number;
  self->segments = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_hls_segment_free);
  return self;
}

static void
forget_playlist (PhHlsRing *self)
{
  g_clear_pointer (&self->playlist, g_bytes_unref);
  g_clear_pointer (&self->delta, g_bytes_unref);
}

void
ph_hls_ring_free (PhHlsRing *self)
{
  g_clear_pointer (&self->open, ph_hls_segment_free);
  forget_playlist (self);
  g_ptr_array_unref (self->segments);
  g_free (self->uri_prefix);
  g_free (self->session);
  g_free (self);
}

static PhHlsSegment *
get_listed (PhHlsRing *self, guint index)
{
  return g_ptr_array_index (self->segments, self->segments->len - self->n_listed + index);
}

static GstClockTime
get_end (const PhHlsSegment *segment)
{
  return segment->start + segment->duration;
}

static double
to_seconds (GstClockTime time)
{
  return (double)time / GST_SECOND;
}

static double
get_listed_duration (PhHlsRing *self)
{
  double sum = 0;

  for (guint i = 0; i < self->n_listed; i++)
    sum += to_seconds (get_listed (self, i)->duration);
  return sum;
}

/* ---- the playlist -------------------------------------------------------------------------- */

/* Somebody who has read the playlist a moment ago may still ask for it (RFC 8216, 6.2.2). */
static void
unlist_first (PhHlsRing *self, GstClockTime now)
{
  PhHlsSegment *first = get_listed (self, 0);
  double listed = get_listed_duration (self);

  first->kept_until = now + first->duration + (GstClockTime)(listed * GST_SECOND);
  if (first->is_discontinuity)
    self->discontinuity_sequence++;
  self->n_listed--;
  forget_playlist (self);
}

static gboolean
is_list_too_long (PhHlsRing *self)
{
  double rest;

  if (self->n_listed <= self->limits.n_listed)
    return FALSE;
  rest = get_listed_duration (self) - to_seconds (get_listed (self, 0)->duration);
  return rest >= 3 * self->target_duration;
}

static void
drop_oldest (PhHlsRing *self)
{
  PhHlsSegment *oldest = g_ptr_array_index (self->segments, 0);

  self->n_bytes -= g_bytes_get_size (oldest->bytes);
  g_ptr_array_remove_index (self->segments, 0);
}

static void
keep_within_bounds (PhHlsRing *self, GstClockTime now)
{
  while (is_list_too_long (self))
    unlist_first (self, now);
  ph_hls_ring_expire (self, now);
  while (self->n_bytes > self->limits.max_bytes && self->segments->len > 1) {
    if (self->n_listed == self->segments->len)
      unlist_first (self, now);
    drop_oldest (self);
  }
}

gboolean
ph_hls_ring_expire (PhHlsRing *self, GstClockTime now)
{
  while (self->segments->len > self->n_listed) {
    const PhHlsSegment *oldest = g_ptr_array_index (self->segments, 0);

    if (now < oldest->kept_until)
      break;
    drop_oldest (self);
  }
  return self->segments->len > 0;
}

static gboolean
may_be_dated (PhHlsRing *self)
{
  for (guint i = 0; i < self->n_listed; i++)
    if (get_listed (self, i)->duration < SHORTEST_DATED)
      return FALSE;
  return TRUE;
}

/* Seconds from start, feed time, to the end of the playlist. */
static double
get_distance (PhHlsRing *self, GstClockTime start)
{
  return to_seconds (get_end (get_listed (self, self->n_listed - 1)) - start);
}

/* Nobody begins further from the end with parts. */
static gboolean
is_near_end (PhHlsRing *self, const PhHlsSegment *segment)
{
  return get_distance (self, segment->start) <= TARGETS_WITH_PARTS * self->target_duration;
}

/* A list that is never longer than what may not be skipped promises nothing. */
static guint
get_skip_boundary (PhHlsRing *self)
{
  guint boundary = TARGETS_NEVER_SKIPPED * self->target_duration;

  return self->limits.n_listed * self->limits.segment_duration > boundary ? boundary : 0;
}

static guint
count_skippable (PhHlsRing *self)
{
  guint boundary = get_skip_boundary (self);
  guint n = 0;

  if (boundary == 0 || self->part_target == 0)
    return 0;
  while (n < self->n_listed && get_distance (self, get_end (get_listed (self, n))) >= boundary)
    n++;
  return n;
}

static GBytes *
make_playlist (PhHlsRing *self, guint n_skipped)
{
  PhHlsSegmentLine dated = may_be_dated (self) ? PH_HLS_SEGMENT_DATED : 0;
  gboolean is_low_latency = self->part_target > 0 && self->open != NULL;
  gboolean has_open = is_low_latency && ph_hls_segment_count_parts (self->open) > 0;
  g_autofree PhHlsPlaylistSegment *lines = g_new0 (PhHlsPlaylistSegment, self->n_listed + 1);
  g_autofree char *next_part_uri =
      is_low_latency ? ph_hls_parts_make_next_uri (self->open->parts) : NULL;
  const PhHlsMediaPlaylist playlist = {
    .target_duration = self->target_duration,
    .media_sequence = get_listed (self, 0)->number,
    .discontinuity_sequence = self->discontinuity_sequence,
    .segments = lines,
    .n_segments = self->n_listed + has_open,
    .part_target = self->part_target,
    .next_part_uri = next_part_uri,
    .is_over = self->is_over,
    .can_skip_until = get_skip_boundary (self),
    .n_skipped = n_skipped,
  };
  char *text;

  for (guint i = 0; i < self->n_listed; i++) {
    const PhHlsSegment *segment = get_listed (self, i);
    gboolean has_parts = is_near_end (self, segment);

    lines[i] =
        ph_hls_segment_describe (segment, dated | (has_parts ? PH_HLS_SEGMENT_WITH_PARTS : 0));
  }
  if (has_open)
    lines[self->n_listed] = ph_hls_segment_describe (self->open, dated | PH_HLS_SEGMENT_WITH_PARTS);
  text = ph_hls_playlist_make_media (&playlist);
  return g_bytes_new_take (text, strlen (text));
}

GBytes *
ph_hls_ring_get_playlist (PhHlsRing *self)
{
  if (self->playlist == NULL && self->n_listed > 0 && self->has_begun)
    self->playlist = make_playlist (self, 0);
  return self->playlist;
}

GBytes *
ph_hls_ring_get_delta (PhHlsRing *self)
{
  guint n_skipped = self->n_listed > 0 && self->has_begun ? count_skippable (self) : 0;

  if (n_skipped == 0)
    return ph_hls_ring_get_playlist (self);
  if (self->delta == NULL)
    self->delta = make_playlist (self, n_skipped);
  return self->delta;
}

gboolean
ph_hls_ring_get_last (PhHlsRing *self, guint64 *sequence, guint *part)
{
  guint n_open = self->open != NULL ? ph_hls_segment_count_parts (self->open) : 0;
  const PhHlsSegment *last;

  if (self->n_listed == 0 || !self->has_begun)
    return FALSE;
  last = self->part_target > 0 && n_open > 0 ? self->open : get_listed (self, self->n_listed - 1);
  *sequence = last->number;
  *part = self->part_target > 0 ? ph_hls_segment_count_parts (last) - 1 : PH_HLS_NO_PART;
  return TRUE;
}

/* ---- cutting ------------------------------------------------------------------------------- */

static void
begin_segment (PhHlsRing *self, PhFmp4Fragment *fragment, gint64 wall_time_us)
{
  const PhHlsSegmentNaming naming = { self->uri_prefix, self->session, self->next_number,
    self->part_target };

  self->open = ph_hls_segment_new (&naming, fragment);
  self->open->wall_time_us = wall_time_us;
  self->open->is_discontinuity = self->is_next_discontinuity;
  self->is_next_discontinuity = FALSE;
  self->has_asked = FALSE;
}

static void
discard_open (PhHlsRing *self)
{
  if (self->open == NULL)
    return;
  self->is_next_discontinuity |= self->open->is_discontinuity;
  /* Parts of that name may be in caches. */
  if (ph_hls_segment_count_parts (self->open) > 0)
    self->next_number++;
  g_clear_pointer (&self->open, ph_hls_segment_free);
}

/* As soon as it is known how long a frame of this camera really takes: players that see no part in
 * the first playlist wait for a whole segment. */
static void
maybe_decide_on_parts (PhHlsRing *self, const PhHlsSegment *segment)
{
  guint n_frames = ph_hls_parts_get_n_fragments (segment->parts);

  if (self->part_target == 0 && self->limits.part_duration > 0)
    self->part_target = ph_hls_parts_choose_target (
        self->limits.part_duration, to_seconds (segment->duration) / n_frames);
}

static void
finish_segment (PhHlsRing *self, GstClockTime end)
{
  PhHlsSegment *segment = g_steal_pointer (&self->open);

  ph_hls_segment_finish (segment, end);
  self->next_number++;
  if (self->target_duration == 0)
    self->target_duration = MAX (ph_hls_ring_get_target_duration (self),
        ph_hls_playlist_round_target (to_seconds (segment->duration)));

  g_ptr_array_add (self->segments, segment);
  self->n_listed++;
  self->n_bytes += g_bytes_get_size (segment->bytes);
  self->has_begun = self->has_begun || self->n_listed >= LEAST_LISTED ||
                    get_listed_duration (self) >= LEAST_LISTED * self->limits.segment_duration;
  maybe_decide_on_parts (self, segment);
  forget_playlist (self);
  keep_within_bounds (self, end);
}

static double
get_longest (PhHlsRing *self)
{
  return self->target_duration > 0 ? self->target_duration + TARGET_SLACK : LONGEST_FIRST_SEGMENT;
}

static double
get_length_until (PhHlsRing *self, const PhFmp4Fragment *fragment)
{
  return to_seconds (fragment->start - self->open->start);
}

static gboolean
is_broken_off (PhHlsRing *self, const PhFmp4Fragment *fragment)
{
  return fragment->is_after_gap || fragment->header != self->open->header ||
         fragment->start > self->open_end + LONGEST_HOLE ||
         get_length_until (self, fragment) > get_longest (self);
}

static double
get_shortest (PhHlsRing *self)
{
  return (self->has_begun ? SHORTEST : SHORTEST_FIRST) * self->limits.segment_duration;
}

static gboolean
may_end_before (PhHlsRing *self, const PhFmp4Fragment *fragment)
{
  return fragment->is_keyframe && get_length_until (self, fragment) >= get_shortest (self);
}

static gboolean
must_end_before (PhHlsRing *self, const PhFmp4Fragment *fragment)
{
  return get_length_until (self, fragment) + to_seconds (fragment->duration) > get_longest (self);
}

static void
break_segment_off (PhHlsRing *self)
{
  /* What was cut short says nothing about how long segments of this camera are. */
  if (self->target_duration == 0) {
    discard_open (self);
    return;
  }
  finish_segment (self, self->open_end);
  self->is_next_discontinuity = TRUE;
}

static void
maybe_end_segment (PhHlsRing *self, const PhFmp4Fragment *fragment, gboolean can_force)
{
  if (is_broken_off (self, fragment))
    break_segment_off (self);
  else if (may_end_before (self, fragment))
    finish_segment (self, fragment->start);
  else if (!must_end_before (self, fragment))
    return;
  else if (self->n_listed == 0 && can_force)
    /* A kept group of pictures from before anybody asked for keyframes; one is under way. */
    discard_open (self);
  else
    finish_segment (self, fragment->start);
}

/* A little beyond the shortest, for segments that are rather on target than short of it. */
static gboolean
may_end_after (PhHlsRing *self)
{
  return to_seconds (self->open_end - self->open->start) >= get_shortest (self) * 1.05;
}

/* A camera of one picture in five seconds cannot have segments of two. */
static void
decide_on_target (PhHlsRing *self, const PhFmp4Fragment *fragment)
{
  double longest = MAX (self->limits.segment_duration, 2 * to_seconds (fragment->duration));

  if (self->target_duration == 0)
    self->target_duration = ph_hls_playlist_round_target (longest);
}

/* TRUE: one more part is in the playlist. */
static gboolean
add_to_open (PhHlsRing *self, PhFmp4Fragment *fragment)
{
  guint n_parts = ph_hls_segment_count_parts (self->open);

  ph_hls_parts_add (self->open->parts, fragment);
  if (ph_hls_segment_count_parts (self->open) == n_parts)
    return FALSE;
  forget_playlist (self);
  return TRUE;
}

PhHlsRingResult
ph_hls_ring_add (PhHlsRing *self, PhFmp4Fragment *fragment, gboolean can_force, gint64 wall_time_us)
{
  guint64 number = self->next_number;
  PhHlsRingResult result = 0;

  if (can_force)
    decide_on_target (self, fragment);
  if (self->open != NULL)
    maybe_end_segment (self, fragment, can_force);
  if (self->next_number != number)
    result |= PH_HLS_RING_HAS_SEGMENT;
  /* Nobody can begin with a segment without keyframe, so none is listed first. */
  if (self->open == NULL && (fragment->is_keyframe || self->n_listed > 0))
    begin_segment (self, fragment, wall_time_us);
  if (self->open == NULL)
    return result;

  if (add_to_open (self, fragment))
    result |= PH_HLS_RING_HAS_PART;
  self->open_end = fragment->start + fragment->duration;
  if (!self->has_asked && may_end_after (self)) {
    self->has_asked = TRUE;
    result |= PH_HLS_RING_WANTS_KEYFRAME;
  }
  return result;
}

void
ph_hls_ring_close (PhHlsRing *self, GstClockTime now)
{
  discard_open (self);
  while (self->n_listed > 0)
    unlist_first (self, now);
  self->is_next_discontinuity = self->next_number != self->limits.first_number;
  self->has_begun = FALSE;
  self->part_target = 0;
}

void
ph_hls_ring_end (PhHlsRing *self)
{
  if (self->open != NULL)
    break_segment_off (self);
  self->is_over = TRUE;
  forget_playlist (self);
}

/* ---- what others ask ----------------------------------------------------------------------- */

/* The open one's init segment only once the playlist can name it. */
GBytes *
ph_hls_ring_find (PhHlsRing *self, const char *file_name)
{
  GBytes *found = NULL;

  if (self->open != NULL && self->has_begun)
    found = ph_hls_segment_find (self->open, file_name);
  for (guint i = self->segments->len; i-- > 0 && found == NULL;)
    found = ph_hls_segment_find (g_ptr_array_index (self->segments, i), file_name);
  return found;
}

gboolean
ph_hls_ring_is_hinted (PhHlsRing *self, const char *file_name)
{
  return self->open != NULL && ph_hls_parts_is_next (self->open->parts, file_name);
}

/* RFC 8216bis, 6.2.5.2: the Advance Part Limit. */
static guint
get_advance_limit (PhHlsRing *self)
{
  return self->part_target < 1 ? (guint)ceil (3 / self->part_target) : 3;
}

static PhHlsRingOutlook
look_for_part (PhHlsRing *self, guint64 number, guint part)
{
  guint n_open = self->open != NULL ? ph_hls_segment_count_parts (self->open) : 0;
  const PhHlsSegment *newest = get_listed (self, self->n_listed - 1);

  /* Beyond the last part of a segment is the first of the next. */
  if (number == newest->number && part >= ph_hls_segment_count_parts (newest)) {
    number++;
    part = 0;
  }
  if (number < self->next_number)
    return PH_HLS_RING_HAS;
  if (number > self->next_number)
    return PH_HLS_RING_EXPECTS;
  if (part < n_open)
    return PH_HLS_RING_HAS;
  return part < n_open + get_advance_limit (self) ? PH_HLS_RING_EXPECTS : PH_HLS_RING_TOO_FAR_AHEAD;
}

PhHlsRingOutlook
ph_hls_ring_look_for (PhHlsRing *self, guint64 number, guint part)
{
  if (!self->has_begun || self->n_listed == 0)
    return PH_HLS_RING_EXPECTS;
  if (self->is_over)
    return PH_HLS_RING_HAS;
  if (number > self->next_number + 1)
    return PH_HLS_RING_TOO_FAR_AHEAD;
  if (self->part_target > 0 && part != PH_HLS_WHOLE_SEGMENT)
    return look_for_part (self, number, part);
  return number < self->next_number ? PH_HLS_RING_HAS : PH_HLS_RING_EXPECTS;
}

guint
ph_hls_ring_get_target_duration (PhHlsRing *self)
{
  if (self->target_duration > 0)
    return self->target_duration;
  return ph_hls_playlist_round_target (self->limits.segment_duration);
}

GstClockTime
ph_hls_ring_get_end (PhHlsRing *self)
{
  if (self->n_listed == 0)
    return GST_CLOCK_TIME_NONE;
  return get_end (get_listed (self, self->n_listed - 1));
}

void
ph_hls_ring_measure (PhHlsRing *self, guint64 *peak, guint64 *average)
{
  double duration = get_listed_duration (self);
  gsize n_bytes = 0;

  *peak = *average = 0;
  for (guint i = 0; i < self->n_listed; i++) {
    const PhHlsSegment *segment = get_listed (self, i);
    gsize size = g_bytes_get_size (segment->bytes);

    n_bytes += size;
    *peak = MAX (*peak, (guint64)(size * 8 / to_seconds (segment->duration)));
  }
  if (duration > 0)
    *average = n_bytes * 8 / duration;
}
