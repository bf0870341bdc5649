/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls-stream.h"

#define MAX_BYTES (128 * 1024 * 1024)
/* More than that are counted as that. */
#define MAX_VIEWERS 4096
/* A viewer asks once in a target duration; one that has not for that many is gone. */
#define TARGETS_OF_SILENCE 3
#define SHORTEST_SILENCE (10 * G_USEC_PER_SEC)
/* A camera that was lost for longer is not shown as if it were live. */
#define OLDEST_PICTURE (30 * GST_SECOND)

typedef struct {
  gint64 last_request; /* monotonic time */
  gint64 since; /* the same, of the first request; 0: has had a picture */
  PhFeed *feed; /* that of the stream */
  gboolean is_sent_away; /* by hand; is counted no more */
  PhViewer *listed; /* nullable */
} Viewer;

static void
free_viewer (gpointer data)
{
  Viewer *viewer = data;

  if (!viewer->is_sent_away)
    ph_feed_count_viewer_any (viewer->feed, PH_VIEWER_HLS, -1);
  ph_viewer_leave_any (viewer->listed);
  g_free (viewer);
}

struct _PhHlsStream {
  PhFmp4 *fmp4;
  PhHlsRing *ring;
  double segment_duration, part_duration; /* seconds */
  guint playlist_segments;
  PhHlsStreamChanged changed;
  gpointer user_data;

  PhFmp4Listener *listener; /* NULL: stopped */
  gboolean is_over; /* nothing will come any more */
  gboolean has_begun; /* a fragment has come since it was started */
  GHashTable *viewers; /* char * to Viewer */
  gint64 last_request; /* monotonic time */
  guint timer;
};

static PhFeed *
get_feed (PhHlsStream *self)
{
  return ph_fmp4_get_feed (self->fmp4);
}

/* Numbers begin at the time of day, so that they are higher after a restart: players that come back
 * then go on (a segment is seldom shorter than a second, so they do not run ahead of it). */
PhHlsStream *
ph_hls_stream_new (
    PhFmp4 *fmp4, const PhHttpConfig *config, PhHlsStreamChanged changed, gpointer user_data)
{
  PhHlsStream *self = g_new0 (PhHlsStream, 1);
  g_autofree char *prefix =
      g_strdup_printf ("hls/%s/", ph_feed_get_name_any (ph_fmp4_get_feed (fmp4)));
  g_autofree char *session = g_strdup_printf ("%08x", g_random_int ());
  const PhHlsRingLimits limits = {
    .uri_prefix = prefix,
    .session = session,
    .first_number = g_get_real_time () / G_USEC_PER_SEC,
    .segment_duration = config->segment_duration,
    .part_duration = config->part_duration,
    .n_listed = config->playlist_segments,
    .max_bytes = MAX_BYTES,
  };

  self->fmp4 = fmp4;
  self->segment_duration = config->segment_duration;
  self->part_duration = config->part_duration;
  self->playlist_segments = config->playlist_segments;
  self->ring = ph_hls_ring_new (&limits);
  self->changed = changed;
  self->user_data = user_data;
  self->viewers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_viewer);
  return self;
}

gboolean
ph_hls_stream_may_go_on (PhHlsStream *self, const PhHttpConfig *config)
{
  return self->is_over || self->listener != NULL ||
         (self->segment_duration == config->segment_duration &&
             self->part_duration == config->part_duration &&
             self->playlist_segments == config->playlist_segments);
}

/* ---- fragments ------------------------------------------------------------------------------- */

static void
on_fragment (PhFmp4Fragment *fragment, gpointer user_data)
{
  PhHlsStream *self = user_data;
  gboolean can_force = ph_feed_can_force_keyframe_any (get_feed (self));
  gboolean is_first = !self->has_begun;
  PhHlsRingResult result =
      ph_hls_ring_add (self->ring, fragment, can_force, ph_feed_time_to_unix_any (fragment->start));

  self->has_begun = TRUE;
  if (result & PH_HLS_RING_WANTS_KEYFRAME)
    ph_feed_request_keyframe_any (get_feed (self));
  if (is_first || result & (PH_HLS_RING_HAS_SEGMENT | PH_HLS_RING_HAS_PART))
    self->changed (self, self->user_data);
}

/* ---- demand ---------------------------------------------------------------------------------- */

static void
forget_viewers (PhHlsStream *self)
{
  g_hash_table_remove_all (self->viewers);
}

static void
stop (PhHlsStream *self)
{
  ph_fmp4_remove_listener (self->fmp4, g_steal_pointer (&self->listener));
  ph_hls_ring_close (self->ring, ph_feed_now_any ());
  forget_viewers (self);
}

static gint64
get_silence (PhHlsStream *self)
{
  gint64 target = ph_hls_ring_get_target_duration (self->ring) * G_USEC_PER_SEC;

  return MAX (SHORTEST_SILENCE, TARGETS_OF_SILENCE * target);
}

static void
forget_silent_viewers (PhHlsStream *self, gint64 since)
{
  GHashTableIter iter;
  Viewer *viewer;

  g_hash_table_iter_init (&iter, self->viewers);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&viewer)) {
    if (viewer->last_request <= since)
      g_hash_table_iter_remove (&iter);
  }
}

void
ph_hls_stream_expire (PhHlsStream *self, gint64 now)
{
  gint64 since = now - get_silence (self);

  forget_silent_viewers (self, since);
  if (self->listener != NULL && self->last_request <= since)
    stop (self);
}

static gboolean
on_timer (gpointer user_data)
{
  PhHlsStream *self = user_data;
  gboolean has_segments;

  ph_hls_stream_expire (self, g_get_monotonic_time ());
  has_segments = ph_hls_ring_expire (self->ring, ph_feed_now_any ());
  if (self->listener != NULL || has_segments)
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  return G_SOURCE_REMOVE;
}

static void
note_viewer (PhHlsStream *self, const char *key, gint64 now)
{
  Viewer *viewer = g_hash_table_lookup (self->viewers, key);

  if (viewer == NULL) {
    if (g_hash_table_size (self->viewers) >= MAX_VIEWERS)
      return;
    viewer = g_new0 (Viewer, 1);
    viewer->since = now;
    viewer->feed = get_feed (self);
    g_hash_table_insert (self->viewers, g_strdup (key), viewer);
    ph_feed_count_viewer_any (get_feed (self), PH_VIEWER_HLS, 1);
  }
  if (!viewer->is_sent_away)
    viewer->last_request = now;
}

static const PhViewerServer server;

/* What the list of viewers has of one. */
typedef struct {
  PhHlsStream *stream;
  char *key;
} Handle;

static void
send_away (gpointer data)
{
  Handle *handle = data;
  Viewer *viewer = g_hash_table_lookup (handle->stream->viewers, handle->key);

  if (viewer == NULL || viewer->is_sent_away)
    return;
  viewer->is_sent_away = TRUE;
  ph_feed_count_viewer_any (viewer->feed, PH_VIEWER_HLS, -1);
  ph_viewer_leave_any (g_steal_pointer (&viewer->listed));
}

static void
free_handle (gpointer data)
{
  Handle *handle = data;

  g_free (handle->key);
  g_free (handle);
}

static const PhViewerServer server = { .end = send_away, .free_data = free_handle };

gboolean
ph_hls_stream_admits (PhHlsStream *self, PhRequest *request, const char *key)
{
  Viewer *viewer = g_hash_table_lookup (self->viewers, key);
  Handle *handle;

  if (viewer == NULL || viewer->is_sent_away)
    return viewer == NULL;
  if (viewer->listed != NULL || request->viewers == NULL)
    return TRUE;
  handle = g_new0 (Handle, 1);
  handle->stream = self;
  handle->key = g_strdup (key);
  viewer->listed = ph_request_add_viewer (
      request, PH_VIEWER_HLS, ph_feed_get_name_any (viewer->feed), &server, handle);
  return TRUE;
}

void
ph_hls_stream_note_answer (PhHlsStream *self, const char *key, gsize n_bytes, gboolean has_picture)
{
  PhTraffic *traffic = ph_feed_get_traffic_any (get_feed (self));
  Viewer *viewer = key != NULL ? g_hash_table_lookup (self->viewers, key) : NULL;

  ph_traffic_note_sent_any (traffic, PH_VIEWER_HLS, n_bytes);
  if (viewer != NULL)
    ph_viewer_note_sent_any (viewer->listed, n_bytes);
  if (viewer == NULL || viewer->since == 0 || !has_picture)
    return;
  ph_traffic_note_first_picture_any (traffic, PH_VIEWER_HLS, viewer->since);
  viewer->since = 0;
}

void
ph_hls_stream_note_request (PhHlsStream *self, const char *viewer)
{
  self->last_request = g_get_monotonic_time ();
  if (viewer != NULL)
    note_viewer (self, viewer, self->last_request);
  if (self->timer == 0)
    self->timer = g_timeout_add_seconds (1, on_timer, self);
  if (self->listener == NULL && !self->is_over) {
    self->has_begun = FALSE;
    self->listener = ph_fmp4_add_listener (self->fmp4, on_fragment, self);
  }
}

/* Players ask once in a target duration, and play what is listed meanwhile. */
guint
ph_hls_stream_end (PhHlsStream *self)
{
  guint target = ph_hls_ring_get_target_duration (self->ring);

  if (self->listener == NULL || ph_hls_stream_get_playlist (self) == NULL)
    return 0;
  ph_fmp4_remove_listener (self->fmp4, g_steal_pointer (&self->listener));
  ph_hls_ring_end (self->ring);
  self->is_over = TRUE;
  self->changed (self, self->user_data);
  return (TARGETS_OF_SILENCE + self->playlist_segments) * target;
}

void
ph_hls_stream_free (PhHlsStream *self)
{
  if (self->listener != NULL)
    stop (self);
  forget_viewers (self);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_hash_table_unref (self->viewers);
  ph_hls_ring_free (self->ring);
  g_free (self);
}

/* ---- what others ask ------------------------------------------------------------------------- */

static gboolean
is_live (PhHlsStream *self)
{
  GstClockTime end = ph_hls_ring_get_end (self->ring);

  return GST_CLOCK_TIME_IS_VALID (end) && ph_feed_now_any () <= end + OLDEST_PICTURE;
}

GBytes *
ph_hls_stream_get_playlist (PhHlsStream *self)
{
  return is_live (self) ? ph_hls_ring_get_playlist (self->ring) : NULL;
}

GBytes *
ph_hls_stream_get_delta (PhHlsStream *self)
{
  return is_live (self) ? ph_hls_ring_get_delta (self->ring) : NULL;
}

gboolean
ph_hls_stream_get_last (PhHlsStream *self, guint64 *sequence, guint *part)
{
  return is_live (self) && ph_hls_ring_get_last (self->ring, sequence, part);
}

GBytes *
ph_hls_stream_find (PhHlsStream *self, const char *file_name)
{
  return ph_hls_ring_find (self->ring, file_name);
}

gboolean
ph_hls_stream_is_hinted (PhHlsStream *self, const char *file_name)
{
  return ph_hls_ring_is_hinted (self->ring, file_name);
}

PhHlsRingOutlook
ph_hls_stream_look_for (PhHlsStream *self, guint64 number, guint part)
{
  return ph_hls_ring_look_for (self->ring, number, part);
}

guint
ph_hls_stream_get_target_duration (PhHlsStream *self)
{
  return ph_hls_ring_get_target_duration (self->ring);
}

const PhFmp4Header *
ph_hls_stream_get_header (PhHlsStream *self)
{
  return ph_fmp4_get_header (self->fmp4);
}

void
ph_hls_stream_measure (PhHlsStream *self, guint64 *peak, guint64 *average)
{
  ph_hls_ring_measure (self->ring, peak, average);
}
