/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/feed.h"

#include "camera/gop.h"
#include "camera/rate-meter.h"
#include "camera/tap.h"

#include <gst/video/video.h>

/* What a unit is moved on by when its DTS would not grow: enough to stay apart in any container. */
#define LEAST_DTS_STEP GST_MSECOND
/* A forced keyframe that has not come by then is asked for again. */
#define FORCED_KEYFRAME_TIMEOUT GST_SECOND
#define ASSUMED_FRAME_TIME (GST_SECOND / 30)

typedef enum {
  WITHOUT_PLACEHOLDER,
  AWAITS_PLACEHOLDER, /* the camera's own pictures are taken as well; who comes first */
  HAS_PLACEHOLDER
} PlaceholderState;

struct _PhFeed {
  char *name;
  PhCodec codec;
  PhFeedOwner owner;
  PhTraffic traffic; /* atomic */

  /* held while taps are handed a unit, so that a removed tap's function is not running */
  struct {
    GMutex lock;
    GPtrArray *list; /* element-type PhTap */
  } taps;

  /* any thread, under lock; never held while calling out */
  struct {
    GMutex lock;
    PhGop gop;
    GstSample *newest; /* nullable */
    GstCaps *caps; /* nullable */
    PhRateMeter meter;
    PhFeedStats stats;

    GstClockTime last_dts;
    GstClockTime frame_time;
    GstPad *encoder_pad; /* nullable */
    GstPad *placeholder_pad; /* nullable */
    PlaceholderState placeholder; /* written under the taps' lock as well */
    GstClockTime last_picture;
    GstClockTime last_keyframe_at;
    GstClockTime forced_at; /* GST_CLOCK_TIME_NONE: no forced keyframe is on its way */
    gboolean is_force_deferred;
  } shared;
};

GstClockTime
ph_feed_now_any (void)
{
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();

  return gst_clock_get_time (clock);
}

gint64
ph_feed_time_to_unix_any (GstClockTime time)
{
  return g_get_real_time () - GST_CLOCK_DIFF (time, ph_feed_now_any ()) / 1000;
}

PhFeed *
ph_feed_new (const PhStreamConfig *config, const PhFeedOwner *owner)
{
  PhFeed *self = g_atomic_rc_box_new0 (PhFeed);

  self->name = g_strdup (config->name);
  self->codec = config->codec;
  if (owner != NULL)
    self->owner = *owner;
  g_mutex_init (&self->taps.lock);
  self->taps.list = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_tap_unref_any);
  g_mutex_init (&self->shared.lock);
  ph_gop_init (&self->shared.gop);
  self->shared.frame_time =
      config->framerate > 0 ? GST_SECOND / config->framerate : ASSUMED_FRAME_TIME;
  self->shared.forced_at = GST_CLOCK_TIME_NONE;
  self->shared.last_picture = GST_CLOCK_TIME_NONE;
  return self;
}

PhFeed *
ph_feed_ref_any (PhFeed *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_feed (gpointer data)
{
  PhFeed *self = data;

  g_free (self->name);
  g_ptr_array_unref (self->taps.list);
  g_mutex_clear (&self->taps.lock);
  ph_gop_clear (&self->shared.gop);
  g_clear_pointer (&self->shared.newest, gst_sample_unref);
  gst_clear_caps (&self->shared.caps);
  gst_clear_object (&self->shared.encoder_pad);
  gst_clear_object (&self->shared.placeholder_pad);
  g_mutex_clear (&self->shared.lock);
}

void
ph_feed_unref_any (PhFeed *self)
{
  g_atomic_rc_box_release_full (self, clear_feed);
}

const char *
ph_feed_get_name_any (PhFeed *self)
{
  return self->name;
}

PhCodec
ph_feed_get_codec_any (PhFeed *self)
{
  return self->codec;
}

/* ---- taps ---------------------------------------------------------------------------------- */

static GPtrArray *
dup_gop_any (PhFeed *self)
{
  GPtrArray *samples;

  g_mutex_lock (&self->shared.lock);
  samples = ph_gop_dup_samples (&self->shared.gop);
  g_mutex_unlock (&self->shared.lock);
  return samples;
}

static void
hand_over_kept_gop (PhFeed *self, PhTap *tap)
{
  g_autoptr (GPtrArray) samples = dup_gop_any (self);

  for (guint i = 0; i < samples->len; i++)
    ph_tap_offer_on_stream (tap, g_ptr_array_index (samples, i));
}

static void
forget_gop_any (PhFeed *self)
{
  g_mutex_lock (&self->shared.lock);
  ph_gop_forget (&self->shared.gop);
  g_mutex_unlock (&self->shared.lock);
}

void
ph_feed_add_tap (PhFeed *self, PhTap *tap)
{
  gboolean is_first;

  g_mutex_lock (&self->taps.lock);
  if (ph_tap_get_policy_any (tap) == PH_TAP_FROM_KEPT_GOP)
    hand_over_kept_gop (self, tap);
  g_ptr_array_add (self->taps.list, ph_tap_ref_any (tap));
  is_first = self->taps.list->len == 1;
  g_mutex_unlock (&self->taps.lock);

  if (is_first && self->owner.demand_changed != NULL)
    self->owner.demand_changed (self, TRUE, self->owner.owner);
}

void
ph_feed_remove_tap (PhFeed *self, PhTap *tap)
{
  g_autoptr (PhTap) removed = NULL;
  gboolean was_last;
  guint index;

  g_mutex_lock (&self->taps.lock);
  if (g_ptr_array_find (self->taps.list, tap, &index))
    removed = g_ptr_array_steal_index (self->taps.list, index);
  was_last = removed != NULL && self->taps.list->len == 0;
  g_mutex_unlock (&self->taps.lock);

  if (!was_last)
    return;
  /* Nobody feeds it from here on: the next tap must not start with a picture of long ago. */
  forget_gop_any (self);
  if (self->owner.demand_changed != NULL)
    self->owner.demand_changed (self, FALSE, self->owner.owner);
}

void
ph_feed_disown (PhFeed *self)
{
  self->owner = (PhFeedOwner){ 0 };
}

/* Under the taps' lock. */
static void
note_gap_any (PhFeed *self)
{
  for (guint i = 0; i < self->taps.list->len; i++)
    ph_tap_note_gap_on_stream (g_ptr_array_index (self->taps.list, i));
  forget_gop_any (self);
}

void
ph_feed_note_gap (PhFeed *self)
{
  g_mutex_lock (&self->taps.lock);
  if (self->shared.placeholder != HAS_PLACEHOLDER)
    note_gap_any (self);
  g_mutex_unlock (&self->taps.lock);
}

/* ---- keyframes ----------------------------------------------------------------------------- */

static gboolean
has_forced_keyframe_underway (PhFeed *self, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (self->shared.forced_at) &&
         now < self->shared.forced_at + FORCED_KEYFRAME_TIMEOUT;
}

/* Under the lock. */
static GstPad *
get_pad_to_ask (PhFeed *self)
{
  return self->shared.placeholder == WITHOUT_PLACEHOLDER ? self->shared.encoder_pad
                                                         : self->shared.placeholder_pad;
}

/* Under the lock. The pad to ask for a keyframe now; NULL: not now, or there is none to ask. */
static GstPad *
try_take_keyframe_turn (PhFeed *self, GstClockTime now)
{
  if (get_pad_to_ask (self) == NULL || has_forced_keyframe_underway (self, now)) {
    self->shared.is_force_deferred = FALSE;
    return NULL;
  }
  self->shared.is_force_deferred =
      now < self->shared.last_keyframe_at + 2 * self->shared.frame_time;
  if (self->shared.is_force_deferred)
    return NULL;
  self->shared.forced_at = now;
  return gst_object_ref (get_pad_to_ask (self));
}

static void
send_force_key_unit_any (GstPad *encoder_pad)
{
  gst_pad_push_event (
      encoder_pad, gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE, 0));
}

void
ph_feed_request_keyframe_any (PhFeed *self)
{
  GstClockTime now = ph_feed_now_any ();
  g_autoptr (GstPad) pad = NULL;

  g_mutex_lock (&self->shared.lock);
  pad = try_take_keyframe_turn (self, now);
  g_mutex_unlock (&self->shared.lock);
  if (pad != NULL)
    send_force_key_unit_any (pad);
}

gboolean
ph_feed_can_force_keyframe_any (PhFeed *self)
{
  gboolean can_force;

  g_mutex_lock (&self->shared.lock);
  can_force = get_pad_to_ask (self) != NULL;
  g_mutex_unlock (&self->shared.lock);
  return can_force;
}

/* Under the lock. */
static void
forget_asked_keyframe (PhFeed *self)
{
  self->shared.forced_at = GST_CLOCK_TIME_NONE;
  self->shared.is_force_deferred = FALSE;
}

void
ph_feed_set_encoder_pad (PhFeed *self, GstPad *pad)
{
  g_mutex_lock (&self->shared.lock);
  gst_object_replace ((GstObject **)&self->shared.encoder_pad, (GstObject *)pad);
  if (self->shared.placeholder == WITHOUT_PLACEHOLDER)
    forget_asked_keyframe (self);
  g_mutex_unlock (&self->shared.lock);
}

/* ---- camera or placeholder ------------------------------------------------------------------- */

/* Under the taps' lock. */
static void
set_placeholder_any (PhFeed *self, PlaceholderState state)
{
  g_mutex_lock (&self->shared.lock);
  self->shared.placeholder = state;
  forget_asked_keyframe (self);
  g_mutex_unlock (&self->shared.lock);
}

void
ph_feed_admit_placeholder (PhFeed *self, GstPad *encoder_pad)
{
  g_mutex_lock (&self->taps.lock);
  g_mutex_lock (&self->shared.lock);
  gst_object_replace ((GstObject **)&self->shared.placeholder_pad, (GstObject *)encoder_pad);
  g_mutex_unlock (&self->shared.lock);
  if (self->shared.placeholder == WITHOUT_PLACEHOLDER)
    set_placeholder_any (self, AWAITS_PLACEHOLDER);
  g_mutex_unlock (&self->taps.lock);
}

void
ph_feed_dismiss_placeholder (PhFeed *self)
{
  g_mutex_lock (&self->taps.lock);
  if (self->shared.placeholder == HAS_PLACEHOLDER)
    note_gap_any (self);
  set_placeholder_any (self, WITHOUT_PLACEHOLDER);
  g_mutex_lock (&self->shared.lock);
  gst_clear_object (&self->shared.placeholder_pad);
  g_mutex_unlock (&self->shared.lock);
  g_mutex_unlock (&self->taps.lock);
}

/* Under the taps' lock. FALSE: nobody could make anything of sample. */
static gboolean
let_camera_take_over_on_stream (PhFeed *self, GstSample *sample)
{
  gboolean is_delta =
      GST_BUFFER_FLAG_IS_SET (gst_sample_get_buffer (sample), GST_BUFFER_FLAG_DELTA_UNIT);

  if (self->shared.placeholder == WITHOUT_PLACEHOLDER)
    return TRUE;
  if (is_delta)
    return FALSE;
  note_gap_any (self);
  set_placeholder_any (self, WITHOUT_PLACEHOLDER);
  return TRUE;
}

/* Under the taps' lock. */
static gboolean
let_placeholder_take_over_on_stream (PhFeed *self)
{
  if (self->shared.placeholder == WITHOUT_PLACEHOLDER)
    return FALSE;
  if (self->shared.placeholder == AWAITS_PLACEHOLDER) {
    note_gap_any (self);
    set_placeholder_any (self, HAS_PLACEHOLDER);
  }
  return TRUE;
}

/* ---- access units -------------------------------------------------------------------------- */

static GstClockTime
to_feed_time_any (const GstSegment *segment, GstClockTime timestamp, GstClockTime base_time)
{
  guint64 running_time = 0;
  int sign;

  if (!GST_CLOCK_TIME_IS_VALID (timestamp))
    return GST_CLOCK_TIME_NONE;
  sign = gst_segment_to_running_time_full (segment, GST_FORMAT_TIME, timestamp, &running_time);
  if (sign == 0)
    return GST_CLOCK_TIME_NONE;
  if (sign < 0)
    return base_time > running_time ? base_time - running_time : 0;
  return base_time + running_time;
}

/* Under the lock. The stamped copy shares the memory of the original. */
static GstSample *
stamp_on_stream (PhFeed *self, GstSample *sample, GstClockTime base_time, GstClockTime now)
{
  const GstSegment *from = gst_sample_get_segment (sample);
  g_autoptr (GstBuffer) buffer = gst_buffer_copy (gst_sample_get_buffer (sample));
  GstClockTime pts = to_feed_time_any (from, GST_BUFFER_PTS (buffer), base_time);
  GstClockTime dts = to_feed_time_any (from, GST_BUFFER_DTS (buffer), base_time);
  GstSegment segment;

  if (!GST_CLOCK_TIME_IS_VALID (pts))
    pts = GST_CLOCK_TIME_IS_VALID (dts) ? dts : now;
  if (!GST_CLOCK_TIME_IS_VALID (dts) || dts > pts)
    dts = pts;
  if (self->shared.last_dts != 0 && dts <= self->shared.last_dts)
    dts = self->shared.last_dts + LEAST_DTS_STEP;
  self->shared.last_dts = dts;
  GST_BUFFER_PTS (buffer) = MAX (pts, dts);
  GST_BUFFER_DTS (buffer) = dts;
  GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_DISCONT);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  return gst_sample_new (buffer, gst_sample_get_caps (sample), &segment, NULL);
}

static void
learn_frame_time_on_stream (PhFeed *self, GstCaps *caps)
{
  int numerator = 0, denominator = 0;

  if (gst_structure_get_fraction (
          gst_caps_get_structure (caps, 0), "framerate", &numerator, &denominator) &&
      numerator > 0 && denominator > 0)
    self->shared.frame_time = gst_util_uint64_scale (GST_SECOND, denominator, numerator);
}

static void
count_on_stream (PhFeed *self, GstBuffer *buffer, GstClockTime now)
{
  PhFeedStats *stats = &self->shared.stats;
  gsize size = gst_buffer_get_size (buffer);

  stats->n_units++;
  stats->n_bytes += size;
  ph_rate_meter_add (&self->shared.meter, now, size);
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    return;
  stats->n_keyframes++;
  if (GST_CLOCK_TIME_IS_VALID (self->shared.forced_at))
    stats->n_forced++;
  self->shared.forced_at = GST_CLOCK_TIME_NONE;
  self->shared.last_keyframe_at = now;
}

static GstSample *
keep_on_stream (PhFeed *self, GstSample *sample, GstClockTime base_time, GstPad **keyframe_turn)
{
  GstClockTime now = ph_feed_now_any ();
  GstSample *stamped;

  g_mutex_lock (&self->shared.lock);
  stamped = stamp_on_stream (self, sample, base_time, now);
  if (gst_caps_replace (&self->shared.caps, gst_sample_get_caps (stamped)))
    learn_frame_time_on_stream (self, self->shared.caps);
  if (self->codec == PH_CODEC_H264)
    ph_gop_add (&self->shared.gop, stamped);
  g_clear_pointer (&self->shared.newest, gst_sample_unref);
  self->shared.newest = gst_sample_ref (stamped);
  if (self->shared.placeholder == WITHOUT_PLACEHOLDER)
    self->shared.last_picture = GST_BUFFER_PTS (gst_sample_get_buffer (stamped));
  count_on_stream (self, gst_sample_get_buffer (stamped), now);
  if (self->shared.is_force_deferred)
    *keyframe_turn = try_take_keyframe_turn (self, now);
  g_mutex_unlock (&self->shared.lock);
  return stamped;
}

static guint
hand_to_taps_on_stream (PhFeed *self, GstSample *sample)
{
  guint n_dropped = 0;

  for (guint i = 0; i < self->taps.list->len; i++)
    if (!ph_tap_offer_on_stream (g_ptr_array_index (self->taps.list, i), sample))
      n_dropped++;
  return n_dropped;
}

/* Under the taps' lock. */
static void
hand_over_on_stream (
    PhFeed *self, GstSample *sample, GstClockTime base_time, GstPad **keyframe_turn)
{
  g_autoptr (GstSample) stamped = keep_on_stream (self, sample, base_time, keyframe_turn);
  guint n_dropped = hand_to_taps_on_stream (self, stamped);

  if (n_dropped == 0)
    return;
  g_mutex_lock (&self->shared.lock);
  self->shared.stats.n_dropped += n_dropped;
  g_mutex_unlock (&self->shared.lock);
}

void
ph_feed_push_on_stream (PhFeed *self, GstSample *sample, GstClockTime base_time)
{
  g_autoptr (GstPad) keyframe_turn = NULL;

  g_mutex_lock (&self->taps.lock);
  if (let_camera_take_over_on_stream (self, sample))
    hand_over_on_stream (self, sample, base_time, &keyframe_turn);
  g_mutex_unlock (&self->taps.lock);
  if (keyframe_turn != NULL)
    send_force_key_unit_any (keyframe_turn);
}

gboolean
ph_feed_push_placeholder_on_stream (PhFeed *self, GstSample *sample, GstClockTime base_time)
{
  g_autoptr (GstPad) keyframe_turn = NULL;
  gboolean is_taken;

  g_mutex_lock (&self->taps.lock);
  is_taken = let_placeholder_take_over_on_stream (self);
  if (is_taken)
    hand_over_on_stream (self, sample, base_time, &keyframe_turn);
  g_mutex_unlock (&self->taps.lock);
  if (keyframe_turn != NULL)
    send_force_key_unit_any (keyframe_turn);
  return is_taken;
}

/* ---- what others ask ----------------------------------------------------------------------- */

GstSample *
ph_feed_dup_newest_any (PhFeed *self)
{
  GstSample *sample;

  g_mutex_lock (&self->shared.lock);
  sample = self->shared.newest != NULL ? gst_sample_ref (self->shared.newest) : NULL;
  g_mutex_unlock (&self->shared.lock);
  return sample;
}

gboolean
ph_feed_has_placeholder_any (PhFeed *self)
{
  gboolean has_placeholder;

  g_mutex_lock (&self->shared.lock);
  has_placeholder = self->shared.placeholder == HAS_PLACEHOLDER;
  g_mutex_unlock (&self->shared.lock);
  return has_placeholder;
}

GstClockTime
ph_feed_get_last_picture_any (PhFeed *self)
{
  GstClockTime last_picture;

  g_mutex_lock (&self->shared.lock);
  last_picture = self->shared.last_picture;
  g_mutex_unlock (&self->shared.lock);
  return last_picture;
}

GstCaps *
ph_feed_dup_caps_any (PhFeed *self)
{
  GstCaps *caps;

  g_mutex_lock (&self->shared.lock);
  caps = self->shared.caps != NULL ? gst_caps_ref (self->shared.caps) : NULL;
  g_mutex_unlock (&self->shared.lock);
  return caps;
}

void
ph_feed_count_viewer_any (PhFeed *self, PhViewerKind kind, int change)
{
  g_mutex_lock (&self->shared.lock);
  self->shared.stats.n_viewers[kind] += change;
  g_mutex_unlock (&self->shared.lock);
}

void
ph_feed_get_stats_any (PhFeed *self, PhFeedStats *stats)
{
  GstClockTime now = ph_feed_now_any ();
  guint n_taps;

  g_mutex_lock (&self->taps.lock);
  n_taps = self->taps.list->len;
  g_mutex_unlock (&self->taps.lock);

  g_mutex_lock (&self->shared.lock);
  *stats = self->shared.stats;
  stats->has_placeholder = self->shared.placeholder == HAS_PLACEHOLDER;
  ph_rate_meter_read (&self->shared.meter, now, &stats->framerate, &stats->bitrate);
  g_mutex_unlock (&self->shared.lock);
  stats->n_taps = n_taps;
}

PhTraffic *
ph_feed_get_traffic_any (PhFeed *self)
{
  return &self->traffic;
}
