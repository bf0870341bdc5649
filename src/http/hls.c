/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls.h"

#include "http/hls-playlist.h"
#include "http/hls-stream.h"
#include "http/wait.h"

#include <string.h>

#define FIRST_SEGMENT_DEADLINE 15000 /* milliseconds */
#define PLAYLIST_TYPE "application/vnd.apple.mpegurl"
#define FILE_PREFIX "hls/" /* what the route's pattern makes sure of */
#define SEGMENT_TYPE "video/mp4"
/* What an encoder may exceed the bitrate by that it was asked for. */
#define BITRATE_MARGIN 1.1

struct _PhHls {
  PhFmp4Set *fmp4s;
  const PhHttpConfig *config;
  GHashTable *streams; /* PhFeed to PhHlsStream, owned */
  GList *waiters; /* element-type Waiter, owned */
};

/* What a playlist request is answered with; NULL: not yet. Caller owns it. */
typedef GBytes *(*MakePlaylist) (PhHls *self, PhCamera *camera, PhFeed *feed);

typedef struct {
  PhHls *owner;
  SoupServerMessage *message;
  PhCamera *camera;
  PhFeed *feed;
  MakePlaylist make_playlist;
  PhWait *wait;
} Waiter;

static void answer_waiters (PhHlsStream *stream, gpointer user_data);

static PhHlsStream *
ensure_stream (PhHls *self, PhFeed *feed)
{
  PhHlsStream *stream = g_hash_table_lookup (self->streams, feed);

  if (stream == NULL) {
    PhFmp4 *fmp4 = ph_fmp4_set_get (self->fmp4s, feed);

    stream = ph_hls_stream_new (fmp4, self->config, answer_waiters, self);
    g_hash_table_insert (self->streams, feed, stream);
  }
  return stream;
}

/* ---- playlists ------------------------------------------------------------------------------- */

static GBytes *
make_media_playlist (PhHls *self, PhCamera *camera, PhFeed *feed)
{
  GBytes *playlist = ph_hls_stream_get_playlist (ensure_stream (self, feed));

  return playlist != NULL ? g_bytes_ref (playlist) : NULL;
}

static const PhBranchPlan *
find_branch (PhCamera *camera, const char *stream)
{
  const PhPlan *plan = ph_camera_get_plan (camera);

  for (guint i = 0; plan != NULL && i < plan->branches->len; i++) {
    const PhBranchPlan *branch = g_ptr_array_index (plan->branches, i);

    if (g_str_equal (branch->stream, stream))
      return branch;
  }
  return NULL;
}

/* As asked for or planned, until it was seen once. */
static void
describe_size (PhHlsVariant *variant, const PhFmp4Header *header, const PhBranchPlan *branch,
    const PhStreamConfig *config)
{
  if (header != NULL) {
    variant->codecs = header->codec;
    variant->width = header->width;
    variant->height = header->height;
    variant->framerate = header->framerate;
  } else if (branch != NULL) {
    variant->width = branch->width;
    variant->height = branch->height;
    variant->framerate = branch->framerate;
  } else {
    variant->width = config->width;
    variant->height = config->height;
    variant->framerate = config->framerate;
  }
}

static void
describe_variant (PhHls *self, PhCamera *camera, PhFeed *feed, PhHlsVariant *variant)
{
  const char *name = ph_feed_get_name_any (feed);
  PhHlsStream *stream = ensure_stream (self, feed);
  const PhStreamConfig *config =
      ph_camera_config_find_stream (ph_camera_get_config (camera), name, PH_CODEC_H264);
  guint64 peak;

  ph_hls_stream_measure (stream, &peak, &variant->average_bandwidth);
  variant->bandwidth = MAX (peak, (guint64)(config->bitrate * 1000 * BITRATE_MARGIN));
  describe_size (variant, ph_hls_stream_get_header (stream), find_branch (camera, name), config);
}

static GBytes *
make_multivariant_playlist (PhHls *self, PhCamera *camera, PhFeed *first)
{
  guint n_feeds = ph_camera_get_n_feeds (camera);
  g_autofree PhHlsVariant *variants = g_new0 (PhHlsVariant, n_feeds);
  g_autoptr (GPtrArray) uris = g_ptr_array_new_with_free_func (g_free);
  char *text;

  if (ph_hls_stream_get_header (ensure_stream (self, first)) == NULL)
    return NULL;
  for (guint i = 0; i < n_feeds; i++) {
    PhFeed *feed = ph_camera_get_feed (camera, i);
    PhHlsVariant *variant = &variants[uris->len];

    if (ph_feed_get_codec_any (feed) != PH_CODEC_H264)
      continue;
    describe_variant (self, camera, feed, variant);
    variant->uri = g_strdup_printf ("index.m3u8?stream=%s", ph_feed_get_name_any (feed));
    g_ptr_array_add (uris, (gpointer)variant->uri);
  }
  text = ph_hls_playlist_make_multivariant (variants, uris->len);
  return g_bytes_new_take (text, strlen (text));
}

static void
reply_playlist (SoupServerMessage *message, GBytes *playlist)
{
  ph_request_reply_bytes (message, SOUP_STATUS_OK, PLAYLIST_TYPE, playlist);
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Cache-Control", "no-cache");
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void
free_waiter (gpointer data)
{
  Waiter *waiter = data;

  waiter->owner->waiters = g_list_remove (waiter->owner->waiters, waiter);
  ph_wait_free (waiter->wait);
  ph_feed_unref_any (waiter->feed);
  g_object_unref (waiter->camera);
  g_object_unref (waiter->message);
  g_free (waiter);
}

static void
maybe_answer (Waiter *waiter)
{
  g_autoptr (GBytes) playlist = waiter->make_playlist (waiter->owner, waiter->camera, waiter->feed);
  g_autoptr (SoupServerMessage) message = g_object_ref (waiter->message);

  if (playlist == NULL)
    return;
  free_waiter (waiter);
  reply_playlist (message, playlist);
  soup_server_message_unpause (message);
}

static void
answer_waiters (PhHlsStream *stream, gpointer user_data)
{
  PhHls *self = user_data;

  for (GList *link = self->waiters; link != NULL;) {
    Waiter *waiter = link->data;

    link = link->next;
    maybe_answer (waiter);
  }
}

static void
wait_for_playlist (PhHls *self, PhRequest *request, PhFeed *feed, MakePlaylist make_playlist)
{
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->owner = self;
  waiter->message = g_object_ref (request->message);
  waiter->camera = g_object_ref (request->camera);
  waiter->feed = ph_feed_ref_any (feed);
  waiter->make_playlist = make_playlist;
  waiter->wait = ph_wait_new (request, FIRST_SEGMENT_DEADLINE, free_waiter, waiter);
  self->waiters = g_list_prepend (self->waiters, waiter);
}

static void
answer_or_wait (PhHls *self, PhRequest *request, PhFeed *feed, MakePlaylist make_playlist)
{
  g_autoptr (GBytes) playlist = make_playlist (self, request->camera, feed);

  if (playlist != NULL)
    reply_playlist (request->message, playlist);
  else
    wait_for_playlist (self, request, feed, make_playlist);
}

/* ---- requests -------------------------------------------------------------------------------- */

/* Players say nothing of themselves that lasts; behind one address the program tells them apart. */
static char *
make_viewer_key (SoupServerMessage *message)
{
  const char *agent = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "User-Agent");
  const char *host = soup_server_message_get_remote_host (message);

  return g_strdup_printf ("%s %.200s", host != NULL ? host : "", agent != NULL ? agent : "");
}

static guint
count_h264_feeds (PhCamera *camera)
{
  guint n = 0;

  for (guint i = 0; i < ph_camera_get_n_feeds (camera); i++)
    n += ph_feed_get_codec_any (ph_camera_get_feed (camera, i)) == PH_CODEC_H264;
  return n;
}

void
ph_hls_handle_playlist (PhRequest *request, gpointer user_data)
{
  PhHls *self = user_data;
  g_autofree char *viewer = make_viewer_key (request->message);
  gboolean is_choice =
      (request->query == NULL || !g_hash_table_contains (request->query, "stream")) &&
      count_h264_feeds (request->camera) > 1;
  PhFeed *feed;

  if (!ph_request_allow_keys (request, "stream", NULL))
    return;
  feed = ph_request_find_feed (request, PH_CODEC_H264);
  if (feed == NULL)
    return;
  /* Most players take the first of several, so it is made ready meanwhile; who will watch which is
   * known when they ask for one. */
  ph_hls_stream_note_request (ensure_stream (self, feed), is_choice ? NULL : viewer);
  answer_or_wait (
      self, request, feed, is_choice ? make_multivariant_playlist : make_media_playlist);
}

static void
reply_file (SoupServerMessage *message, GBytes *file)
{
  ph_request_reply_bytes (message, SOUP_STATUS_OK, SEGMENT_TYPE, file);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Cache-Control",
      "public, max-age=31536000, immutable");
}

/* rest is "hls/STREAM/FILE". A stream nobody asked a playlist of has no files. */
static PhHlsStream *
find_stream (PhHls *self, PhRequest *request, const char **file_name)
{
  const char *path = request->rest + strlen (FILE_PREFIX);
  const char *slash = strchr (path, '/');
  g_autofree char *name = NULL;
  PhFeed *feed;

  if (slash == NULL)
    return NULL;
  name = g_strndup (path, slash - path);
  feed = ph_camera_find_feed (request->camera, name, PH_CODEC_H264);
  *file_name = slash + 1;
  return feed != NULL ? g_hash_table_lookup (self->streams, feed) : NULL;
}

void
ph_hls_handle_file (PhRequest *request, gpointer user_data)
{
  PhHls *self = user_data;
  const char *file_name = NULL;
  PhHlsStream *stream = find_stream (self, request, &file_name);
  GBytes *file = stream != NULL ? ph_hls_stream_find (stream, file_name) : NULL;
  g_autofree char *viewer = make_viewer_key (request->message);

  if (!ph_request_allow_keys (request, NULL))
    return;
  if (file == NULL) {
    ph_request_reply_text (request->message, SOUP_STATUS_NOT_FOUND,
        "There is no such segment; it is long gone, or never was.");
    return;
  }
  ph_hls_stream_note_request (stream, viewer);
  reply_file (request->message, file);
}

PhHls *
ph_hls_new (PhFmp4Set *fmp4s, const PhHttpConfig *config)
{
  PhHls *self = g_new0 (PhHls, 1);

  self->fmp4s = fmp4s;
  self->config = config;
  self->streams = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)ph_hls_stream_free);
  return self;
}

void
ph_hls_free (PhHls *self)
{
  while (self->waiters != NULL) {
    Waiter *waiter = self->waiters->data;

    ph_wait_give_up (waiter->wait);
    free_waiter (waiter);
  }
  g_hash_table_unref (self->streams);
  g_free (self);
}
