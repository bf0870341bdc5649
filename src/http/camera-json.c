/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/camera-json.h"

#include <math.h>
#include <string.h>

typedef struct {
  JsonBuilder *builder;
  PhCamera *camera;
  const PhCameraConfig *config;
  const PhPlan *plan; /* nullable */
  char *rtsp; /* rtsp://HOST:PORT/NAME */
  char *rtsps; /* nullable */
  gboolean has_links;
  gboolean has_restart;
  const PhStreamConfig *only; /* nullable */
} Context;

static void
add_string (Context *c, const char *name, const char *value)
{
  json_builder_set_member_name (c->builder, name);
  if (value != NULL)
    json_builder_add_string_value (c->builder, value);
  else
    json_builder_add_null_value (c->builder);
}

static void
add_int (Context *c, const char *name, gint64 value)
{
  json_builder_set_member_name (c->builder, name);
  json_builder_add_int_value (c->builder, value);
}

static void
add_boolean (Context *c, const char *name, gboolean value)
{
  json_builder_set_member_name (c->builder, name);
  json_builder_add_boolean_value (c->builder, value);
}

/* Three digits are more than any of these values is true to. */
static void
add_double (Context *c, const char *name, double value)
{
  json_builder_set_member_name (c->builder, name);
  json_builder_add_double_value (c->builder, round (value * 1000) / 1000);
}

/* microseconds since 1970, as RFC 3339 has it; 0: null */
static void
add_time (Context *c, const char *name, gint64 time_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  g_autofree char *text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");

  add_string (c, name, time_us != 0 ? text : NULL);
}

static void
begin_object (Context *c, const char *name)
{
  json_builder_set_member_name (c->builder, name);
  json_builder_begin_object (c->builder);
}

static void
add_known_int (Context *c, const char *name, guint value)
{
  if (value > 0)
    add_int (c, name, value);
  else
    add_string (c, name, NULL);
}

static void
add_size (Context *c, guint width, guint height, double framerate)
{
  add_known_int (c, "width", width);
  add_known_int (c, "height", height);
  if (framerate > 0)
    add_double (c, "framerate", framerate);
  else
    add_string (c, "framerate", NULL);
}

static const char *
source_type_to_string (PhSourceType type)
{
  switch (type) {
  case PH_SOURCE_LIBCAMERA:
    return "libcamera";
  case PH_SOURCE_V4L2:
    return "v4l2";
  case PH_SOURCE_RTSP:
    return "rtsp";
  case PH_SOURCE_FILE:
    return "file";
  case PH_SOURCE_TEST:
    return "test";
  case PH_SOURCE_LAUNCH:
    return "launch";
  }
  return NULL;
}

static void
add_source (Context *c)
{
  const PhSourceConfig *source = c->config->source;

  begin_object (c, "source");
  add_string (c, "type", source_type_to_string (source->type));
  if (c->plan != NULL)
    add_size (c, c->plan->source.width, c->plan->source.height, c->plan->source.framerate);
  else
    add_size (c, source->width, source->height, source->framerate);
  json_builder_end_object (c->builder);
}

static void
add_viewers (Context *c, const guint *n_viewers)
{
  begin_object (c, "viewers");
  for (guint kind = 0; kind < PH_VIEWER_LAST; kind++)
    add_int (c, ph_viewer_kind_to_string (kind), n_viewers[kind]);
  json_builder_end_object (c->builder);
}

static void
add_measured (Context *c, const PhFeedStats *stats)
{
  begin_object (c, "measured");
  add_double (c, "framerate", stats->framerate);
  add_double (c, "bitrate", stats->bitrate);
  add_int (c, "access_units", stats->n_units);
  add_int (c, "keyframes", stats->n_keyframes);
  add_int (c, "keyframes_forced", stats->n_forced);
  add_int (c, "bytes", stats->n_bytes);
  add_int (c, "dropped", stats->n_dropped);
  json_builder_end_object (c->builder);
}

/* stream NULL: the camera's own URL. */
static void
add_url (Context *c, const char *kind, const char *file, const char *stream)
{
  g_autofree char *url = g_strconcat (
      "/", c->config->name, "/", file, stream != NULL ? "?stream=" : NULL, stream, NULL);

  add_string (c, kind, url);
}

static void
add_h264_urls (Context *c, const char *stream)
{
  g_autofree char *rtsp = g_strconcat (c->rtsp, stream != NULL ? "/" : NULL, stream, NULL);
  g_autofree char *rtsps =
      c->rtsps != NULL ? g_strconcat (c->rtsps, stream != NULL ? "/" : NULL, stream, NULL) : NULL;

  add_string (c, "rtsp", rtsp);
  if (rtsps != NULL)
    add_string (c, "rtsps", rtsps);
  add_url (c, "hls", "index.m3u8", stream);
  add_url (c, "mp4", "live.mp4", stream);
}

static void
add_jpeg_urls (Context *c, const char *stream)
{
  if (c->only == NULL || c->only->codec == PH_CODEC_JPEG)
    add_url (c, "mjpeg", "mjpeg", stream);
  add_url (c, "snapshot", "snapshot.jpg", stream);
}

/* A URL that could only answer 404 or 403 is not shown. */
static void
add_camera_urls (Context *c)
{
  g_autofree char *links = g_strconcat ("/api/v1/cameras/", c->config->name, "/links", NULL);
  g_autofree char *restart = g_strconcat ("/api/v1/cameras/", c->config->name, "/restart", NULL);

  begin_object (c, "urls");
  add_url (c, "page", "", NULL);
  if (ph_camera_config_find_stream (c->config, NULL, PH_CODEC_H264) != NULL)
    add_h264_urls (c, NULL);
  if (ph_camera_config_find_stream (c->config, NULL, PH_CODEC_JPEG) != NULL)
    add_jpeg_urls (c, NULL);
  if (c->has_links)
    add_string (c, "links", links);
  if (c->has_restart)
    add_string (c, "restart", restart);
  json_builder_end_object (c->builder);
}

static void
add_stream (Context *c, const PhStreamConfig *stream, const PhFeedStats *stats)
{
  const PhBranchPlan *branch = ph_plan_find_branch (c->plan, stream->name);
  gboolean is_h264 = stream->codec == PH_CODEC_H264;

  json_builder_begin_object (c->builder);
  add_string (c, "name", stream->name);
  add_string (c, "codec", is_h264 ? "h264" : "jpeg");
  if (branch != NULL)
    add_size (c, branch->width, branch->height, branch->framerate);
  else
    add_size (c, stream->width, stream->height, stream->framerate);
  add_known_int (c, "bitrate", is_h264 ? stream->bitrate : 0);
  add_string (c, "encoder", branch != NULL ? branch->encoder : NULL);
  add_boolean (c, "passthrough", branch != NULL && branch->encoder == NULL);
  add_boolean (
      c, "running", stats->n_taps > 0 && ph_camera_get_state (c->camera) == PH_CAMERA_LIVE);
  add_boolean (c, "placeholder", stats->has_placeholder);
  add_measured (c, stats);
  add_viewers (c, stats->n_viewers);
  begin_object (c, "urls");
  if (is_h264)
    add_h264_urls (c, stream->name);
  else
    add_jpeg_urls (c, stream->name);
  json_builder_end_object (c->builder);
  json_builder_end_object (c->builder);
}

static void
add_streams (Context *c, guint *n_viewers)
{
  json_builder_set_member_name (c->builder, "streams");
  json_builder_begin_array (c->builder);
  for (guint i = 0; i < c->config->streams->len; i++) {
    PhFeedStats stats = { 0 };

    ph_feed_get_stats_any (ph_camera_get_feed (c->camera, i), &stats);
    if (c->only == NULL || c->only == g_ptr_array_index (c->config->streams, i))
      add_stream (c, g_ptr_array_index (c->config->streams, i), &stats);
    for (guint kind = 0; kind < PH_VIEWER_LAST; kind++)
      n_viewers[kind] += stats.n_viewers[kind];
  }
  json_builder_end_array (c->builder);
}

static char *
make_rtsp_url (const char *scheme, const char *host, guint port, const char *camera)
{
  gboolean is_ipv6 = strchr (host, ':') != NULL;

  return g_strdup_printf (
      "%s://%s%s%s:%u/%s", scheme, is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", port, camera);
}

void
ph_camera_json_add (JsonBuilder *builder, PhCamera *camera, const PhCameraJsonPlace *place)
{
  const PhCameraConfig *config = ph_camera_get_config (camera);
  g_autofree char *rtsp = make_rtsp_url ("rtsp", place->host, place->rtsp_port, config->name);
  g_autofree char *rtsps =
      place->rtsps_port != 0 ? make_rtsp_url ("rtsps", place->host, place->rtsps_port, config->name)
                             : NULL;
  Context c = { builder, camera, config, ph_camera_get_plan (camera), rtsp, rtsps, place->has_links,
    place->has_restart, place->only };
  guint n_viewers[PH_VIEWER_LAST] = { 0 };

  json_builder_begin_object (builder);
  add_string (&c, "name", config->name);
  add_string (&c, "title", config->title);
  add_string (&c, "state", ph_camera_state_to_string (ph_camera_get_state (camera)));
  add_string (&c, "last_error", ph_camera_get_last_error (camera));
  add_time (&c, "last_error_at", ph_camera_get_last_error_at (camera));
  add_int (&c, "restarts", ph_camera_get_n_restarts (camera));
  add_double (&c, "retry_in", ph_camera_get_retry_in (camera));
  add_source (&c);
  add_streams (&c, n_viewers);
  add_viewers (&c, n_viewers);
  add_camera_urls (&c);
  json_builder_end_object (builder);
}
