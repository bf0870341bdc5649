/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/request.h"

#include "base/reader.h"
#include "camera/allowance.h"

#include <math.h>
#include <string.h>

#define LONGEST_QUOTE 40 /* bytes of a request that an answer repeats */

static void
identify (PhRequest *request, char **peer, char **user)
{
  if (request->guard != NULL && request->guard->identify != NULL)
    request->guard->identify (request->message, peer, user, request->guard->user_data);
  else
    *peer = g_strdup (soup_server_message_get_remote_host (request->message));
}

char *
ph_request_dup_peer (PhRequest *request)
{
  g_autofree char *user = NULL;
  char *peer = NULL;

  identify (request, &peer, &user);
  return peer;
}

gboolean
ph_request_must_save (PhRequest *request)
{
  g_autofree char *peer = ph_request_dup_peer (request);

  return ph_viewers_must_save_any (request->viewers, peer);
}

PhViewer *
ph_request_add_viewer (PhRequest *request, PhViewerKind kind, const char *stream,
    const PhViewerServer *server, gpointer data)
{
  g_autofree char *peer = NULL;
  g_autofree char *user = NULL;
  PhViewerInfo info = {
    .kind = kind,
    .camera = request->camera != NULL ? ph_camera_get_config (request->camera)->name : NULL,
    .stream = (char *)stream,
  };

  identify (request, &peer, &user);
  info.peer = peer;
  info.user = user;
  return ph_viewers_add_any (request->viewers, &info, server, data);
}

gboolean
ph_request_is_head (const PhRequest *request)
{
  return soup_server_message_get_method (request->message) == SOUP_METHOD_HEAD;
}

static gboolean
is_below_api (SoupServerMessage *message)
{
  GUri *uri = soup_server_message_get_uri (message);

  return uri != NULL && g_str_has_prefix (g_uri_get_path (uri), "/api/");
}

static char *
make_json_error (const char *sentence)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_add_string_value (builder, sentence);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

/* NULL: libsoup knows it. */
static const char *
find_phrase (guint status)
{
  switch (status) {
  case SOUP_STATUS_MISDIRECTED_REQUEST:
    return "Misdirected Request";
  case PH_STATUS_TOO_MANY_REQUESTS:
    return "Too Many Requests";
  case PH_STATUS_HEADERS_TOO_LARGE:
    return "Request Header Fields Too Large";
  default:
    return NULL;
  }
}

void
ph_request_reply_bytes (
    SoupServerMessage *message, guint status, const char *content_type, GBytes *body)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  SoupMessageBody *to = soup_server_message_get_response_body (message);

  soup_server_message_set_status (message, status, find_phrase (status));
  soup_message_headers_set_content_type (headers, content_type, NULL);
  soup_message_body_truncate (to);
  if (g_bytes_get_size (body) > 0)
    soup_message_body_append_bytes (to, body);
}

void
ph_request_reply_text (SoupServerMessage *message, guint status, const char *sentence)
{
  gboolean is_json = is_below_api (message);
  g_autofree char *text = is_json ? make_json_error (sentence) : g_strdup (sentence);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  g_autoptr (GBytes) body = g_bytes_new_take (line, strlen (line));

  (void)g_steal_pointer (&line);
  ph_request_reply_bytes (
      message, status, is_json ? "application/json" : "text/plain; charset=utf-8", body);
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Cache-Control", "no-store");
}

void
ph_request_reply_json (SoupServerMessage *message, JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, FALSE);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  g_autoptr (GBytes) body = g_bytes_new (line, strlen (line));
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  gint64 now = g_get_real_time ();
  g_autofree char *stamp = g_strdup_printf (
      "%" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT, now / G_USEC_PER_SEC, now % G_USEC_PER_SEC);

  ph_request_reply_bytes (message, SOUP_STATUS_OK, "application/json", body);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "X-Timestamp", stamp);
}

void
ph_request_reply_problems (SoupServerMessage *message, const char *sentence, GPtrArray *problems)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_add_string_value (builder, sentence);
  json_builder_set_member_name (builder, "problems");
  json_builder_begin_array (builder);
  for (guint i = 0; i < problems->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (problems, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ph_request_reply_json (message, builder);
  soup_server_message_set_status (message, SOUP_STATUS_UNPROCESSABLE_ENTITY, NULL);
}

void
ph_request_reply_format (SoupServerMessage *message, guint status, const char *format, ...)
{
  g_autofree char *sentence = NULL;
  va_list arguments;

  va_start (arguments, format);
  sentence = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  ph_request_reply_text (message, status, sentence);
}

/* Of all its streams; negative: there was none. */
static double
get_age_of_last_picture (PhCamera *camera)
{
  GstClockTime newest = GST_CLOCK_TIME_NONE;

  for (guint i = 0; i < ph_camera_get_n_feeds (camera); i++) {
    GstClockTime last = ph_feed_get_last_picture_any (ph_camera_get_feed (camera, i));

    if (GST_CLOCK_TIME_IS_VALID (last) && (!GST_CLOCK_TIME_IS_VALID (newest) || last > newest))
      newest = last;
  }
  if (!GST_CLOCK_TIME_IS_VALID (newest))
    return -1;
  return MAX (GST_CLOCK_DIFF (newest, ph_feed_now_any ()), 0) / (double)GST_SECOND;
}

static void
reply_reason (PhRequest *request, const char *reason)
{
  double age = get_age_of_last_picture (request->camera);
  g_autofree char *seconds = g_strdup_printf ("%.0f", age);

  if (age < 0) {
    ph_request_reply_format (
        request->message, SOUP_STATUS_SERVICE_UNAVAILABLE, "The camera has no picture: %s", reason);
    return;
  }
  ph_request_reply_format (request->message, SOUP_STATUS_SERVICE_UNAVAILABLE,
      "The camera has no picture: %s; the last one is %s s old", reason, seconds);
  soup_message_headers_replace (
      soup_server_message_get_response_headers (request->message), "X-Last-Picture-Age", seconds);
}

void
ph_request_reply_lost (PhRequest *request)
{
  PhCamera *camera = request->camera;
  double wait = camera != NULL ? ceil (ph_camera_get_retry_in (camera)) : 0;
  const char *reason = camera != NULL ? ph_camera_get_last_error (camera) : NULL;
  g_autofree char *seconds = g_strdup_printf ("%.0f", CLAMP (wait, 1, 3600));

  if (reason != NULL)
    reply_reason (request, reason);
  else
    ph_request_reply_text (request->message, SOUP_STATUS_SERVICE_UNAVAILABLE,
        "The camera has given no picture in time; try again");
  soup_message_headers_replace (
      soup_server_message_get_response_headers (request->message), "Retry-After", seconds);
}

/* What a stranger wrote, fit to stand in an answer: short, printable, valid UTF-8. */
static char *
quote (const char *text)
{
  g_autofree char *whole = g_utf8_make_valid (text, -1);
  const char *end = whole;
  g_autofree char *cut = NULL;
  g_autofree char *escaped = NULL;

  while (*end != '\0' && end - whole < LONGEST_QUOTE)
    end = g_utf8_next_char (end);
  cut = g_strndup (whole, end - whole);
  escaped = g_strescape (cut, NULL);
  return g_strdup_printf ("\"%s\"%s", escaped, *end != '\0' ? "…" : "");
}

static const char *
look_up (PhRequest *request, const char *key)
{
  return request->query != NULL ? g_hash_table_lookup (request->query, key) : NULL;
}

static void
reply_unknown_key (PhRequest *request, const char *key, GPtrArray *allowed)
{
  g_autofree char *quoted = quote (key);
  g_autofree char *list = NULL;

  g_ptr_array_add (allowed, NULL);
  list = g_strjoinv (", ", (char **)allowed->pdata);
  ph_request_reply_format (request->message, SOUP_STATUS_BAD_REQUEST,
      "There is no query key %s here; known are: %s.", quoted, *list != '\0' ? list : "none");
}

gboolean
ph_request_allow_keys (PhRequest *request, ...)
{
  g_autoptr (GPtrArray) allowed = g_ptr_array_new ();
  GHashTableIter iter;
  const char *key;
  va_list keys;

  va_start (keys, request);
  while ((key = va_arg (keys, const char *)) != NULL)
    g_ptr_array_add (allowed, (gpointer)key);
  va_end (keys);
  if (request->query == NULL)
    return TRUE;

  g_hash_table_iter_init (&iter, request->query);
  while (g_hash_table_iter_next (&iter, (gpointer *)&key, NULL)) {
    if (!g_ptr_array_find_with_equal_func (allowed, key, g_str_equal, NULL)) {
      reply_unknown_key (request, key, allowed);
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
ph_request_get_uint (
    PhRequest *request, const char *key, guint min, guint max, guint fallback, guint *value)
{
  const char *text = look_up (request, key);
  guint64 number = fallback;
  g_autofree char *found = NULL;

  if (text == NULL || g_ascii_string_to_unsigned (text, 10, min, max, &number, NULL)) {
    *value = number;
    return TRUE;
  }
  found = quote (text);
  ph_request_reply_format (request->message, SOUP_STATUS_BAD_REQUEST,
      "The query key %s is %s; allowed is a whole number from %u to %u.", key, found, min, max);
  return FALSE;
}

/* Stricter than strtod: no spaces, no hexadecimals, no "inf", nothing behind the number. */
static gboolean
parse_double (const char *text, double *value)
{
  char *end = NULL;

  if (*text == '\0' || text[strspn (text, "0123456789.eE+-")] != '\0')
    return FALSE;
  *value = g_ascii_strtod (text, &end);
  return *end == '\0' && isfinite (*value);
}

gboolean
ph_request_get_double (
    PhRequest *request, const char *key, double min, double max, double fallback, double *value)
{
  const char *text = look_up (request, key);
  double number = fallback;
  g_autofree char *found = NULL;

  if (text == NULL || (parse_double (text, &number) && number >= min && number <= max)) {
    *value = number;
    return TRUE;
  }
  found = quote (text);
  ph_request_reply_format (request->message, SOUP_STATUS_BAD_REQUEST,
      "The query key %s is %s; allowed is a number from %g to %g.", key, found, min, max);
  return FALSE;
}

gboolean
ph_request_get_boolean (PhRequest *request, const char *key, gboolean *value)
{
  const char *text = look_up (request, key);
  g_autofree char *found = NULL;

  *value = g_strcmp0 (text, "1") == 0 || g_strcmp0 (text, "true") == 0;
  if (*value || text == NULL || g_str_equal (text, "0") || g_str_equal (text, "false"))
    return TRUE;
  found = quote (text);
  ph_request_reply_format (request->message, SOUP_STATUS_BAD_REQUEST,
      "The query key %s is %s; allowed is 0 or 1.", key, found);
  return FALSE;
}

static const char *
codec_to_string (PhCodec codec)
{
  return codec == PH_CODEC_H264 ? "H.264" : "JPEG";
}

static char *
list_feeds (PhCamera *camera, PhCodec codec)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < ph_camera_get_n_feeds (camera); i++) {
    PhFeed *feed = ph_camera_get_feed (camera, i);

    if (ph_feed_get_codec_any (feed) == codec)
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", ph_feed_get_name_any (feed));
  }
  return g_string_free (g_steal_pointer (&list), FALSE);
}

const PhStreamConfig *
ph_request_find_only_stream (PhRequest *request, PhCamera *camera)
{
  return ph_request_must_save (request)
             ? ph_allowance_find_smallest_any (ph_camera_get_config (camera))
             : NULL;
}

gboolean
ph_request_allow_feed (PhRequest *request, PhFeed *feed)
{
  const PhStreamConfig *only = ph_request_find_only_stream (request, request->camera);

  if (only == NULL || only->codec != ph_feed_get_codec_any (feed) ||
      g_str_equal (only->name, ph_feed_get_name_any (feed)))
    return TRUE;
  ph_request_reply_format (request->message, SOUP_STATUS_FORBIDDEN,
      "Most of what may be sent outside this month is sent; until its end the stream %s alone is "
      "offered there.",
      only->name);
  return FALSE;
}

PhFeed *
ph_request_find_feed (PhRequest *request, PhCodec codec)
{
  const PhStreamConfig *only = ph_request_find_only_stream (request, request->camera);
  const char *asked = look_up (request, "stream");
  const char *name = asked == NULL && only != NULL && only->codec == codec ? only->name : asked;
  PhFeed *feed = ph_camera_find_feed (request->camera, name, codec);
  const char *camera = ph_camera_get_config (request->camera)->name;
  const char *wanted = codec_to_string (codec);
  g_autofree char *list = NULL;
  g_autofree char *found = NULL;

  if (feed != NULL && ph_feed_get_codec_any (feed) == codec)
    return ph_request_allow_feed (request, feed) ? feed : NULL;

  list = list_feeds (request->camera, codec);
  if (*list == '\0') {
    ph_request_reply_format (
        request->message, SOUP_STATUS_NOT_FOUND, "The camera %s has no %s stream.", camera, wanted);
    return NULL;
  }
  found = quote (name != NULL ? name : "");
  if (feed != NULL)
    ph_request_reply_format (request->message, SOUP_STATUS_NOT_FOUND,
        "The stream %s of the camera %s is not %s; those that are: %s.", found, camera, wanted,
        list);
  else
    ph_request_reply_format (request->message, SOUP_STATUS_NOT_FOUND,
        "The camera %s has no stream %s; its %s streams: %s.", camera, found, wanted, list);
  return NULL;
}

static gboolean
is_json (SoupServerMessage *message)
{
  const char *type = soup_message_headers_get_content_type (
      soup_server_message_get_request_headers (message), NULL);

  return type != NULL && g_ascii_strcasecmp (type, "application/json") == 0;
}

gpointer
ph_request_read_record (PhRequest *request, const PhTable *table)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PhReader) reader = ph_reader_new (problems, NULL);
  g_autoptr (GBytes) body =
      soup_message_body_flatten (soup_server_message_get_request_body (request->message));
  gpointer record;

  if (!is_json (request->message)) {
    ph_request_reply_text (
        request->message, SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE, "Allowed here is application/json");
    return NULL;
  }
  record = ph_reader_read_bytes (reader, table, table->name, body);
  if (problems->len == 0)
    return record;
  ph_request_reply_text (
      request->message, SOUP_STATUS_BAD_REQUEST, g_ptr_array_index (problems, 0));
  ph_table_free_record (table, record);
  return NULL;
}
