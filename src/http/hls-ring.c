/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls-ring.h"

#include "http/hls-playlist.h"

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

typedef struct {
  guint64 number;
  PhFmp4Header *header;
  GBytes *bytes;
  char *file_name;
  char *uri;
  char *map_uri;
  GstClockTime start;
  GstClockTime duration;
  gint64 wall_time_us;
  gboolean is_discontinuity;
  gboolean is_independent;
  GstClockTime kept_until; /* GST_CLOCK_TIME_NONE while it is listed */
} Segment;

struct _PhHlsRing {
  PhHlsRingLimits limits;
  char *uri_prefix;
  char *session;

  GPtrArray *segments; /* element-type Segment, owned, the oldest first */
  guint n_listed; /* the last ones of them */
  gsize n_bytes;
  guint64 next_number;
  guint64 discontinuity_sequence;
  guint target_duration; /* seconds; 0: not decided */
  GBytes *playlist; /* nullable: made when asked for */

  /* the segment being made */
  Segment *open; /* nullable */
  GPtrArray *fragments; /* element-type PhFmp4Fragment */
  GstClockTime open_end;
  gboolean has_asked; /* for the keyframe that ends it */
  gboolean is_next_discontinuity;
  gboolean has_begun; /* since it was closed there were enough segments for a playlist */
};

static void
free_segment (Segment *segment)
{
  g_clear_pointer (&segment->header, ph_fmp4_header_unref);
  g_clear_pointer (&segment->bytes, g_bytes_unref);
  g_free (segment->file_name);
  g_free (segment->uri);
  g_free (segment->map_uri);
  g_free (segment);
}

PhHlsRing *
ph_hls_ring_new (const PhHlsRingLimits *limits)
{
  PhHlsRing *self = g_new0 (PhHlsRing, 1);

  self->limits = *limits;
  self->limits.uri_prefix = self->uri_prefix = g_strdup (limits->uri_prefix);
  self->limits.session = self->session = g_strdup (limits->session);
  self->next_number = limits->first_number;
  self->segments = g_ptr_array_new_with_free_func ((GDestroyNotify)free_segment);
  self->fragments = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_fmp4_fragment_unref);
  return self;
}

void
ph_hls_ring_free (PhHlsRing *self)
{
  g_clear_pointer (&self->open, free_segment);
  g_clear_pointer (&self->playlist, g_bytes_unref);
  g_ptr_array_unref (self->segments);
  g_ptr_array_unref (self->fragments);
  g_free (self->uri_prefix);
  g_free (self->session);
  g_free (self);
}

static Segment *
get_listed (PhHlsRing *self, guint index)
{
  return g_ptr_array_index (self->segments, self->segments->len - self->n_listed + index);
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
  Segment *first = get_listed (self, 0);
  double listed = get_listed_duration (self);

  first->kept_until = now + first->duration + (GstClockTime)(listed * GST_SECOND);
  if (first->is_discontinuity)
    self->discontinuity_sequence++;
  self->n_listed--;
  g_clear_pointer (&self->playlist, g_bytes_unref);
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
  Segment *oldest = g_ptr_array_index (self->segments, 0);

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
    const Segment *oldest = g_ptr_array_index (self->segments, 0);

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

static GBytes *
make_playlist (PhHlsRing *self)
{
  gboolean is_dated = may_be_dated (self);
  g_autofree PhHlsPlaylistSegment *lines = g_new0 (PhHlsPlaylistSegment, self->n_listed);
  const PhHlsMediaPlaylist playlist = { self->target_duration, get_listed (self, 0)->number,
    self->discontinuity_sequence, lines, self->n_listed };
  char *text;

  for (guint i = 0; i < self->n_listed; i++) {
    const Segment *segment = get_listed (self, i);

    lines[i] = (PhHlsPlaylistSegment){ segment->uri, segment->map_uri,
      to_seconds (segment->duration), is_dated ? segment->wall_time_us : 0,
      segment->is_discontinuity, segment->is_independent };
  }
  text = ph_hls_playlist_make_media (&playlist);
  return g_bytes_new_take (text, strlen (text));
}

GBytes *
ph_hls_ring_get_playlist (PhHlsRing *self)
{
  if (self->playlist == NULL && self->n_listed > 0 && self->has_begun)
    self->playlist = make_playlist (self);
  return self->playlist;
}

/* ---- cutting ------------------------------------------------------------------------------- */

static void
begin_segment (PhHlsRing *self, PhFmp4Fragment *fragment, gint64 wall_time_us)
{
  Segment *segment = g_new0 (Segment, 1);

  segment->header = ph_fmp4_header_ref (fragment->header);
  segment->start = fragment->start;
  segment->wall_time_us = wall_time_us;
  segment->is_independent = fragment->is_keyframe;
  segment->kept_until = GST_CLOCK_TIME_NONE;
  self->open = segment;
  self->has_asked = FALSE;
}

static void
discard_open (PhHlsRing *self)
{
  g_clear_pointer (&self->open, free_segment);
  g_ptr_array_set_size (self->fragments, 0);
}

/* One piece, so that a segment is one write however many ask for it. */
static GBytes *
join_fragments (GPtrArray *fragments)
{
  GByteArray *joined = NULL;
  gsize size = 0;

  for (guint i = 0; i < fragments->len; i++)
    size += g_bytes_get_size (((PhFmp4Fragment *)g_ptr_array_index (fragments, i))->bytes);
  joined = g_byte_array_sized_new (size);
  for (guint i = 0; i < fragments->len; i++) {
    GBytes *bytes = ((PhFmp4Fragment *)g_ptr_array_index (fragments, i))->bytes;

    g_byte_array_append (joined, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  }
  return g_byte_array_free_to_bytes (joined);
}

static void
name_segment (PhHlsRing *self, Segment *segment)
{
  segment->number = self->next_number++;
  segment->file_name =
      g_strdup_printf ("%s-%" G_GUINT64_FORMAT ".m4s", self->session, segment->number);
  segment->uri = g_strconcat (self->uri_prefix, segment->file_name, NULL);
  segment->map_uri = g_strdup_printf (
      "%s%s-%u-init.mp4", self->uri_prefix, self->session, segment->header->generation);
}

static void
finish_segment (PhHlsRing *self, GstClockTime end)
{
  Segment *segment = g_steal_pointer (&self->open);

  segment->duration = end - segment->start;
  segment->bytes = join_fragments (self->fragments);
  segment->is_discontinuity = self->is_next_discontinuity;
  self->is_next_discontinuity = FALSE;
  name_segment (self, segment);
  g_ptr_array_set_size (self->fragments, 0);
  if (self->target_duration == 0)
    self->target_duration = MAX (ph_hls_ring_get_target_duration (self),
        ph_hls_playlist_round_target (to_seconds (segment->duration)));

  g_ptr_array_add (self->segments, segment);
  self->n_listed++;
  self->n_bytes += g_bytes_get_size (segment->bytes);
  self->has_begun = self->has_begun || self->n_listed >= LEAST_LISTED ||
                    get_listed_duration (self) >= LEAST_LISTED * self->limits.segment_duration;
  g_clear_pointer (&self->playlist, g_bytes_unref);
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

  g_ptr_array_add (self->fragments, ph_fmp4_fragment_ref (fragment));
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
}

/* ---- what others ask ----------------------------------------------------------------------- */

static gboolean
is_init_name (const char *map_uri, const char *file_name)
{
  const char *slash = strrchr (map_uri, '/');

  return g_strcmp0 (slash != NULL ? slash + 1 : map_uri, file_name) == 0;
}

GBytes *
ph_hls_ring_find (PhHlsRing *self, const char *file_name)
{
  for (guint i = self->segments->len; i-- > 0;) {
    const Segment *segment = g_ptr_array_index (self->segments, i);

    if (g_str_equal (segment->file_name, file_name))
      return segment->bytes;
    if (is_init_name (segment->map_uri, file_name))
      return segment->header->bytes;
  }
  return NULL;
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
  const Segment *newest;

  if (self->n_listed == 0)
    return GST_CLOCK_TIME_NONE;
  newest = get_listed (self, self->n_listed - 1);
  return newest->start + newest->duration;
}

void
ph_hls_ring_measure (PhHlsRing *self, guint64 *peak, guint64 *average)
{
  double duration = get_listed_duration (self);
  gsize n_bytes = 0;

  *peak = *average = 0;
  for (guint i = 0; i < self->n_listed; i++) {
    const Segment *segment = get_listed (self, i);
    gsize size = g_bytes_get_size (segment->bytes);

    n_bytes += size;
    *peak = MAX (*peak, (guint64)(size * 8 / to_seconds (segment->duration)));
  }
  if (duration > 0)
    *average = n_bytes * 8 / duration;
}
