/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "push/push.h"

#include "base/error.h"
#include "base/secret-file.h"

#include <gst/app/app.h>
#include <gst/rtsp/rtsp.h>

#define FIRST_RETRY_MS 1000
#define LAST_RETRY_MS 60000
/* What may wait in front of the connection; beyond it the tap is full. */
#define MAX_LEVEL GST_SECOND
/* A server that takes nothing for so long is gone. */
#define MAX_STUCK (10 * G_TIME_SPAN_SECOND)
#define CHECK_MS 500
/* rtspclientsink does not tell when RECORD is answered, but holds back the first unit until then.
 */
#define RECORDED_UNITS 3
#define TCP_TIMEOUT_US (5 * G_USEC_PER_SEC)
/* The first picture may have been due a little before the connection began. */
#define MARGIN GST_SECOND

struct _PhPush {
  char *url, *username, *password_file; /* the last two nullable */
  char *camera, *server;
  PhFeed *feed;
  guint *n_stopping;

  PhPushState state;
  char *last_error; /* nullable */
  guint check_timer, retry_timer, retry_ms;
  gint64 retry_at_us;
  guint64 n_restarts;

  GstElement *pipeline; /* NULL while it is lost */
  guint *n_passed; /* atomic, shared with it: units that went into its sink */
  guint bus_watch;
  PhTap *tap;

  /* streaming thread, from the adding of the tap to its removal */
  struct {
    GstAppSrc *source;
    GstCaps *caps; /* nullable */
    GstClockTime base_time;
  } stream;

  gint64 stuck_since; /* atomic; monotonic, microseconds; 0: it takes what it is given */
  guint64 n_bytes; /* atomic */
};

static void start (PhPush *self);

const char *
ph_push_state_to_string (PhPushState state)
{
  static const char *const names[PH_PUSH_LAST] = { "connecting", "live", "lost" };

  return names[state];
}

/* ---- the tap --------------------------------------------------------------------------------- */

static gboolean
has_room_on_stream (PhPush *self)
{
  gint64 nothing = 0;

  if (gst_app_src_get_current_level_time (self->stream.source) <= MAX_LEVEL) {
    __atomic_store_n (&self->stuck_since, 0, __ATOMIC_RELAXED);
    return TRUE;
  }
  __atomic_compare_exchange_n (&self->stuck_since, &nothing, g_get_monotonic_time (), FALSE,
      __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return FALSE;
}

static gboolean
take_unit_on_stream (GstSample *sample, gpointer user_data)
{
  PhPush *self = user_data;
  GstBuffer *original = gst_sample_get_buffer (sample);
  GstClockTime base_time = self->stream.base_time;
  g_autoptr (GstBuffer) buffer = NULL;

  if (!has_room_on_stream (self))
    return FALSE;
  if (gst_caps_replace (&self->stream.caps, gst_sample_get_caps (sample)))
    gst_app_src_set_caps (self->stream.source, self->stream.caps);
  buffer = gst_buffer_copy (original);
  GST_BUFFER_PTS (buffer) = GST_BUFFER_PTS (original) - MIN (base_time, GST_BUFFER_PTS (original));
  GST_BUFFER_DTS (buffer) = GST_BUFFER_DTS (original) - MIN (base_time, GST_BUFFER_DTS (original));
  __atomic_fetch_add (&self->n_bytes, gst_buffer_get_size (buffer), __ATOMIC_RELAXED);
  return gst_app_src_push_buffer (self->stream.source, g_steal_pointer (&buffer)) == GST_FLOW_OK;
}

static GstPadProbeReturn
count_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  guint *n_passed = user_data;

  __atomic_fetch_add (n_passed, 1, __ATOMIC_RELAXED);
  return GST_PAD_PROBE_OK;
}

/* ---- the end of a connection ----------------------------------------------------------------- */

/* The goodbye waits for the server's answer. */
static void
stop_on_worker (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  gst_element_set_state (task_data, GST_STATE_NULL);
  g_task_return_boolean (task, TRUE);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer n_stopping)
{
  (*(guint *)n_stopping)--;
}

static void
close_connection (PhPush *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->pipeline == NULL)
    return;
  ph_feed_remove_tap (self->feed, self->tap);
  g_clear_pointer (&self->tap, ph_tap_unref_any);
  g_clear_handle_id (&self->bus_watch, g_source_remove);
  g_clear_handle_id (&self->check_timer, g_source_remove);
  g_clear_pointer (&self->n_passed, g_atomic_rc_box_release);
  gst_clear_object (&self->stream.source);
  gst_clear_caps (&self->stream.caps);
  (*self->n_stopping)++;
  task = g_task_new (NULL, NULL, on_stopped, self->n_stopping);
  g_task_set_source_tag (task, close_connection);
  g_task_set_task_data (task, g_steal_pointer (&self->pipeline), gst_object_unref);
  g_task_run_in_thread (task, stop_on_worker);
}

static gboolean
on_retry_timer (gpointer user_data)
{
  PhPush *self = user_data;

  self->retry_timer = 0;
  self->n_restarts++;
  start (self);
  return G_SOURCE_REMOVE;
}

static void
become_lost (PhPush *self, const char *sentence)
{
  close_connection (self);
  if (g_strcmp0 (self->last_error, sentence) != 0)
    g_warning ("%s/%s: %s", self->camera, ph_feed_get_name_any (self->feed), sentence);
  g_free (self->last_error);
  self->last_error = g_strdup (sentence);
  self->retry_at_us = g_get_monotonic_time () + self->retry_ms * (gint64)1000;
  self->retry_timer = g_timeout_add (self->retry_ms, on_retry_timer, self);
  self->retry_ms = MIN (self->retry_ms * 2, LAST_RETRY_MS);
  self->state = PH_PUSH_LOST;
}

/* ---- while it lasts -------------------------------------------------------------------------- */

/* GStreamer's own sentences for these are "Could not read from resource." and the like. */
static char *
explain (PhPush *self, const GError *error)
{
  int code = error->domain == GST_RESOURCE_ERROR ? error->code : GST_RESOURCE_ERROR_FAILED;

  switch (code) {
  case GST_RESOURCE_ERROR_NOT_AUTHORIZED:
    return g_strdup_printf (
        "%s wants another user name and password than those of push", self->server);
  case GST_RESOURCE_ERROR_OPEN_READ_WRITE:
    return g_strdup_printf ("%s cannot be reached", self->server);
  case GST_RESOURCE_ERROR_READ:
  case GST_RESOURCE_ERROR_WRITE:
    return self->state == PH_PUSH_LIVE
               ? g_strdup_printf ("the connection to %s broke off", self->server)
               : g_strdup_printf ("%s does not take the stream", self->server);
  default:
    return g_strdup_printf ("pushing to %s has failed: %s", self->server, error->message);
  }
}

/* NULL: it goes on. That the server has closed the connection is an error to rtspclientsink only
 * when it sends again, which need not be soon. */
static char *
try_explain_end (PhPush *self, GstMessage *message)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    return explain (self, error);
  }
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING)
    return NULL;
  gst_message_parse_warning (message, &error, NULL);
  if (!g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ))
    return NULL;
  return g_strdup_printf ("%s has closed the connection", self->server);
}

static void
become_live (PhPush *self)
{
  if (self->state == PH_PUSH_LIVE)
    return;
  g_message ("%s/%s: pushed to %s", self->camera, ph_feed_get_name_any (self->feed), self->server);
  self->state = PH_PUSH_LIVE;
  self->retry_ms = FIRST_RETRY_MS;
  g_clear_pointer (&self->last_error, g_free);
}

static gboolean
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  PhPush *self = user_data;
  g_autofree char *sentence = try_explain_end (self, message);

  if (sentence == NULL)
    return G_SOURCE_CONTINUE;
  self->bus_watch = 0;
  become_lost (self, sentence);
  return G_SOURCE_REMOVE;
}

static gboolean
on_check_timer (gpointer user_data)
{
  PhPush *self = user_data;
  gint64 stuck_since = __atomic_load_n (&self->stuck_since, __ATOMIC_RELAXED);
  g_autofree char *sentence = NULL;

  if (__atomic_load_n (self->n_passed, __ATOMIC_RELAXED) >= RECORDED_UNITS)
    become_live (self);
  if (stuck_since == 0 || g_get_monotonic_time () - stuck_since < MAX_STUCK)
    return G_SOURCE_CONTINUE;
  self->check_timer = 0;
  sentence = g_strdup_printf ("%s takes no more pictures", self->server);
  become_lost (self, sentence);
  return G_SOURCE_REMOVE;
}

/* ---- its beginning --------------------------------------------------------------------------- */

static gboolean
set_password (PhPush *self, GstElement *sink, GError **error)
{
  g_autoptr (GError) cause = NULL;
  char *password;

  if (self->password_file == NULL)
    return TRUE;
  password = ph_secret_file_read_line (self->password_file, &cause);
  if (password == NULL) {
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "password_file %s: %s", self->password_file,
        cause->message);
    return FALSE;
  }
  g_object_set (sink, "user-id", self->username, "user-pw", password, NULL);
  ph_secret_free (password);
  return TRUE;
}

static GstElement *
make_sink (PhPush *self, GError **error)
{
  GstElement *sink = gst_element_factory_make ("rtspclientsink", NULL);

  if (sink == NULL) {
    g_set_error_literal (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
        "pushing takes GStreamer's rtspclientsink, of the Debian package gstreamer1.0-rtsp");
    return NULL;
  }
  /* Its reconnecting forgets RECORD, and closes a connection that another thread sends on. */
  g_object_set (sink, "location", self->url, "protocols", GST_RTSP_LOWER_TRANS_TCP, "latency", 0,
      "tcp-timeout", (guint64)TCP_TIMEOUT_US, "user-agent", "Porthole", "udp-reconnect", FALSE,
      NULL);
  return sink;
}

static GstElement *
make_source (void)
{
  return gst_element_factory_make_full (
      "appsrc", "is-live", TRUE, "format", GST_FORMAT_TIME, "block", FALSE, NULL);
}

/* Feed time is the clock's, from a zero of its own. */
static void
set_times (PhPush *self)
{
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();

  self->stream.base_time = ph_feed_now_any () - MARGIN;
  gst_pipeline_use_clock (GST_PIPELINE (self->pipeline), clock);
  gst_element_set_start_time (self->pipeline, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time (self->pipeline, self->stream.base_time);
}

/* The pipeline may outlast us, while its goodbye is on the way. */
static void
count_units (PhPush *self, GstElement *parse)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (parse, "src");

  self->n_passed = g_atomic_rc_box_new0 (guint);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_on_stream,
      g_atomic_rc_box_acquire (self->n_passed), (GDestroyNotify)g_atomic_rc_box_release);
}

static gboolean
build (PhPush *self, GError **error)
{
  GstElement *sink = make_sink (self, error);
  GstElement *source, *parse;

  if (sink == NULL)
    return FALSE;
  source = make_source ();
  parse = gst_element_factory_make ("h264parse", NULL);
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  gst_bin_add_many (GST_BIN (self->pipeline), source, parse, sink, NULL);
  count_units (self, parse);
  self->stream.source = gst_object_ref (GST_APP_SRC (source));
  if (!set_password (self, sink, error))
    return FALSE;
  if (!gst_element_link_many (source, parse, sink, NULL)) {
    g_set_error_literal (
        error, PH_ERROR, PH_ERROR_FAILED, "rtspclientsink of this GStreamer takes no H.264");
    return FALSE;
  }
  return TRUE;
}

static void
start (PhPush *self)
{
  g_autoptr (GError) error = NULL;
  gboolean is_built = build (self, &error);

  self->state = PH_PUSH_CONNECTING;
  __atomic_store_n (&self->stuck_since, 0, __ATOMIC_RELAXED);
  if (!is_built) {
    gst_clear_object (&self->stream.source);
    gst_clear_object (&self->pipeline);
    g_clear_pointer (&self->n_passed, g_atomic_rc_box_release);
    become_lost (self, error->message);
    return;
  }
  set_times (self);
  self->bus_watch = gst_bus_add_watch (GST_ELEMENT_BUS (self->pipeline), on_bus_message, self);
  self->check_timer = g_timeout_add (CHECK_MS, on_check_timer, self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  self->tap = ph_tap_new (PH_TAP_FROM_KEYFRAME, take_unit_on_stream, self, NULL);
  ph_feed_add_tap (self->feed, self->tap);
  ph_feed_request_keyframe_any (self->feed);
}

/* ---- public ---------------------------------------------------------------------------------- */

static char *
make_server_name (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);

  if (uri == NULL)
    return g_strdup ("the server");
  return g_uri_join (G_URI_FLAGS_NONE, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri),
      g_uri_get_port (uri), "", NULL, NULL);
}

PhPush *
ph_push_new (const PhPushConfig *config, const char *camera, PhFeed *feed, guint *n_stopping)
{
  PhPush *self = g_new0 (PhPush, 1);

  self->url = g_strdup (config->url);
  self->username = g_strdup (config->username);
  self->password_file = g_strdup (config->password_file);
  self->camera = g_strdup (camera);
  self->server = make_server_name (config->url);
  self->feed = ph_feed_ref_any (feed);
  self->n_stopping = n_stopping;
  self->retry_ms = FIRST_RETRY_MS;
  start (self);
  return self;
}

void
ph_push_free (PhPush *self)
{
  close_connection (self);
  g_clear_handle_id (&self->retry_timer, g_source_remove);
  ph_feed_unref_any (self->feed);
  g_free (self->last_error);
  g_free (self->url);
  g_free (self->username);
  g_free (self->password_file);
  g_free (self->camera);
  g_free (self->server);
  g_free (self);
}

gboolean
ph_push_is_as (PhPush *self, const PhPushConfig *config, PhFeed *feed)
{
  return self->feed == feed && g_str_equal (self->url, config->url) &&
         g_strcmp0 (self->username, config->username) == 0 &&
         g_strcmp0 (self->password_file, config->password_file) == 0;
}

const char *
ph_push_get_camera (PhPush *self)
{
  return self->camera;
}

const char *
ph_push_get_stream (PhPush *self)
{
  return ph_feed_get_name_any (self->feed);
}

const char *
ph_push_get_server (PhPush *self)
{
  return self->server;
}

PhPushState
ph_push_get_state (PhPush *self)
{
  return self->state;
}

const char *
ph_push_get_last_error (PhPush *self)
{
  return self->last_error;
}

double
ph_push_get_retry_in (PhPush *self)
{
  if (self->retry_timer == 0)
    return 0;
  return MAX (0, self->retry_at_us - g_get_monotonic_time ()) / (double)G_USEC_PER_SEC;
}

guint64
ph_push_get_n_bytes (PhPush *self)
{
  return __atomic_load_n (&self->n_bytes, __ATOMIC_RELAXED);
}

guint64
ph_push_get_n_restarts (PhPush *self)
{
  return self->n_restarts;
}
