/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/mjpeg.h"

#include "http/pacer.h"
#include "http/stream.h"
#include "http/wait.h"

#include <string.h>

#define BOUNDARY "porthole"
#define CONTENT_TYPE "multipart/x-mixed-replace; boundary=" BOUNDARY
#define FIRST_BOUNDARY "--" BOUNDARY "\r\n"
#define NEXT_BOUNDARY "\r\n--" BOUNDARY "\r\n"

#define LOWEST_FPS 0.1
#define HIGHEST_FPS 60
/* Seconds: an older picture is not worth showing first. */
#define FRESH 1.0
#define FIRST_PICTURE_DEADLINE 10000 /* milliseconds */

struct _PhMjpeg {
  PhPictures *pictures;
  gint64 max_age_us;
  GList *viewers; /* element-type Viewer, owned */
};

typedef struct {
  PhMjpeg *owner;
  SoupServerMessage *message;
  PhFeed *feed; /* referenced: a scaled feed lives as long as somebody holds it */
  PhFeed *counted;
  PhPictureWatch *watch;
  PhPacer pacer;
  gint64 since; /* monotonic time */
  PhViewer *listed; /* nullable */

  PhWait *wait; /* until the first picture */
  PhStream *stream; /* from the first picture on */
  GstSample *waiting; /* nullable: the newest that came while the last was being written */
  gint64 waiting_since; /* monotonic time */
} Viewer;

PhMjpeg *
ph_mjpeg_new (PhPictures *pictures, double max_age)
{
  PhMjpeg *self = g_new0 (PhMjpeg, 1);

  self->pictures = pictures;
  ph_mjpeg_set_max_age (self, max_age);
  return self;
}

void
ph_mjpeg_set_max_age (PhMjpeg *self, double max_age)
{
  self->max_age_us = max_age * G_USEC_PER_SEC;
}

static void
free_viewer (gpointer data)
{
  Viewer *viewer = data;

  viewer->owner->viewers = g_list_remove (viewer->owner->viewers, viewer);
  ph_feed_count_viewer_any (viewer->counted, PH_VIEWER_MJPEG, -1);
  ph_viewer_leave_any (viewer->listed);
  g_clear_pointer (&viewer->watch, ph_picture_watch_free);
  g_clear_pointer (&viewer->wait, ph_wait_free);
  g_clear_pointer (&viewer->stream, ph_stream_free);
  g_clear_pointer (&viewer->waiting, gst_sample_unref);
  ph_feed_unref_any (viewer->feed);
  ph_feed_unref_any (viewer->counted);
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
ph_mjpeg_drop_feed (PhMjpeg *self, PhFeed *feed)
{
  for (GList *link = self->viewers; link != NULL;) {
    Viewer *viewer = link->data;

    link = link->next;
    if (viewer->counted == feed)
      send_away (viewer);
  }
}

void
ph_mjpeg_free (PhMjpeg *self)
{
  while (self->viewers != NULL)
    send_away (self->viewers->data);
  g_free (self);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static GQuark
part_quark (void)
{
  static GQuark quark;

  if (quark == 0)
    quark = g_quark_from_static_string ("ph-mjpeg-part");
  return quark;
}

static GBytes *
make_part (GstSample *sample)
{
  g_autoptr (GBytes) jpeg = ph_picture_dup_bytes (sample);
  gint64 time = ph_picture_get_time (sample);
  GByteArray *part = g_byte_array_sized_new (g_bytes_get_size (jpeg) + 160);
  g_autofree char *header =
      g_strdup_printf ("Content-Type: image/jpeg\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n"
                       "X-Timestamp: %" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT "\r\n\r\n",
          g_bytes_get_size (jpeg), time / G_USEC_PER_SEC, time % G_USEC_PER_SEC);

  g_byte_array_append (part, (const guint8 *)header, strlen (header));
  g_byte_array_append (part, g_bytes_get_data (jpeg, NULL), g_bytes_get_size (jpeg));
  g_byte_array_append (part, (const guint8 *)NEXT_BOUNDARY, strlen (NEXT_BOUNDARY));
  return g_byte_array_free_to_bytes (part);
}

/* Made once for all viewers of the picture, and kept as long as the picture is. One copy for each
 * picture buys one write instead of three for each viewer. */
static GBytes *
ensure_part (GstSample *sample)
{
  GstMiniObject *holder = GST_MINI_OBJECT_CAST (sample);
  GBytes *part = gst_mini_object_get_qdata (holder, part_quark ());

  if (part == NULL) {
    part = make_part (sample);
    gst_mini_object_set_qdata (holder, part_quark (), part, (GDestroyNotify)g_bytes_unref);
  }
  return part;
}

static GBytes *
make_first_block (GstSample *sample)
{
  GBytes *part = ensure_part (sample);
  GByteArray *block = g_byte_array_sized_new (g_bytes_get_size (part) + strlen (FIRST_BOUNDARY));

  g_byte_array_append (block, (const guint8 *)FIRST_BOUNDARY, strlen (FIRST_BOUNDARY));
  g_byte_array_append (block, g_bytes_get_data (part, NULL), g_bytes_get_size (part));
  return g_byte_array_free_to_bytes (block);
}

/* ---- viewers --------------------------------------------------------------------------------- */

static void
write_block (Viewer *viewer, GstSample *sample, GBytes *block)
{
  PhTraffic *traffic = ph_feed_get_traffic_any (viewer->counted);

  ph_traffic_note_age_any (traffic, GST_BUFFER_PTS (gst_sample_get_buffer (sample)));
  ph_traffic_note_sent_any (traffic, PH_VIEWER_MJPEG, g_bytes_get_size (block));
  ph_viewer_note_sent_any (viewer->listed, g_bytes_get_size (block));
  ph_stream_write (viewer->stream, block);
}

static void
note_dropped (Viewer *viewer)
{
  ph_traffic_note_dropped_any (ph_feed_get_traffic_any (viewer->counted), PH_VIEWER_MJPEG, 1);
  ph_viewer_note_dropped_any (viewer->listed, 1);
}

static gboolean
is_too_old (const Viewer *viewer)
{
  return g_get_monotonic_time () - viewer->waiting_since > viewer->owner->max_age_us;
}

static void
on_stream_ready (gpointer user_data)
{
  Viewer *viewer = user_data;
  g_autoptr (GstSample) sample = g_steal_pointer (&viewer->waiting);

  if (sample == NULL)
    return;
  if (is_too_old (viewer))
    note_dropped (viewer);
  else
    write_block (viewer, sample, ensure_part (sample));
}

static void
start_stream (Viewer *viewer, GstSample *sample)
{
  PhStreamOwner owner = { on_stream_ready, free_viewer, viewer };
  g_autoptr (GBytes) block = make_first_block (sample);

  g_clear_pointer (&viewer->wait, ph_wait_free);
  viewer->stream = ph_stream_new (viewer->message, CONTENT_TYPE, &owner);
  ph_traffic_note_first_picture_any (
      ph_feed_get_traffic_any (viewer->counted), PH_VIEWER_MJPEG, viewer->since);
  write_block (viewer, sample, block);
}

/* A picture that waits gives way to a newer one. */
static void
keep_waiting (Viewer *viewer, GstSample *sample)
{
  if (viewer->waiting != NULL)
    note_dropped (viewer);
  g_clear_pointer (&viewer->waiting, gst_sample_unref);
  viewer->waiting = gst_sample_ref (sample);
  viewer->waiting_since = g_get_monotonic_time ();
}

static void
show (GstSample *sample, gpointer user_data)
{
  Viewer *viewer = user_data;

  if (!ph_pacer_passes (&viewer->pacer, GST_BUFFER_PTS (gst_sample_get_buffer (sample))))
    return;
  if (viewer->stream == NULL)
    start_stream (viewer, sample);
  else if (ph_stream_is_ready (viewer->stream))
    write_block (viewer, sample, ensure_part (sample));
  else
    keep_waiting (viewer, sample);
}

void
ph_mjpeg_serve (PhMjpeg *self, PhRequest *request, PhFeed *feed, PhFeed *counted, double fps)
{
  g_autoptr (GstSample) at_hand = ph_pictures_dup_fresh (feed, FRESH);
  Viewer *viewer = g_new0 (Viewer, 1);

  viewer->owner = self;
  viewer->since = g_get_monotonic_time ();
  viewer->message = g_object_ref (request->message);
  viewer->feed = ph_feed_ref_any (feed);
  viewer->counted = ph_feed_ref_any (counted);
  ph_pacer_init (&viewer->pacer, fps);
  self->viewers = g_list_prepend (self->viewers, viewer);
  ph_feed_count_viewer_any (counted, PH_VIEWER_MJPEG, 1);
  viewer->listed = ph_request_add_viewer (
      request, PH_VIEWER_MJPEG, ph_feed_get_name_any (counted), &server, viewer);

  viewer->wait = ph_wait_new (request, FIRST_PICTURE_DEADLINE, free_viewer, viewer);
  viewer->watch = ph_pictures_watch (self->pictures, feed, show, viewer);
  if (at_hand != NULL)
    show (at_hand, viewer);
}

void
ph_mjpeg_handle (PhRequest *request, gpointer user_data)
{
  PhFeed *source = NULL;
  g_autoptr (PhFeed) feed = NULL;
  const PhStreamConfig *only;
  double fps;

  if (!ph_request_allow_keys (request, "stream", "fps", "width", NULL) ||
      !ph_request_get_double (request, "fps", LOWEST_FPS, HIGHEST_FPS, 0, &fps))
    return;
  only = ph_request_find_only_stream (request, request->camera);
  if (only != NULL && only->codec != PH_CODEC_JPEG) {
    ph_request_reply_text (request->message, SOUP_STATUS_FORBIDDEN,
        "Most of what may be sent outside this month is sent; until its end H.264 alone is offered "
        "there: live.mp4, index.m3u8, or RTSP.");
    return;
  }
  feed = ph_pictures_ref_feed (request, &source);
  if (feed == NULL)
    return;
  if (ph_request_is_head (request))
    ph_stream_reply_head (request->message, CONTENT_TYPE);
  else
    ph_mjpeg_serve (user_data, request, feed, source, fps);
}
