/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls.h"

#include "http/connection.h"
#include "http/hls-playlist.h"
#include "http/hls-stream.h"
#include "http/hls-variant.h"
#include "http/wait.h"

#include <string.h>

#define FIRST_SEGMENT_DEADLINE 15000 /* milliseconds */
/* Of a request for what is still to come (RFC 8216bis, 6.2.5.2), in target durations. */
#define TARGETS_OF_PATIENCE 3
#define MOST_PARTS 100000
#define PLAYLIST_TYPE "application/vnd.apple.mpegurl"
#define FILE_PREFIX "hls/" /* what the route's pattern makes sure of */
#define SEGMENT_TYPE "video/mp4"

struct _PhHls {
  PhFmp4Set *fmp4s;
  const PhHttpConfig *config;
  GHashTable *streams; /* PhFeed to PhHlsStream, owned */
  GList *waiters; /* element-type Waiter, owned */
};

/* What a playlist request is answered with; NULL: not yet. Caller owns it. */
typedef GBytes *(*MakePlaylist) (PhHls *self, PhCamera *camera, PhFeed *feed);

/* What is asked for: a file, or a playlist, which may have to have come so far. */
typedef struct {
  PhCamera *camera;
  PhFeed *feed;
  PhHlsStream *stream;
  const char *viewer; /* tells one who asks from another */
  const char *file_name; /* nullable */
  MakePlaylist make_playlist; /* nullable */
  gboolean is_blocking;
  guint number; /* if it is blocking: of a segment, */
  guint part; /* and of a part of it, or PH_HLS_WHOLE_SEGMENT */
} Wish;

typedef struct {
  PhHls *owner;
  SoupServerMessage *message;
  Wish wish; /* camera, feed, viewer and file_name owned */
  PhWait *wait;
} Waiter;

static void answer_waiters (PhHlsStream *stream, gpointer user_data);

static gboolean
is_waited_for (PhHls *self, PhHlsStream *stream)
{
  for (GList *link = self->waiters; link != NULL; link = link->next)
    if (((Waiter *)link->data)->wish.stream == stream)
      return TRUE;
  return FALSE;
}

static PhHlsStream *
ensure_stream (PhHls *self, PhFeed *feed)
{
  PhHlsStream *stream = g_hash_table_lookup (self->streams, feed);

  if (stream == NULL ||
      (!ph_hls_stream_may_go_on (stream, self->config) && !is_waited_for (self, stream))) {
    PhFmp4 *fmp4 = ph_fmp4_set_get (self->fmp4s, feed);

    stream = ph_hls_stream_new (fmp4, self->config, answer_waiters, self);
    g_hash_table_insert (self->streams, feed, stream);
  }
  return stream;
}

/* ---- playlists ------------------------------------------------------------------------------- */

/* How far those are that a player may change over to, as far as they run. */
static GString *
report_renditions (PhHls *self, PhCamera *camera, PhFeed *feed)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ph_camera_get_n_feeds (camera); i++) {
    PhFeed *other = ph_camera_get_feed (camera, i);
    PhHlsStream *stream = g_hash_table_lookup (self->streams, other);
    g_autofree char *uri = g_strdup_printf ("index.m3u8?stream=%s", ph_feed_get_name_any (other));
    guint64 sequence;
    guint part;

    if (other != feed && stream != NULL && ph_hls_stream_get_last (stream, &sequence, &part))
      ph_hls_playlist_append_report (text, uri, sequence, part);
  }
  return text;
}

static GBytes *
add_reports (PhHls *self, PhCamera *camera, PhFeed *feed, GBytes *playlist)
{
  g_autoptr (GString) text = report_renditions (self, camera, feed);
  gsize size;
  const char *data = g_bytes_get_data (playlist, &size);

  if (text->len == 0)
    return g_bytes_ref (playlist);
  g_string_prepend_len (text, data, size);
  return g_string_free_to_bytes (g_steal_pointer (&text));
}

static GBytes *
make_playlist_of (PhHls *self, PhCamera *camera, PhFeed *feed, GBytes *playlist)
{
  PhHlsStream *stream = g_hash_table_lookup (self->streams, feed);
  guint64 sequence;
  guint part;

  if (playlist == NULL)
    return NULL;
  if (!ph_hls_stream_get_last (stream, &sequence, &part) || part == PH_HLS_NO_PART)
    return g_bytes_ref (playlist);
  return add_reports (self, camera, feed, playlist);
}

static GBytes *
make_media_playlist (PhHls *self, PhCamera *camera, PhFeed *feed)
{
  PhHlsStream *stream = ensure_stream (self, feed);

  return make_playlist_of (self, camera, feed, ph_hls_stream_get_playlist (stream));
}

static GBytes *
make_delta_update (PhHls *self, PhCamera *camera, PhFeed *feed)
{
  PhHlsStream *stream = ensure_stream (self, feed);

  return make_playlist_of (self, camera, feed, ph_hls_stream_get_delta (stream));
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
    ph_hls_variant_describe (variant, camera, feed, ensure_stream (self, feed));
    variant->uri = g_strdup_printf ("index.m3u8?stream=%s", ph_feed_get_name_any (feed));
    g_ptr_array_add (uris, (gpointer)variant->uri);
  }
  text = ph_hls_playlist_make_multivariant (variants, uris->len);
  return g_bytes_new_take (text, strlen (text));
}

/* Players say nothing of themselves that lasts; behind one address the program tells them apart. */
static char *
make_viewer_key (PhRequest *request)
{
  const char *agent = soup_message_headers_get_one (
      soup_server_message_get_request_headers (request->message), "User-Agent");
  g_autofree char *peer = ph_request_dup_peer (request);

  return g_strdup_printf ("%s %.200s", peer != NULL ? peer : "", agent != NULL ? agent : "");
}

static void
reply_playlist (SoupServerMessage *message, const Wish *wish, GBytes *playlist)
{
  ph_hls_stream_note_answer (wish->stream, wish->viewer, g_bytes_get_size (playlist), FALSE);
  ph_request_reply_bytes (message, SOUP_STATUS_OK, PLAYLIST_TYPE, playlist);
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Cache-Control", "no-cache");
}

/* ---- files ----------------------------------------------------------------------------------- */

static void
reply_file (SoupServerMessage *message, const Wish *wish, GBytes *file)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  const char *scope = soup_message_headers_get_one (headers, "Cache-Control");
  g_autofree char *rule = g_strconcat (
      g_strcmp0 (scope, "private") == 0 ? scope : "public", ", max-age=31536000, immutable", NULL);

  ph_hls_stream_note_answer (wish->stream, wish->viewer, g_bytes_get_size (file),
      g_str_has_suffix (wish->file_name, ".m4s"));
  ph_request_reply_bytes (message, SOUP_STATUS_OK, SEGMENT_TYPE, file);
  soup_message_headers_replace (headers, "Cache-Control", rule);
}

static void
reply_gone (SoupServerMessage *message)
{
  ph_request_reply_text (
      message, SOUP_STATUS_NOT_FOUND, "There is no such segment; it is long gone, or never was.");
}

static void
reply_sent_away (SoupServerMessage *message)
{
  ph_request_reply_text (message, SOUP_STATUS_FORBIDDEN, "You were sent away; come back later");
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void
free_waiter (gpointer data)
{
  Waiter *waiter = data;

  waiter->owner->waiters = g_list_remove (waiter->owner->waiters, waiter);
  ph_wait_free (waiter->wait);
  ph_feed_unref_any (waiter->wish.feed);
  g_object_unref (waiter->wish.camera);
  g_free ((char *)waiter->wish.viewer);
  g_free ((char *)waiter->wish.file_name);
  g_object_unref (waiter->message);
  g_free (waiter);
}

/* FALSE: what is wished for is still to come. */
static gboolean
try_reply_file (SoupServerMessage *message, const Wish *wish)
{
  GBytes *file = ph_hls_stream_find (wish->stream, wish->file_name);

  if (file != NULL)
    reply_file (message, wish, file);
  else if (ph_hls_stream_is_hinted (wish->stream, wish->file_name))
    return FALSE;
  else
    reply_gone (message);
  return TRUE;
}

static gboolean
try_reply_playlist (PhHls *self, SoupServerMessage *message, const Wish *wish)
{
  PhHlsRingOutlook outlook = PH_HLS_RING_HAS;
  g_autoptr (GBytes) playlist = NULL;

  if (wish->is_blocking)
    outlook = ph_hls_stream_look_for (wish->stream, wish->number, wish->part);
  if (outlook == PH_HLS_RING_TOO_FAR_AHEAD) {
    ph_request_reply_text (message, SOUP_STATUS_BAD_REQUEST,
        "The query keys _HLS_msn and _HLS_part ask for what is too far ahead.");
    return TRUE;
  }
  if (outlook == PH_HLS_RING_HAS)
    playlist = wish->make_playlist (self, wish->camera, wish->feed);
  if (playlist != NULL)
    reply_playlist (message, wish, playlist);
  return playlist != NULL;
}

static gboolean
try_reply (PhHls *self, SoupServerMessage *message, const Wish *wish)
{
  if (wish->file_name != NULL)
    return try_reply_file (message, wish);
  return try_reply_playlist (self, message, wish);
}

static void
maybe_answer (Waiter *waiter)
{
  g_autoptr (SoupServerMessage) message = g_object_ref (waiter->message);

  if (!try_reply (waiter->owner, message, &waiter->wish))
    return;
  free_waiter (waiter);
  soup_server_message_unpause (message);
}

static void
answer_waiters (PhHlsStream *stream, gpointer user_data)
{
  PhHls *self = user_data;

  for (GList *link = self->waiters; link != NULL;) {
    Waiter *waiter = link->data;

    link = link->next;
    if (waiter->wish.stream == stream)
      maybe_answer (waiter);
  }
}

/* In milliseconds. Whoever knows of a part has seen the camera run. */
static guint
get_deadline (const Wish *wish)
{
  if (ph_hls_stream_get_playlist (wish->stream) == NULL)
    return FIRST_SEGMENT_DEADLINE;
  return TARGETS_OF_PATIENCE * ph_hls_stream_get_target_duration (wish->stream) * 1000;
}

static void
wait_for (PhHls *self, PhRequest *request, const Wish *wish)
{
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->owner = self;
  waiter->message = g_object_ref (request->message);
  waiter->wish = *wish;
  waiter->wish.camera = g_object_ref (wish->camera);
  waiter->wish.feed = ph_feed_ref_any (wish->feed);
  waiter->wish.viewer = g_strdup (wish->viewer);
  waiter->wish.file_name = g_strdup (wish->file_name);
  waiter->wait = ph_wait_new (request, get_deadline (wish), free_waiter, waiter);
  self->waiters = g_list_prepend (self->waiters, waiter);
}

/* ---- requests that are repeated -------------------------------------------------------------- */

typedef struct {
  PhHls *hls;
  PhFeed *feed;
  char *viewer;
  char *peer; /* nullable */
} Repeated;

static void
free_repeated (gpointer data)
{
  Repeated *repeated = data;

  ph_feed_unref_any (repeated->feed);
  g_free (repeated->viewer);
  g_free (repeated->peer);
  g_free (repeated);
}

static GBytes *
look_up_again (
    PhHls *self, PhCamera *camera, PhFeed *feed, PhHlsStream *stream, const char *file_name)
{
  GBytes *file;

  if (file_name == NULL)
    return make_media_playlist (self, camera, feed);
  file = ph_hls_stream_find (stream, file_name);
  return file != NULL ? g_bytes_ref (file) : NULL;
}

/* What is there already, of a stream that goes on as it is, for one who is not told to save. */
static GBytes *
find_again (PhRequest *request, const char *file_name, gpointer user_data)
{
  Repeated *repeated = user_data;
  PhHls *self = repeated->hls;
  PhHlsStream *stream = g_hash_table_lookup (self->streams, repeated->feed);
  g_autoptr (GBytes) found = NULL;

  if (stream == NULL || !ph_hls_stream_may_go_on (stream, self->config) ||
      ph_viewers_must_save_any (request->viewers, repeated->peer))
    return NULL;
  found = look_up_again (self, request->camera, repeated->feed, stream, file_name);
  if (found == NULL)
    return NULL;
  ph_hls_stream_note_request (stream, repeated->viewer);
  if (!ph_hls_stream_admits (stream, request, repeated->viewer))
    return NULL;
  ph_hls_stream_note_answer (stream, repeated->viewer, g_bytes_get_size (found),
      file_name != NULL && g_str_has_suffix (file_name, ".m4s"));
  return g_steal_pointer (&found);
}

static void
offer_repetition (PhHls *self, PhRequest *request, const Wish *wish, const char *viewer)
{
  const PhRepetitionSource source = { find_again, free_repeated, g_new0 (Repeated, 1) };
  Repeated *repeated = source.user_data;

  repeated->hls = self;
  repeated->feed = ph_feed_ref_any (wish->feed);
  repeated->viewer = g_strdup (viewer);
  repeated->peer = ph_request_dup_peer (request);
  ph_http_connection_offer_repetition (request, wish->file_name != NULL, &source);
}

/* ---- requests -------------------------------------------------------------------------------- */

/* The list of streams is asked for once, and one that waits for what is to come asks for something
 * else each time. */
static gboolean
is_repeated (const Wish *wish)
{
  return wish->file_name != NULL ||
         (wish->make_playlist == make_media_playlist && !wish->is_blocking);
}

static void
answer_or_wait (PhHls *self, PhRequest *request, const Wish *wish, const char *viewer)
{
  if (!try_reply (self, request->message, wish))
    wait_for (self, request, wish);
  else if (soup_server_message_get_status (request->message) == SOUP_STATUS_OK &&
           is_repeated (wish))
    offer_repetition (self, request, wish, viewer);
}

static guint
count_h264_feeds (PhCamera *camera)
{
  guint n = 0;

  for (guint i = 0; i < ph_camera_get_n_feeds (camera); i++)
    n += ph_feed_get_codec_any (ph_camera_get_feed (camera, i)) == PH_CODEC_H264;
  return n;
}

static gboolean
read_directives (PhRequest *request, Wish *wish)
{
  gboolean has_part = request->query != NULL && g_hash_table_contains (request->query, "_HLS_part");

  wish->is_blocking = request->query != NULL && g_hash_table_contains (request->query, "_HLS_msn");
  if (!ph_request_get_uint (request, "_HLS_msn", 0, G_MAXUINT, 0, &wish->number) ||
      !ph_request_get_uint (request, "_HLS_part", 0, MOST_PARTS, PH_HLS_WHOLE_SEGMENT, &wish->part))
    return FALSE;
  if (has_part && !wish->is_blocking)
    ph_request_reply_text (request->message, SOUP_STATUS_BAD_REQUEST,
        "The query key _HLS_part needs _HLS_msn beside it.");
  return !has_part || wish->is_blocking;
}

void
ph_hls_handle_playlist (PhRequest *request, gpointer user_data)
{
  PhHls *self = user_data;
  g_autofree char *viewer = make_viewer_key (request);
  const char *skip =
      request->query != NULL ? g_hash_table_lookup (request->query, "_HLS_skip") : NULL;
  gboolean is_delta = g_strcmp0 (skip, "YES") == 0 || g_strcmp0 (skip, "v2") == 0;
  gboolean is_choice =
      (request->query == NULL || !g_hash_table_contains (request->query, "stream")) &&
      count_h264_feeds (request->camera) > 1 && !request->is_over &&
      !ph_request_must_save (request);
  Wish wish = { .camera = request->camera, .viewer = viewer };

  if (!ph_request_allow_keys (request, "stream", "_HLS_msn", "_HLS_part", "_HLS_skip", NULL) ||
      !read_directives (request, &wish))
    return;
  wish.feed = ph_request_find_feed (request, PH_CODEC_H264);
  if (wish.feed == NULL)
    return;
  if (request->is_over && !g_hash_table_contains (self->streams, wish.feed)) {
    ph_request_reply_text (request->message, SOUP_STATUS_NOT_FOUND, "This stream is over");
    return;
  }
  wish.stream = ensure_stream (self, wish.feed);
  wish.make_playlist = is_choice  ? make_multivariant_playlist
                       : is_delta ? make_delta_update
                                  : make_media_playlist;
  wish.is_blocking = wish.is_blocking && !is_choice;
  /* Most players take the first of several, so it is made ready meanwhile; who will watch which is
   * known when they ask for one. */
  ph_hls_stream_note_request (wish.stream, is_choice ? NULL : viewer);
  if (!ph_hls_stream_admits (wish.stream, request, viewer))
    reply_sent_away (request->message);
  else
    answer_or_wait (self, request, &wish, viewer);
}

/* rest is "hls/STREAM/FILE". A stream nobody asked a playlist of has no files. */
static gboolean
find_file (PhHls *self, PhRequest *request, Wish *wish)
{
  const char *path = request->rest + strlen (FILE_PREFIX);
  const char *slash = strchr (path, '/');
  g_autofree char *name = NULL;

  if (slash == NULL)
    return FALSE;
  name = g_strndup (path, slash - path);
  wish->camera = request->camera;
  wish->feed = ph_camera_find_feed (request->camera, name, PH_CODEC_H264);
  wish->stream = wish->feed != NULL ? g_hash_table_lookup (self->streams, wish->feed) : NULL;
  wish->file_name = slash + 1;
  return wish->stream != NULL && (ph_hls_stream_find (wish->stream, wish->file_name) != NULL ||
                                     ph_hls_stream_is_hinted (wish->stream, wish->file_name));
}

void
ph_hls_handle_file (PhRequest *request, gpointer user_data)
{
  PhHls *self = user_data;
  g_autofree char *viewer = make_viewer_key (request);
  Wish wish = { .viewer = viewer };

  if (!ph_request_allow_keys (request, NULL))
    return;
  if (!find_file (self, request, &wish)) {
    reply_gone (request->message);
    return;
  }
  if (!ph_request_allow_feed (request, wish.feed))
    return;
  ph_hls_stream_note_request (wish.stream, viewer);
  if (!ph_hls_stream_admits (wish.stream, request, viewer))
    reply_sent_away (request->message);
  else
    answer_or_wait (self, request, &wish, viewer);
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
ph_hls_set_config (PhHls *self, const PhHttpConfig *config)
{
  self->config = config;
}

static void
send_away (Waiter *waiter)
{
  ph_wait_give_up (waiter->wait);
  free_waiter (waiter);
}

guint
ph_hls_end_feed (PhHls *self, PhFeed *feed)
{
  PhHlsStream *stream = g_hash_table_lookup (self->streams, feed);

  return stream != NULL ? ph_hls_stream_end (stream) : 0;
}

void
ph_hls_drop_feed (PhHls *self, PhFeed *feed)
{
  for (GList *link = self->waiters; link != NULL;) {
    Waiter *waiter = link->data;

    link = link->next;
    if (waiter->wish.feed == feed)
      send_away (waiter);
  }
  g_hash_table_remove (self->streams, feed);
}

void
ph_hls_free (PhHls *self)
{
  while (self->waiters != NULL)
    send_away (self->waiters->data);
  g_hash_table_unref (self->streams);
  g_free (self);
}
