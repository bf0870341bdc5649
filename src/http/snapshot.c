/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/snapshot.h"

#include "http/wait.h"

#define DEFAULT_MAX_AGE 1.0 /* seconds */
#define LARGEST_MAX_AGE 3600.0
#define DEADLINE 10000 /* milliseconds */

struct _PhSnapshot {
  PhPictures *pictures;
  GList *waiters; /* element-type Waiter, owned */
};

typedef struct {
  PhSnapshot *owner;
  SoupServerMessage *message;
  PhFeed *feed, *counted;
  gint64 since; /* monotonic time */
  gboolean takes_placeholder;
  char *file_name; /* nullable */
  PhViewers *viewers; /* unowned; nullable */
  PhViewer *listed; /* nullable */
  char *peer;
  PhWait *wait;
  PhPictureWatch *watch;
} Waiter;

PhSnapshot *
ph_snapshot_new (PhPictures *pictures)
{
  PhSnapshot *self = g_new0 (PhSnapshot, 1);

  self->pictures = pictures;
  return self;
}

static void
free_waiter (gpointer data)
{
  Waiter *waiter = data;

  waiter->owner->waiters = g_list_remove (waiter->owner->waiters, waiter);
  ph_feed_count_viewer_any (waiter->counted, PH_VIEWER_SNAPSHOT, -1);
  ph_viewer_leave_any (waiter->listed);
  ph_picture_watch_free (waiter->watch);
  ph_wait_free (waiter->wait);
  ph_feed_unref_any (waiter->feed);
  ph_feed_unref_any (waiter->counted);
  g_free (waiter->file_name);
  g_free (waiter->peer);
  g_object_unref (waiter->message);
  g_free (waiter);
}

static void
set_times (SoupMessageHeaders *headers, GstSample *sample, const char *file_name)
{
  gint64 taken = ph_picture_get_time (sample);
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (taken / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = g_date_time_to_local (utc);
  g_autofree char *last_modified = soup_date_time_to_string (utc, SOUP_DATE_HTTP);
  g_autofree char *time = g_date_time_format (local, "%Y%m%d-%H%M%S");
  g_autofree char *stamp = g_strdup_printf (
      "%" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT, taken / G_USEC_PER_SEC, taken % G_USEC_PER_SEC);

  soup_message_headers_replace (headers, "Last-Modified", last_modified);
  soup_message_headers_replace (headers, "X-Timestamp", stamp);
  if (file_name != NULL) {
    g_autofree char *disposition =
        g_strdup_printf ("attachment; filename=\"%s-%s.jpg\"", file_name, time);

    soup_message_headers_replace (headers, "Content-Disposition", disposition);
  }
}

/* Its bytes. */
static gsize
reply_picture (SoupServerMessage *message, GstSample *sample, PhFeed *counted, gint64 since,
    const char *file_name)
{
  PhTraffic *traffic = ph_feed_get_traffic_any (counted);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autoptr (GBytes) jpeg = ph_picture_dup_bytes (sample);

  ph_request_reply_bytes (message, SOUP_STATUS_OK, "image/jpeg", jpeg);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  set_times (headers, sample, file_name);
  ph_traffic_note_sent_any (traffic, PH_VIEWER_SNAPSHOT, g_bytes_get_size (jpeg));
  ph_traffic_note_first_picture_any (traffic, PH_VIEWER_SNAPSHOT, since);
  return g_bytes_get_size (jpeg);
}

static void
on_picture (GstSample *sample, gpointer user_data)
{
  Waiter *waiter = user_data;
  gsize n_bytes;

  if (!waiter->takes_placeholder && ph_feed_has_placeholder_any (waiter->counted)) {
    ph_wait_give_up (waiter->wait);
    free_waiter (waiter);
    return;
  }
  n_bytes =
      reply_picture (waiter->message, sample, waiter->counted, waiter->since, waiter->file_name);
  if (waiter->listed != NULL)
    ph_viewer_note_sent_any (waiter->listed, n_bytes);
  else
    ph_viewers_note_guest_any (waiter->viewers, waiter->peer, n_bytes);
  soup_server_message_unpause (waiter->message);
  free_waiter (waiter);
}

static void
send_away (gpointer data)
{
  Waiter *waiter = data;

  ph_wait_give_up (waiter->wait);
  free_waiter (waiter);
}

void
ph_snapshot_drop_feed (PhSnapshot *self, PhFeed *feed)
{
  for (GList *link = self->waiters; link != NULL;) {
    Waiter *waiter = link->data;

    link = link->next;
    if (waiter->counted == feed)
      send_away (waiter);
  }
}

void
ph_snapshot_free (PhSnapshot *self)
{
  while (self->waiters != NULL)
    send_away (self->waiters->data);
  g_free (self);
}

static const PhViewerServer server = { .end = send_away };

/* Whoever makes a camera start takes a viewer's place until the picture is there. */
static gboolean
must_be_viewer (PhRequest *request)
{
  return request->camera != NULL && ph_camera_get_state (request->camera) != PH_CAMERA_LIVE;
}

void
ph_snapshot_serve (
    PhSnapshot *self, PhRequest *request, PhFeed *feed, PhFeed *counted, const PhSnapshotWish *wish)
{
  g_autoptr (GstSample) at_hand = ph_pictures_dup_fresh (feed, wish->max_age);
  g_autofree char *peer = ph_request_dup_peer (request);
  gboolean is_viewer;
  Waiter *waiter;

  if (!wish->takes_placeholder && ph_feed_has_placeholder_any (counted)) {
    ph_request_reply_lost (request);
    return;
  }
  if (at_hand != NULL) {
    gsize n_bytes = reply_picture (
        request->message, at_hand, counted, g_get_monotonic_time (), wish->file_name);

    ph_viewers_note_guest_any (request->viewers, peer, n_bytes);
    return;
  }
  is_viewer = must_be_viewer (request);
  if (is_viewer && !ph_http_guard_has_room (request->guard, request->message))
    return;
  waiter = g_new0 (Waiter, 1);
  waiter->owner = self;
  waiter->since = g_get_monotonic_time ();
  waiter->message = g_object_ref (request->message);
  waiter->feed = ph_feed_ref_any (feed);
  waiter->counted = ph_feed_ref_any (counted);
  waiter->takes_placeholder = wish->takes_placeholder;
  waiter->file_name = g_strdup (wish->file_name);
  waiter->viewers = request->viewers;
  waiter->peer = g_steal_pointer (&peer);
  self->waiters = g_list_prepend (self->waiters, waiter);
  ph_feed_count_viewer_any (counted, PH_VIEWER_SNAPSHOT, 1);
  if (is_viewer)
    waiter->listed = ph_request_add_viewer (
        request, PH_VIEWER_SNAPSHOT, ph_feed_get_name_any (counted), &server, waiter);

  waiter->wait = ph_wait_new (request, DEADLINE, free_waiter, waiter);
  waiter->watch = ph_pictures_watch (self->pictures, feed, on_picture, waiter);
}

void
ph_snapshot_handle (PhRequest *request, gpointer user_data)
{
  PhFeed *source = NULL;
  g_autoptr (PhFeed) feed = NULL;
  PhSnapshotWish wish = { 0 };
  gboolean is_download;

  if (!ph_request_allow_keys (
          request, "stream", "width", "max_age", "placeholder", "download", NULL) ||
      !ph_request_get_boolean (request, "download", &is_download) ||
      !ph_request_get_boolean (request, "placeholder", &wish.takes_placeholder) ||
      !ph_request_get_double (
          request, "max_age", 0, LARGEST_MAX_AGE, DEFAULT_MAX_AGE, &wish.max_age))
    return;
  if (is_download)
    wish.file_name = ph_camera_get_config (request->camera)->name;
  feed = ph_pictures_ref_feed (request, &source);
  if (feed != NULL)
    ph_snapshot_serve (user_data, request, feed, source, &wish);
}
