/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/scaled-jpeg.h"

#include "camera/feed-stream.h"
#include "camera/tap.h"

#include <gst/app/gstappsrc.h>

struct _PhScaledJpeg {
  PhFeed *source;
  PhFeed *feed;
  guint width, quality;

  /* only while somebody taps the feed */
  GstElement *pipeline;
  PhFeedStream *outlet;
  PhTap *tap;
};

/* The appsrc keeps only the newest picture, so a slow machine skips pictures and is never late. */
#define PIPELINE \
  "appsrc name=in is-live=true format=time max-buffers=1 max-bytes=0 leaky-type=downstream " \
  "caps=image/jpeg ! jpegdec ! videoscale ! " \
  "video/x-raw,width=%u,pixel-aspect-ratio=1/1 ! jpegenc quality=%u ! " \
  "appsink name=out sync=false async=false max-buffers=1 drop=true"

static gboolean
push_on_stream (GstSample *sample, gpointer appsrc)
{
  return gst_app_src_push_sample (GST_APP_SRC (appsrc), sample) == GST_FLOW_OK;
}

/* With base time 0 the pipeline's running time is feed time, so the stamps stay what they are. */
static void
start (PhScaledJpeg *self)
{
  g_autofree char *text = g_strdup_printf (PIPELINE, self->width, self->quality);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  g_autoptr (GstElement) in = NULL;
  g_autoptr (GstElement) out = NULL;

  self->pipeline = gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  if (self->pipeline == NULL) {
    g_warning ("pictures %u pixels wide cannot be made: %s", self->width, error->message);
    return;
  }
  gst_pipeline_use_clock (GST_PIPELINE (self->pipeline), clock);
  gst_element_set_start_time (self->pipeline, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time (self->pipeline, 0);
  in = gst_bin_get_by_name (GST_BIN (self->pipeline), "in");
  out = gst_bin_get_by_name (GST_BIN (self->pipeline), "out");
  self->outlet = ph_feed_stream_new (self->feed, self->pipeline, out, PH_FEED_STREAM_CAMERA);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  self->tap = ph_tap_new (PH_TAP_NEWEST, push_on_stream, gst_object_ref (in), gst_object_unref);
  ph_feed_add_tap (self->source, self->tap);
}

static void
stop (PhScaledJpeg *self)
{
  if (self->pipeline == NULL)
    return;
  ph_feed_remove_tap (self->source, self->tap);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_clear_pointer (&self->tap, ph_tap_unref_any);
  g_clear_pointer (&self->outlet, ph_feed_stream_free);
  gst_clear_object (&self->pipeline);
}

static void
on_demand_changed (PhFeed *feed, gboolean is_wanted, gpointer owner)
{
  if (is_wanted)
    start (owner);
  else
    stop (owner);
}

PhScaledJpeg *
ph_scaled_jpeg_new (PhFeed *source, guint width, guint quality)
{
  PhScaledJpeg *self = g_new0 (PhScaledJpeg, 1);
  PhStreamConfig config = { .name = (char *)ph_feed_get_name_any (source), .codec = PH_CODEC_JPEG };
  PhFeedOwner owner = { on_demand_changed, self };

  self->source = ph_feed_ref_any (source);
  self->width = width;
  self->quality = quality;
  self->feed = ph_feed_new (&config, &owner);
  return self;
}

void
ph_scaled_jpeg_free (PhScaledJpeg *self)
{
  ph_feed_disown (self->feed);
  stop (self);
  ph_feed_unref_any (self->feed);
  ph_feed_unref_any (self->source);
  g_free (self);
}

PhFeed *
ph_scaled_jpeg_get_feed (PhScaledJpeg *self)
{
  return self->feed;
}

PhFeed *
ph_scaled_jpeg_get_source (PhScaledJpeg *self)
{
  return self->source;
}

guint
ph_scaled_jpeg_get_width (PhScaledJpeg *self)
{
  return self->width;
}
