/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server on loopback with the test's own routes, clients in the same main loop, a camera that is
 * never started, and feeds that the test fills by hand. */
#pragma once

#include "common/loop.h"
#include "http/server.h"

#include <string.h>
#include <sys/socket.h>

#define TEST_SECONDS 20 /* that any wait may take */

/* ---- a server and its answers ---------------------------------------------------------------- */

typedef struct {
  PhHttpServer *server;
  PhHttpConfig config;
  SoupSession *session;
} TestServer;

typedef struct {
  SoupMessage *message;
  guint status;
  char *body; /* NUL-terminated for convenience */
  gsize length;
  gboolean is_done;
} TestAnswer;

/* On a free port of loopback. */
static inline GPtrArray *
test_listen (void)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *sockets = ph_listen_open ("http", "loopback", 0, PH_LISTEN_LOOPBACK, &error);

  g_assert_no_error (error);
  return sockets;
}

static inline void
test_server_init (
    TestServer *self, const PhRoute *routes, guint n_routes, gpointer owners, GPtrArray *cameras)
{
  g_autoptr (GPtrArray) sockets = test_listen ();

  self->config = (PhHttpConfig){ .listen = (char *)"loopback" };
  self->server = ph_http_server_new (routes, n_routes, owners, cameras);
  ph_http_server_set_config (self->server, &self->config);
  ph_http_server_set_sockets (self->server, sockets, NULL);
  self->session = soup_session_new ();
}

static inline void
test_server_clear (TestServer *self)
{
  soup_session_abort (self->session);
  g_clear_object (&self->session);
  g_clear_pointer (&self->server, ph_http_server_free);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static inline void
test_answer_free (TestAnswer *self)
{
  g_clear_object (&self->message);
  g_free (self->body);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestAnswer, test_answer_free)

static inline void
test_on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  TestAnswer *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body =
      soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);

  self->is_done = TRUE;
  if (body == NULL)
    return;
  self->status = soup_message_get_status (self->message);
  self->length = g_bytes_get_size (body);
  self->body = g_malloc0 (self->length + 1);
  if (self->length > 0)
    memcpy (self->body, g_bytes_get_data (body, NULL), self->length);
}

static inline SoupMessage *
test_make_message (TestServer *self, const char *method, const char *target)
{
  g_autofree char *url =
      g_strdup_printf ("http://127.0.0.1:%u%s", ph_http_server_get_port (self->server), target);
  SoupMessage *message = soup_message_new (method, url);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  return message;
}

/* Takes message; the answer comes while the main loop runs. */
static inline TestAnswer *
test_send (TestServer *self, SoupMessage *message)
{
  TestAnswer *answer = g_new0 (TestAnswer, 1);

  answer->message = message;
  soup_session_send_and_read_async (
      self->session, message, G_PRIORITY_DEFAULT, NULL, test_on_answer, answer);
  return answer;
}

static inline gboolean
test_is_answered (gpointer answer)
{
  return ((TestAnswer *)answer)->is_done;
}

static inline TestAnswer *
test_wait (TestAnswer *answer)
{
  g_assert_true (test_run_until (test_is_answered, answer, TEST_SECONDS));
  return answer;
}

static inline TestAnswer *
test_fetch (TestServer *self, const char *method, const char *target)
{
  return test_wait (test_send (self, test_make_message (self, method, target)));
}

static inline const char *
test_header (TestAnswer *answer, const char *name)
{
  return soup_message_headers_get_one (soup_message_get_response_headers (answer->message), name);
}

/* ---- a client one can see the bytes of ------------------------------------------------------- */

typedef struct {
  GSocket *socket;
  GString *text; /* all that has come */
  gboolean is_over;
  const char *needle;
} TestClient;

static inline void
test_client_clear (TestClient *self)
{
  g_clear_object (&self->socket);
  g_string_free (self->text, TRUE);
}

/* receive_buffer in bytes; 0: as the system has it. */
static inline void
test_client_init_at (TestClient *self, guint port, const char *request, int receive_buffer)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);
  g_autoptr (GError) error = NULL;

  self->text = g_string_new (NULL);
  self->is_over = FALSE;
  self->socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  if (receive_buffer > 0)
    g_assert_true (g_socket_set_option (self->socket, SOL_SOCKET, SO_RCVBUF, receive_buffer, NULL));
  g_assert_true (g_socket_connect (self->socket, address, NULL, NULL));
  g_socket_send (self->socket, request, strlen (request), NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->socket, FALSE);
}

static inline void
test_client_init (TestClient *self, TestServer *server, const char *request, int receive_buffer)
{
  test_client_init_at (self, ph_http_server_get_port (server->server), request, receive_buffer);
}

static inline gboolean
test_client_has_needle (gpointer user_data)
{
  TestClient *self = user_data;
  char buffer[65536];
  g_autoptr (GError) error = NULL;
  gssize n_read;

  while ((n_read = g_socket_receive (self->socket, buffer, sizeof buffer, NULL, &error)) > 0)
    g_string_append_len (self->text, buffer, n_read);
  self->is_over =
      self->is_over || n_read == 0 || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  if (self->needle == NULL)
    return self->is_over;
  return memmem (self->text->str, self->text->len, self->needle, strlen (self->needle)) != NULL;
}

/* needle NULL: until the server closes. */
static inline void
test_client_read_until (TestClient *self, const char *needle)
{
  self->needle = needle;
  g_assert_true (test_run_until (test_client_has_needle, self, TEST_SECONDS));
}

static inline guint
test_count (const GString *text, const char *needle)
{
  const char *at = text->str;
  guint count = 0;

  while ((at = memmem (at, text->str + text->len - at, needle, strlen (needle))) != NULL) {
    at += strlen (needle);
    count++;
  }
  return count;
}

/* ---- a camera and a feed --------------------------------------------------------------------- */

typedef struct {
  PhSourceConfig source;
  PhStreamConfig streams[3];
  PhCameraConfig config;
  PhCamera *camera;
  GPtrArray *cameras;
} TestCamera;

/* By what the test has made of the settings. */
static inline void
test_camera_renew (TestCamera *self)
{
  g_ptr_array_set_size (self->cameras, 0);
  self->camera = ph_camera_new (&self->config);
  g_ptr_array_add (self->cameras, self->camera);
}

static inline void
test_camera_init (TestCamera *self)
{
  self->source = (PhSourceConfig){
    .type = PH_SOURCE_TEST, .width = 1280, .height = 720, .framerate = 30, .pattern = (char *)"ball"
  };
  self->streams[0] = (PhStreamConfig){
    .name = (char *)"main", .codec = PH_CODEC_H264, .bitrate = 4000, .keyframe_interval = 2
  };
  self->streams[1] = (PhStreamConfig){ .name = (char *)"sub",
    .codec = PH_CODEC_H264,
    .width = 640,
    .height = 360,
    .framerate = 10,
    .bitrate = 400,
    .keyframe_interval = 2 };
  self->streams[2] =
      (PhStreamConfig){ .name = (char *)"jpeg", .codec = PH_CODEC_JPEG, .quality = 80 };
  self->config = (PhCameraConfig){ .name = (char *)"front",
    .title = (char *)"Front \"door\"",
    .source = &self->source,
    .encoder = (char *)"auto",
    .linger = 1 };
  self->config.streams = g_ptr_array_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (self->streams); i++)
    g_ptr_array_add (self->config.streams, &self->streams[i]);
  self->cameras = g_ptr_array_new_with_free_func (g_object_unref);
  test_camera_renew (self);
}

static inline void
test_camera_clear (TestCamera *self)
{
  ph_camera_stop (self->camera);
  g_clear_pointer (&self->cameras, g_ptr_array_unref);
  g_clear_pointer (&self->config.streams, g_ptr_array_unref);
}

typedef struct {
  PhFeed *feed;
  gboolean is_wanted;
  guint n_starts; /* how often it has become wanted */
} TestFeed;

static inline void
test_on_demand (PhFeed *feed, gboolean is_wanted, gpointer owner)
{
  TestFeed *self = owner;

  self->is_wanted = is_wanted;
  self->n_starts += is_wanted ? 1 : 0;
}

static inline void
test_feed_init (TestFeed *self)
{
  PhStreamConfig config = { .name = (char *)"jpeg", .codec = PH_CODEC_JPEG };
  PhFeedOwner owner = { test_on_demand, self };

  self->is_wanted = FALSE;
  self->n_starts = 0;
  self->feed = ph_feed_new (&config, &owner);
}

static inline void
test_feed_clear (TestFeed *self)
{
  g_clear_pointer (&self->feed, ph_feed_unref_any);
}

/* A picture is any bytes here; age in milliseconds. */
static inline void
test_feed_push (TestFeed *self, const char *picture, gsize size, guint age)
{
  g_autoptr (GstCaps) caps =
      gst_caps_new_simple ("image/jpeg", "width", G_TYPE_INT, 640, "height", G_TYPE_INT, 360, NULL);
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (picture, size);
  g_autoptr (GstSample) sample = NULL;
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  GST_BUFFER_PTS (buffer) = ph_feed_now_any () - age * GST_MSECOND;
  sample = gst_sample_new (buffer, caps, &segment, NULL);
  ph_feed_push_on_stream (self->feed, sample, 0);
}

static inline void
test_feed_push_text (TestFeed *self, const char *text, guint age)
{
  test_feed_push (self, text, strlen (text), age);
}

static inline guint
test_feed_count (TestFeed *self, PhViewerKind kind)
{
  PhFeedStats stats;

  ph_feed_get_stats_any (self->feed, &stats);
  return stats.n_viewers[kind];
}

static inline gboolean
test_feed_is_wanted (gpointer self)
{
  return ((TestFeed *)self)->is_wanted;
}

static inline gboolean
test_feed_is_unwanted (gpointer self)
{
  return !((TestFeed *)self)->is_wanted;
}
