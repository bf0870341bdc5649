/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/mp4.h"

#include "http/stream.h"
#include "http/wait.h"

#define FIRST_FRAGMENT_DEADLINE 15000 /* milliseconds */
/* Of one viewer; more than a group of pictures at hand takes at the start. */
#define MAX_WAITING_BYTES (64 * 1024 * 1024)

struct _PhMp4 {
  PhFmp4Set *fmp4s;
  gint64 max_age_us;
  GList *viewers; /* element-type Viewer, owned */
};

typedef struct {
  PhFmp4Fragment *fragment;
  gint64 since; /* monotonic time */
} Waiting;

typedef struct {
  PhMp4 *owner;
  SoupServerMessage *message;
  PhFeed *feed;
  PhFmp4 *fmp4;
  PhFmp4Listener *listener;

  PhWait *wait; /* until the first fragment */
  PhStream *stream; /* from the first fragment on */
  PhFmp4Header *header; /* nullable: the last one written */
  GQueue waiting; /* element-type Waiting */
  gsize waiting_bytes;
  PhViewer *listed; /* nullable */
  gboolean needs_keyframe;
  gint64 since; /* monotonic time */
} Viewer;

PhMp4 *
ph_mp4_new (PhFmp4Set *fmp4s, double max_age)
{
  PhMp4 *self = g_new0 (PhMp4, 1);

  self->fmp4s = fmp4s;
  ph_mp4_set_max_age (self, max_age);
  return self;
}

void
ph_mp4_set_max_age (PhMp4 *self, double max_age)
{
  self->max_age_us = max_age * G_USEC_PER_SEC;
}

static void
free_waiting (gpointer data)
{
  Waiting *waiting = data;

  ph_fmp4_fragment_unref (waiting->fragment);
  g_free (waiting);
}

static void
free_viewer (gpointer data)
{
  Viewer *viewer = data;

  viewer->owner->viewers = g_list_remove (viewer->owner->viewers, viewer);
  ph_feed_count_viewer_any (viewer->feed, PH_VIEWER_MP4, -1);
  ph_viewer_leave_any (viewer->listed);
  ph_fmp4_remove_listener (viewer->fmp4, viewer->listener);
  g_clear_pointer (&viewer->wait, ph_wait_free);
  g_clear_pointer (&viewer->stream, ph_stream_free);
  g_clear_pointer (&viewer->header, ph_fmp4_header_unref);
  g_queue_clear_full (&viewer->waiting, free_waiting);
  ph_feed_unref_any (viewer->feed);
  g_object_unref (viewer->message);
  g_free (viewer);
}

static void
send_away (gpointer data)
{
  Viewer *viewer = data;

  if (viewer->wait != NULL)
    ph_wait_give_up (viewer->wait);
  free_viewer (viewer);
}

static const PhViewerServer server = { .end = send_away };

void
ph_mp4_drop_feed (PhMp4 *self, PhFeed *feed)
{
  for (GList *link = self->viewers; link != NULL;) {
    Viewer *viewer = link->data;

    link = link->next;
    if (viewer->feed == feed)
      send_away (viewer);
  }
}

void
ph_mp4_free (PhMp4 *self)
{
  while (self->viewers != NULL)
    send_away (self->viewers->data);
  g_free (self);
}

/* ---- writing ------------------------------------------------------------------------------- */

static void
write_block (Viewer *viewer, GBytes *block)
{
  ph_traffic_note_sent_any (
      ph_feed_get_traffic_any (viewer->feed), PH_VIEWER_MP4, g_bytes_get_size (block));
  ph_viewer_note_sent_any (viewer->listed, g_bytes_get_size (block));
  ph_stream_write (viewer->stream, block);
}

static void
write_header (Viewer *viewer, PhFmp4Header *header)
{
  g_clear_pointer (&viewer->header, ph_fmp4_header_unref);
  viewer->header = ph_fmp4_header_ref (header);
  write_block (viewer, header->bytes);
}

static void
write_next (Viewer *viewer)
{
  Waiting *next = g_queue_peek_head (&viewer->waiting);

  if (next->fragment->header != viewer->header) {
    write_header (viewer, next->fragment->header);
    return;
  }
  g_queue_pop_head (&viewer->waiting);
  viewer->waiting_bytes -= g_bytes_get_size (next->fragment->bytes);
  ph_traffic_note_age_any (ph_feed_get_traffic_any (viewer->feed), next->fragment->start);
  write_block (viewer, next->fragment->bytes);
  free_waiting (next);
}

static void
write_waiting (Viewer *viewer)
{
  while (ph_stream_is_ready (viewer->stream) && !g_queue_is_empty (&viewer->waiting))
    write_next (viewer);
}

static void
on_stream_ready (gpointer user_data)
{
  write_waiting (user_data);
}

static void
start_stream (Viewer *viewer, const PhFmp4Header *header)
{
  PhStreamOwner owner = { on_stream_ready, free_viewer, viewer };
  g_autofree char *content_type = g_strdup_printf ("video/mp4; codecs=\"%s\"", header->codec);

  g_clear_pointer (&viewer->wait, ph_wait_free);
  viewer->stream = ph_stream_new (viewer->message, content_type, &owner);
  ph_traffic_note_first_picture_any (
      ph_feed_get_traffic_any (viewer->feed), PH_VIEWER_MP4, viewer->since);
}

/* ---- waiting ------------------------------------------------------------------------------- */

static gboolean
has_fallen_behind (Viewer *viewer, gint64 now)
{
  const Waiting *oldest = g_queue_peek_head (&viewer->waiting);

  return oldest != NULL && (now - oldest->since > viewer->owner->max_age_us ||
                               viewer->waiting_bytes > MAX_WAITING_BYTES);
}

static void
note_dropped (Viewer *viewer, guint n_units)
{
  ph_traffic_note_dropped_any (ph_feed_get_traffic_any (viewer->feed), PH_VIEWER_MP4, n_units);
  ph_viewer_note_dropped_any (viewer->listed, n_units);
}

static void
give_up_waiting (Viewer *viewer)
{
  note_dropped (viewer, g_queue_get_length (&viewer->waiting));
  g_queue_clear_full (&viewer->waiting, free_waiting);
  viewer->waiting_bytes = 0;
  viewer->needs_keyframe = TRUE;
}

static void
enqueue (Viewer *viewer, PhFmp4Fragment *fragment, gint64 now)
{
  Waiting *waiting = g_new0 (Waiting, 1);

  waiting->fragment = ph_fmp4_fragment_ref (fragment);
  waiting->since = now;
  g_queue_push_tail (&viewer->waiting, waiting);
  viewer->waiting_bytes += g_bytes_get_size (fragment->bytes);
}

static void
on_fragment (PhFmp4Fragment *fragment, gpointer user_data)
{
  Viewer *viewer = user_data;
  gint64 now = g_get_monotonic_time ();

  if (has_fallen_behind (viewer, now))
    give_up_waiting (viewer);
  if (viewer->needs_keyframe && !fragment->is_keyframe) {
    note_dropped (viewer, 1);
    return;
  }
  viewer->needs_keyframe = FALSE;
  if (viewer->stream == NULL)
    start_stream (viewer, fragment->header);
  enqueue (viewer, fragment, now);
  write_waiting (viewer);
}

/* ---- requests ------------------------------------------------------------------------------ */

void
ph_mp4_serve (PhMp4 *self, PhRequest *request, PhFeed *feed)
{
  Viewer *viewer = g_new0 (Viewer, 1);

  viewer->owner = self;
  viewer->since = g_get_monotonic_time ();
  viewer->message = g_object_ref (request->message);
  viewer->feed = ph_feed_ref_any (feed);
  viewer->fmp4 = ph_fmp4_set_get (self->fmp4s, feed);
  g_queue_init (&viewer->waiting);
  self->viewers = g_list_prepend (self->viewers, viewer);
  ph_feed_count_viewer_any (feed, PH_VIEWER_MP4, 1);
  viewer->listed =
      ph_request_add_viewer (request, PH_VIEWER_MP4, ph_feed_get_name_any (feed), &server, viewer);
  viewer->wait = ph_wait_new (request, FIRST_FRAGMENT_DEADLINE, free_viewer, viewer);
  viewer->listener = ph_fmp4_add_listener (viewer->fmp4, on_fragment, viewer);
}

void
ph_mp4_handle (PhRequest *request, gpointer user_data)
{
  PhFeed *feed;

  if (!ph_request_allow_keys (request, "stream", NULL))
    return;
  feed = ph_request_find_feed (request, PH_CODEC_H264);
  if (feed == NULL)
    return;
  if (ph_request_is_head (request))
    ph_stream_reply_head (request->message, "video/mp4");
  else
    ph_mp4_serve (user_data, request, feed);
}
