/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/feed-stream.h"

#include <gst/app/gstappsink.h>

struct _PhFeedStream {
  PhFeed *feed;
  GstElement *pipeline; /* unowned */
  GstAppSink *sink;
  PhFeedStreamKind kind;

  /* either thread, held while a sample is pushed */
  struct {
    GMutex lock;
    gboolean is_shut;
  } shared;
};

/* Under the lock. FALSE: it is not taken. */
static gboolean
push_on_stream (PhFeedStream *self, GstSample *sample)
{
  GstClockTime base_time = gst_element_get_base_time (self->pipeline);

  if (self->shared.is_shut)
    return FALSE;
  if (self->kind == PH_FEED_STREAM_PLACEHOLDER)
    return ph_feed_push_placeholder_on_stream (self->feed, sample, base_time);
  ph_feed_push_on_stream (self->feed, sample, base_time);
  return TRUE;
}

static GstFlowReturn
take_sample_on_stream (GstAppSink *sink, gpointer user_data)
{
  PhFeedStream *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  gboolean is_taken;

  if (sample == NULL)
    return GST_FLOW_EOS;
  if (gst_sample_get_buffer (sample) == NULL)
    return GST_FLOW_OK;
  g_mutex_lock (&self->shared.lock);
  is_taken = push_on_stream (self, sample);
  g_mutex_unlock (&self->shared.lock);
  return is_taken ? GST_FLOW_OK : GST_FLOW_EOS;
}

PhFeedStream *
ph_feed_stream_new (PhFeed *feed, GstElement *pipeline, GstElement *appsink, PhFeedStreamKind kind)
{
  PhFeedStream *self = g_new0 (PhFeedStream, 1);
  GstAppSinkCallbacks callbacks = { .new_sample = take_sample_on_stream };

  g_mutex_init (&self->shared.lock);
  self->feed = ph_feed_ref_any (feed);
  self->pipeline = pipeline;
  self->kind = kind;
  self->sink = gst_object_ref (GST_APP_SINK (appsink));
  gst_app_sink_set_callbacks (self->sink, &callbacks, self, NULL);
  return self;
}

void
ph_feed_stream_shut (PhFeedStream *self)
{
  g_mutex_lock (&self->shared.lock);
  self->shared.is_shut = TRUE;
  g_mutex_unlock (&self->shared.lock);
}

void
ph_feed_stream_free (PhFeedStream *self)
{
  GstAppSinkCallbacks none = { 0 };

  gst_app_sink_set_callbacks (self->sink, &none, NULL, NULL);
  gst_object_unref (self->sink);
  ph_feed_unref_any (self->feed);
  g_mutex_clear (&self->shared.lock);
  g_free (self);
}
