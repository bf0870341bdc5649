/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/fmp4.h"

#include "base/mailbox.h"
#include "http/avc.h"
#include "http/fmp4-box.h"

/* What may wait for the main loop: a kept group of pictures comes in one go, so the bound is in
 * bytes; it only bites when the main loop stands still. */
#define MAX_QUEUED_BYTES (64 * 1024 * 1024)
#define MAX_QUEUED_UNITS 8192
/* What is kept for a newcomer; a group of pictures beyond it is dropped, he waits for the next. */
#define MAX_KEPT_FRAGMENTS 4096
#define MAX_KEPT_BYTES (64 * 1024 * 1024)

/* A hole that is bridged: longer than the frames a busy camera loses now and then. */
#define MAX_BRIDGED_HOLE GST_SECOND

#define ASSUMED_FRAME_TIME (GST_SECOND / 30)
#define MAX_FRAME_TIME (5 * GST_SECOND)

struct _PhFmp4Listener {
  PhFmp4Func func; /* NULL: removed */
  gpointer user_data;
  gboolean has_begun;
};

struct _PhFmp4 {
  PhFeed *feed;
  GPtrArray *listeners; /* element-type PhFmp4Listener */

  /* while there is a listener */
  PhTap *tap;
  PhMailbox *mailbox;
  GPtrArray *kept; /* element-type PhFmp4Fragment: from the newest keyframe on */
  gsize kept_bytes;
  GstClockTime last_dts; /* GST_CLOCK_TIME_NONE: none yet */
  GstClockTime last_interval; /* 0: none yet */
  GstClockTime last_end; /* of the last fragment, as foretold */

  /* as long as it lives */
  PhFmp4Header *header; /* nullable */
  GBytes *config; /* nullable: the decoder configuration in header */
  guint32 sequence;

  int queued_bytes; /* atomic: streaming thread and main */
};

/* ---- header and fragment ------------------------------------------------------------------- */

PhFmp4Header *
ph_fmp4_header_ref (PhFmp4Header *self)
{
  return g_rc_box_acquire (self);
}

static void
clear_header (gpointer data)
{
  PhFmp4Header *self = data;

  g_bytes_unref (self->bytes);
  g_free (self->codec);
}

void
ph_fmp4_header_unref (PhFmp4Header *self)
{
  g_rc_box_release_full (self, clear_header);
}

PhFmp4Fragment *
ph_fmp4_fragment_ref (PhFmp4Fragment *self)
{
  return g_rc_box_acquire (self);
}

static void
clear_fragment (gpointer data)
{
  PhFmp4Fragment *self = data;

  ph_fmp4_header_unref (self->header);
  g_bytes_unref (self->bytes);
}

void
ph_fmp4_fragment_unref (PhFmp4Fragment *self)
{
  g_rc_box_release_full (self, clear_fragment);
}

static PhFmp4Header *
make_header (guint generation, GBytes *config, GstCaps *caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  PhFmp4Header *self = g_rc_box_new0 (PhFmp4Header);
  PhFmp4Track track = { .par_n = 1, .par_d = 1, .config = config };
  int width = 0, height = 0, n = 0, d = 0;

  gst_structure_get_int (structure, "width", &width);
  gst_structure_get_int (structure, "height", &height);
  if (gst_structure_get_fraction (structure, "pixel-aspect-ratio", &n, &d) && n > 0 && d > 0) {
    track.par_n = n;
    track.par_d = d;
  }
  self->generation = generation;
  self->width = track.width = CLAMP (width, 0, G_MAXUINT16);
  self->height = track.height = CLAMP (height, 0, G_MAXUINT16);
  if (gst_structure_get_fraction (structure, "framerate", &n, &d) && n > 0 && d > 0)
    self->framerate = (double)n / d;
  self->bytes = ph_fmp4_box_make_init (&track);
  self->codec = ph_avc_make_codec_string (config);
  return self;
}

/* ---- one access unit ----------------------------------------------------------------------- */

static void
maybe_renew_header (PhFmp4 *self, const GArray *units, GstCaps *caps)
{
  g_autoptr (GBytes) config = ph_avc_make_config (units);
  guint generation = self->header != NULL ? self->header->generation + 1 : 1;

  if (config == NULL || (self->config != NULL && g_bytes_equal (config, self->config)))
    return;
  g_clear_pointer (&self->header, ph_fmp4_header_unref);
  g_clear_pointer (&self->config, g_bytes_unref);
  self->header = make_header (generation, config, caps);
  self->config = g_steal_pointer (&config);
}

/* Cameras' clocks jitter: about the nominal time is the nominal time. Else what was last is what
 * comes next, but for a single frame that is missing. */
static GstClockTime
foretell_duration (PhFmp4 *self, GstClockTime dts)
{
  GstClockTime nominal = ASSUMED_FRAME_TIME;
  GstClockTime last, likely;

  if (self->header->framerate > 0)
    nominal = GST_SECOND / self->header->framerate;
  if (!GST_CLOCK_TIME_IS_VALID (self->last_dts) || dts <= self->last_dts)
    return nominal;
  last = dts - self->last_dts;
  likely = self->last_interval > 0 ? MIN (last, self->last_interval) : nominal;
  self->last_interval = last;
  if (likely > MAX_FRAME_TIME || (likely > nominal / 2 && likely < nominal + nominal / 2))
    return nominal;
  return likely;
}

static guint64
to_ticks (GstClockTime time)
{
  return gst_util_uint64_scale (time, PH_FMP4_TIMESCALE, GST_SECOND);
}

/* A fragment is sent before the next one is due, so when frames are missing its duration was
 * foretold too short. Players stop at the hole; so the next one begins where the last one ended,
 * and is that much longer. */
static GstClockTime
bridge_hole (PhFmp4 *self, GstClockTime dts)
{
  gboolean is_hole = GST_CLOCK_TIME_IS_VALID (self->last_dts) && dts > self->last_end &&
                     dts - self->last_end <= MAX_BRIDGED_HOLE;

  return is_hole ? self->last_end : dts;
}

static PhFmp4Fragment *
make_fragment (PhFmp4 *self, GstBuffer *buffer, const GArray *units)
{
  PhFmp4Fragment *fragment = g_rc_box_new0 (PhFmp4Fragment);
  GstClockTime dts = GST_BUFFER_DTS (buffer);
  GstClockTime end = dts + foretell_duration (self, dts);
  PhFmp4Sample sample;

  fragment->header = ph_fmp4_header_ref (self->header);
  fragment->start = bridge_hole (self, dts);
  fragment->duration = end - fragment->start;
  fragment->is_keyframe = !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  fragment->is_after_gap = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT) ||
                           !GST_CLOCK_TIME_IS_VALID (self->last_dts);
  sample = (PhFmp4Sample){
    .decode_time = to_ticks (fragment->start),
    .duration = to_ticks (end) - to_ticks (fragment->start),
    .composition_offset = to_ticks (GST_BUFFER_PTS (buffer)) - to_ticks (dts),
    .is_keyframe = fragment->is_keyframe,
    /* Times pass evenly, so one in each group of pictures tells all. */
    .captured = fragment->is_keyframe ? ph_feed_time_to_unix_any (GST_BUFFER_PTS (buffer)) : 0,
    .units = units,
  };
  fragment->bytes = ph_fmp4_box_make_fragment (&sample, ++self->sequence);
  self->last_dts = dts;
  self->last_end = end;
  return fragment;
}

static void
forget_kept (PhFmp4 *self)
{
  g_ptr_array_set_size (self->kept, 0);
  self->kept_bytes = 0;
}

static void
keep (PhFmp4 *self, PhFmp4Fragment *fragment)
{
  if (fragment->is_keyframe)
    forget_kept (self);
  else if (self->kept->len == 0)
    return;
  g_ptr_array_add (self->kept, ph_fmp4_fragment_ref (fragment));
  self->kept_bytes += g_bytes_get_size (fragment->bytes);
  if (self->kept->len > MAX_KEPT_FRAGMENTS || self->kept_bytes > MAX_KEPT_BYTES)
    forget_kept (self);
}

static void
hand_over (PhFmp4Listener *listener, PhFmp4Fragment *fragment)
{
  if (listener->func == NULL || (!listener->has_begun && !fragment->is_keyframe))
    return;
  listener->has_begun = TRUE;
  listener->func (fragment, listener->user_data);
}

static PhFmp4Listener *
ref_listener (PhFmp4Listener *listener)
{
  return g_rc_box_acquire (listener);
}

static void
unref_listener (PhFmp4Listener *listener)
{
  g_rc_box_release (listener);
}

/* Over a copy: whoever is called may leave, and somebody may come. */
static void
hand_out (PhFmp4 *self, PhFmp4Fragment *fragment)
{
  g_autoptr (GPtrArray) listeners =
      g_ptr_array_new_full (self->listeners->len, (GDestroyNotify)unref_listener);

  for (guint i = 0; i < self->listeners->len; i++)
    g_ptr_array_add (listeners, ref_listener (g_ptr_array_index (self->listeners, i)));
  for (guint i = 0; i < listeners->len; i++)
    hand_over (g_ptr_array_index (listeners, i), fragment);
}

static void
take_unit (PhFmp4 *self, GstSample *sample, const GstMapInfo *map)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  g_autoptr (GArray) units = ph_avc_split (map->data, map->size);
  g_autoptr (PhFmp4Fragment) fragment = NULL;

  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    maybe_renew_header (self, units, gst_sample_get_caps (sample));
  if (self->header == NULL || units->len == 0)
    return;
  fragment = make_fragment (self, buffer, units);
  keep (self, fragment);
  hand_out (self, fragment);
}

static void
deliver_sample (gpointer item, gpointer user_data)
{
  PhFmp4 *self = user_data;
  g_autoptr (GstSample) sample = item;
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  GstMapInfo map;

  g_atomic_int_add (&self->queued_bytes, -(int)gst_buffer_get_size (buffer));
  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  take_unit (self, sample, &map);
  gst_buffer_unmap (buffer, &map);
}

static gboolean
push_on_stream (GstSample *sample, gpointer user_data)
{
  PhFmp4 *self = user_data;
  int size = gst_buffer_get_size (gst_sample_get_buffer (sample));

  if (g_atomic_int_get (&self->queued_bytes) > MAX_QUEUED_BYTES)
    return FALSE;
  g_atomic_int_add (&self->queued_bytes, size);
  if (ph_mailbox_post_any (self->mailbox, gst_sample_ref (sample)))
    return TRUE;
  g_atomic_int_add (&self->queued_bytes, -size);
  return FALSE;
}

/* ---- listeners ----------------------------------------------------------------------------- */

static void
free_sample (gpointer sample)
{
  gst_sample_unref (sample);
}

static void
start (PhFmp4 *self)
{
  self->last_dts = GST_CLOCK_TIME_NONE;
  self->last_interval = 0;
  g_atomic_int_set (&self->queued_bytes, 0);
  self->mailbox = ph_mailbox_new (
      g_main_context_get_thread_default (), MAX_QUEUED_UNITS, deliver_sample, self, free_sample);
  self->tap = ph_tap_new (PH_TAP_FROM_KEPT_GOP, push_on_stream, self, NULL);
  ph_feed_add_tap (self->feed, self->tap);
}

static void
stop (PhFmp4 *self)
{
  ph_feed_remove_tap (self->feed, self->tap);
  g_clear_pointer (&self->tap, ph_tap_unref_any);
  ph_mailbox_close (self->mailbox);
  g_clear_pointer (&self->mailbox, ph_mailbox_unref_any);
  forget_kept (self);
}

static gpointer
ref_fragment (gconstpointer fragment, gpointer user_data)
{
  return ph_fmp4_fragment_ref ((PhFmp4Fragment *)fragment);
}

PhFmp4Listener *
ph_fmp4_add_listener (PhFmp4 *self, PhFmp4Func func, gpointer user_data)
{
  PhFmp4Listener *listener = g_rc_box_new0 (PhFmp4Listener);
  g_autoptr (GPtrArray) kept = g_ptr_array_copy (self->kept, ref_fragment, NULL);

  listener->func = func;
  listener->user_data = user_data;
  g_ptr_array_add (self->listeners, listener);
  if (self->listeners->len == 1)
    start (self);
  for (guint i = 0; i < kept->len; i++)
    hand_over (listener, g_ptr_array_index (kept, i));
  return listener;
}

void
ph_fmp4_remove_listener (PhFmp4 *self, PhFmp4Listener *listener)
{
  listener->func = NULL;
  g_ptr_array_remove (self->listeners, listener);
  if (self->listeners->len == 0)
    stop (self);
}

PhFmp4 *
ph_fmp4_new (PhFeed *feed)
{
  PhFmp4 *self = g_new0 (PhFmp4, 1);

  self->feed = ph_feed_ref_any (feed);
  self->listeners = g_ptr_array_new_with_free_func ((GDestroyNotify)unref_listener);
  self->kept = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_fmp4_fragment_unref);
  return self;
}

void
ph_fmp4_free (PhFmp4 *self)
{
  g_return_if_fail (self->listeners->len == 0);

  g_ptr_array_unref (self->listeners);
  g_ptr_array_unref (self->kept);
  g_clear_pointer (&self->header, ph_fmp4_header_unref);
  g_clear_pointer (&self->config, g_bytes_unref);
  ph_feed_unref_any (self->feed);
  g_free (self);
}

PhFeed *
ph_fmp4_get_feed (PhFmp4 *self)
{
  return self->feed;
}

PhFmp4Header *
ph_fmp4_get_header (PhFmp4 *self)
{
  return self->header;
}

/* ---- the set ------------------------------------------------------------------------------- */

struct _PhFmp4Set {
  GHashTable *by_feed; /* PhFeed to PhFmp4, which holds a reference on it */
};

PhFmp4Set *
ph_fmp4_set_new (void)
{
  PhFmp4Set *self = g_new0 (PhFmp4Set, 1);

  self->by_feed = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)ph_fmp4_free);
  return self;
}

void
ph_fmp4_set_free (PhFmp4Set *self)
{
  g_hash_table_unref (self->by_feed);
  g_free (self);
}

PhFmp4 *
ph_fmp4_set_get (PhFmp4Set *self, PhFeed *feed)
{
  PhFmp4 *fmp4 = g_hash_table_lookup (self->by_feed, feed);

  if (fmp4 == NULL) {
    fmp4 = ph_fmp4_new (feed);
    g_hash_table_insert (self->by_feed, feed, fmp4);
  }
  return fmp4;
}

void
ph_fmp4_set_drop (PhFmp4Set *self, PhFeed *feed)
{
  g_hash_table_remove (self->by_feed, feed);
}
