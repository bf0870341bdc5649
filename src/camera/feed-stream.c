/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/feed-stream.h"

#include <gst/app/gstappsink.h>

struct _PhFeedStream {
  PhFeed *feed;
  GstElement *pipeline; /* unowned */
  GstAppSink *sink;
};

static GstFlowReturn
take_sample_on_stream (GstAppSink *sink, gpointer user_data)
{
  PhFeedStream *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);

  if (sample == NULL)
    return GST_FLOW_EOS;
  if (gst_sample_get_buffer (sample) != NULL)
    ph_feed_push_on_stream (self->feed, sample, gst_element_get_base_time (self->pipeline));
  return GST_FLOW_OK;
}

PhFeedStream *
ph_feed_stream_new (PhFeed *feed, GstElement *pipeline, GstElement *appsink)
{
  PhFeedStream *self = g_new0 (PhFeedStream, 1);
  GstAppSinkCallbacks callbacks = { .new_sample = take_sample_on_stream };

  self->feed = ph_feed_ref_any (feed);
  self->pipeline = pipeline;
  self->sink = gst_object_ref (GST_APP_SINK (appsink));
  gst_app_sink_set_callbacks (self->sink, &callbacks, self, NULL);
  return self;
}

void
ph_feed_stream_free (PhFeedStream *self)
{
  GstAppSinkCallbacks none = { 0 };

  gst_app_sink_set_callbacks (self->sink, &none, NULL, NULL);
  gst_object_unref (self->sink);
  ph_feed_unref_any (self->feed);
  g_free (self);
}
