/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/metrics.h"

#include "base/process-usage.h"
#include "build-config.h"

#include <string.h>

typedef struct {
  PhMetricsSource source;
  gpointer user_data;
} Source;

struct _PhMetrics {
  GPtrArray *cameras; /* element-type PhCamera */
  GArray *sources; /* element-type Source */
};

/* One stream at the time of the scrape: families are written one after the other, and each must
 * see the same numbers. */
typedef struct {
  PhCamera *camera;
  const char *name; /* of the camera */
  PhFeed *feed;
  const char *stream;
  PhFeedStats stats;
} Row;

PhMetrics *
ph_metrics_new (GPtrArray *cameras)
{
  PhMetrics *self = g_new0 (PhMetrics, 1);

  self->cameras = g_ptr_array_ref (cameras);
  self->sources = g_array_new (FALSE, FALSE, sizeof (Source));
  return self;
}

void
ph_metrics_free (PhMetrics *self)
{
  g_array_unref (self->sources);
  g_ptr_array_unref (self->cameras);
  g_free (self);
}

void
ph_metrics_add_source (PhMetrics *self, PhMetricsSource source, gpointer user_data)
{
  Source row = { source, user_data };

  g_array_append_val (self->sources, row);
}

/* ---- cameras --------------------------------------------------------------------------------- */

static const char *
get_name (PhCamera *camera)
{
  return ph_camera_get_config (camera)->name;
}

static void
add_cameras (PhMetrics *self, PhMetricsText *text)
{
  const char *states[PH_CAMERA_LOST + 2] = { NULL };

  for (PhCameraState state = PH_CAMERA_IDLE; state <= PH_CAMERA_LOST; state++)
    states[state] = ph_camera_state_to_string (state);
  ph_metrics_text_begin (
      text, "porthole_camera_state", PH_METRIC_STATESET, NULL, "What the camera is doing");
  for (guint i = 0; i < self->cameras->len; i++) {
    PhCamera *camera = g_ptr_array_index (self->cameras, i);

    ph_metrics_text_add_state (text, states,
        ph_camera_state_to_string (ph_camera_get_state (camera)), "camera", get_name (camera),
        NULL);
  }
  ph_metrics_text_begin (text, "porthole_camera_restarts", PH_METRIC_COUNTER, NULL,
      "How often the camera came back after it was lost");
  for (guint i = 0; i < self->cameras->len; i++) {
    PhCamera *camera = g_ptr_array_index (self->cameras, i);

    ph_metrics_text_add (
        text, ph_camera_get_n_restarts (camera), "camera", get_name (camera), NULL);
  }
}

/* ---- streams --------------------------------------------------------------------------------- */

static GArray *
list_rows (PhMetrics *self)
{
  GArray *rows = g_array_new (FALSE, TRUE, sizeof (Row));

  for (guint i = 0; i < self->cameras->len; i++) {
    PhCamera *camera = g_ptr_array_index (self->cameras, i);

    for (guint j = 0; j < ph_camera_get_n_feeds (camera); j++) {
      PhFeed *feed = ph_camera_get_feed (camera, j);
      Row row = { .camera = camera,
        .name = get_name (camera),
        .feed = feed,
        .stream = ph_feed_get_name_any (feed) };

      ph_feed_get_stats_any (feed, &row.stats);
      g_array_append_val (rows, row);
    }
  }
  return rows;
}

/* Whole numbers of PhFeedStats, one family each. */
static const struct {
  const char *name, *unit, *help;
  gsize offset;
} stream_counters[] = {
  { "porthole_stream_frames", NULL, "Access units the stream has had",
      G_STRUCT_OFFSET (PhFeedStats, n_units) },
  { "porthole_stream_keyframes", NULL, "Keyframes among them",
      G_STRUCT_OFFSET (PhFeedStats, n_keyframes) },
  { "porthole_stream_bytes", "bytes", "What they took", G_STRUCT_OFFSET (PhFeedStats, n_bytes) },
  { "porthole_stream_dropped_frames", NULL,
      "Access units that outputs of the stream did not take, all outputs together",
      G_STRUCT_OFFSET (PhFeedStats, n_dropped) },
};

static void
add_stream_counters (PhMetricsText *text, GArray *rows)
{
  for (gsize i = 0; i < G_N_ELEMENTS (stream_counters); i++) {
    ph_metrics_text_begin (text, stream_counters[i].name, PH_METRIC_COUNTER,
        stream_counters[i].unit, stream_counters[i].help);
    for (guint j = 0; j < rows->len; j++) {
      const Row *row = &g_array_index (rows, Row, j);

      ph_metrics_text_add (text, G_STRUCT_MEMBER (guint64, &row->stats, stream_counters[i].offset),
          "camera", row->name, "stream", row->stream, NULL);
    }
  }
}

static const char *
get_encoder (const Row *row)
{
  const PhBranchPlan *branch = ph_plan_find_branch (ph_camera_get_plan (row->camera), row->stream);

  if (branch == NULL)
    return "none";
  return branch->encoder != NULL ? branch->encoder : "passthrough";
}

static void
add_stream_states (PhMetricsText *text, GArray *rows)
{
  ph_metrics_text_begin (text, "porthole_stream_encoder", PH_METRIC_INFO, NULL,
      "The GStreamer element that encodes the stream; none before the camera was first opened");
  for (guint i = 0; i < rows->len; i++) {
    const Row *row = &g_array_index (rows, Row, i);

    ph_metrics_text_add (text, 1, "camera", row->name, "stream", row->stream, "codec",
        ph_feed_get_codec_any (row->feed) == PH_CODEC_H264 ? "h264" : "jpeg", "encoder",
        get_encoder (row), NULL);
  }
  ph_metrics_text_begin (text, "porthole_stream_send_age_seconds", PH_METRIC_HISTOGRAM, "seconds",
      "Age of an access unit when it was first sent, counted from its capture");
  for (guint i = 0; i < rows->len; i++) {
    const Row *row = &g_array_index (rows, Row, i);

    ph_metrics_text_add_histogram (text, &ph_feed_get_traffic_any (row->feed)->age, "camera",
        row->name, "stream", row->stream, NULL);
  }
}

/* ---- viewers --------------------------------------------------------------------------------- */

/* So that there are no series that could never count anything. */
static gboolean
is_served_by (const Row *row, PhViewerKind kind)
{
  gboolean is_h264 = ph_feed_get_codec_any (row->feed) == PH_CODEC_H264;

  if (kind == PH_VIEWER_RTSP)
    return TRUE;
  return is_h264 == (kind == PH_VIEWER_HLS || kind == PH_VIEWER_MP4);
}

typedef void (*AddViewers) (PhMetricsText *text, const Row *row, PhViewerKind kind);

static void
add_count (PhMetricsText *text, const Row *row, PhViewerKind kind)
{
  ph_metrics_text_add (text, row->stats.n_viewers[kind], "camera", row->name, "stream", row->stream,
      "kind", ph_viewer_kind_to_string (kind), NULL);
}

static void
add_sent (PhMetricsText *text, const Row *row, PhViewerKind kind)
{
  guint64 *n_bytes = &ph_feed_get_traffic_any (row->feed)->n_bytes[kind];

  ph_metrics_text_add (text, __atomic_load_n (n_bytes, __ATOMIC_RELAXED), "camera", row->name,
      "stream", row->stream, "kind", ph_viewer_kind_to_string (kind), NULL);
}

static void
add_dropped (PhMetricsText *text, const Row *row, PhViewerKind kind)
{
  guint64 *n_dropped = &ph_feed_get_traffic_any (row->feed)->n_dropped[kind];

  ph_metrics_text_add (text, __atomic_load_n (n_dropped, __ATOMIC_RELAXED), "camera", row->name,
      "stream", row->stream, "kind", ph_viewer_kind_to_string (kind), NULL);
}

static void
add_first_picture (PhMetricsText *text, const Row *row, PhViewerKind kind)
{
  ph_metrics_text_add_histogram (text, &ph_feed_get_traffic_any (row->feed)->first_picture[kind],
      "camera", row->name, "stream", row->stream, "kind", ph_viewer_kind_to_string (kind), NULL);
}

static const struct {
  const char *name;
  PhMetricType type;
  const char *unit, *help;
  AddViewers add;
} viewer_families[] = {
  { "porthole_viewers", PH_METRIC_GAUGE, NULL, "Who watches now", add_count },
  { "porthole_sent_bytes", PH_METRIC_COUNTER, "bytes", "What viewers were sent", add_sent },
  { "porthole_viewer_dropped_frames", PH_METRIC_COUNTER, NULL,
      "Access units that viewers were not sent as they were too slow", add_dropped },
  { "porthole_first_picture_seconds", PH_METRIC_HISTOGRAM, "seconds",
      "Time from a viewer's coming to its first picture being sent", add_first_picture },
};

static void
add_viewers (PhMetricsText *text, GArray *rows)
{
  for (gsize i = 0; i < G_N_ELEMENTS (viewer_families); i++) {
    ph_metrics_text_begin (text, viewer_families[i].name, viewer_families[i].type,
        viewer_families[i].unit, viewer_families[i].help);
    for (guint j = 0; j < rows->len; j++)
      for (PhViewerKind kind = 0; kind < PH_VIEWER_LAST; kind++)
        if (is_served_by (&g_array_index (rows, Row, j), kind))
          viewer_families[i].add (text, &g_array_index (rows, Row, j), kind);
  }
}

/* ---- the process ----------------------------------------------------------------------------- */

static void
add_one (PhMetricsText *text, const char *name, PhMetricType type, const char *unit,
    const char *help, double value)
{
  ph_metrics_text_begin (text, name, type, unit, help);
  ph_metrics_text_add (text, value, NULL);
}

/* By the names that all of Prometheus's clients use. */
static void
add_process (PhMetricsText *text)
{
  PhProcessUsage usage;

  ph_process_usage_read_any (&usage);
  ph_metrics_text_begin (text, "porthole_build", PH_METRIC_INFO, NULL, "What runs here");
  ph_metrics_text_add (text, 1, "version", PH_VERSION, NULL);
  add_one (text, "process_cpu_seconds", PH_METRIC_COUNTER, "seconds", "User and system time used",
      usage.cpu_s);
  add_one (text, "process_resident_memory_bytes", PH_METRIC_GAUGE, "bytes", "Resident memory",
      usage.resident_bytes);
  add_one (text, "process_virtual_memory_bytes", PH_METRIC_GAUGE, "bytes", "Virtual memory",
      usage.virtual_bytes);
  add_one (text, "process_threads", PH_METRIC_GAUGE, NULL, "Threads", usage.n_threads);
  add_one (text, "process_open_fds", PH_METRIC_GAUGE, NULL, "Open file descriptors",
      usage.n_descriptors);
  add_one (text, "process_max_fds", PH_METRIC_GAUGE, NULL, "How many there may be",
      usage.max_descriptors);
  add_one (text, "process_start_time_seconds", PH_METRIC_GAUGE, "seconds",
      "When the process was started, since 1970", usage.started);
}

/* ---- requests -------------------------------------------------------------------------------- */

/* Both versions of OpenMetrics there are read what is written here. */
PhMetricsFormat
ph_metrics_choose_format (const char *accept)
{
  GSList *types = accept != NULL ? soup_header_parse_quality_list (accept, NULL) : NULL;
  PhMetricsFormat format = PH_METRICS_PLAIN;

  for (GSList *type = types; type != NULL; type = type->next) {
    const char *name = type->data;

    if (g_str_has_prefix (name, "application/openmetrics-text")) {
      format = PH_METRICS_OPENMETRICS;
      break;
    }
    if (g_str_has_prefix (name, "text/plain") || g_str_has_prefix (name, "text/*") ||
        g_str_has_prefix (name, "*/*"))
      break;
  }
  g_slist_free_full (types, g_free);
  return format;
}

void
ph_metrics_handle (PhRequest *request, gpointer user_data)
{
  PhMetrics *self = user_data;
  PhMetricsFormat format = ph_metrics_choose_format (soup_message_headers_get_list (
      soup_server_message_get_request_headers (request->message), "Accept"));
  g_autoptr (PhMetricsText) text = ph_metrics_text_new (format);
  g_autoptr (GArray) rows = list_rows (self);
  g_autoptr (GBytes) body = NULL;

  add_cameras (self, text);
  add_stream_counters (text, rows);
  add_stream_states (text, rows);
  add_viewers (text, rows);
  for (guint i = 0; i < self->sources->len; i++) {
    const Source *source = &g_array_index (self->sources, Source, i);

    source->source (text, source->user_data);
  }
  add_process (text);
  body = ph_metrics_text_finish (text);
  ph_request_reply_bytes (
      request->message, SOUP_STATUS_OK, ph_metrics_text_get_content_type (format), body);
  soup_message_headers_replace (
      soup_server_message_get_response_headers (request->message), "Cache-Control", "no-store");
}
