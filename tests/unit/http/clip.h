/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Real H.264 for tests: encoded once, then pushed into a feed by hand, so that the test decides
 * what time it is. */
#pragma once

#include "camera/feed.h"

#include <gst/app/gstappsink.h>

#define CLIP_FRAMERATE 10
#define CLIP_FRAME (GST_SECOND / CLIP_FRAMERATE)

typedef struct {
  GPtrArray *samples; /* element-type GstSample */
} Clip;

static inline void
clip_free (Clip *self)
{
  g_ptr_array_unref (self->samples);
  g_free (self);
}

/* n_frames of width × height, each keyframe_interval-th a keyframe. pattern is videotestsrc's:
 * "snow" makes large frames, "smpte" small ones. */
static inline Clip *
clip_new (const char *pattern, guint width, guint height, guint n_frames, guint keyframe_interval)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line =
      g_strdup_printf ("videotestsrc pattern=%s num-buffers=%u ! "
                       "video/x-raw,format=I420,width=%u,height=%u,framerate=%d/1 ! "
                       "x264enc tune=zerolatency speed-preset=ultrafast threads=1 bitrate=400 "
                       "key-int-max=%u ! video/x-h264,profile=constrained-baseline ! "
                       "h264parse config-interval=-1 ! "
                       "video/x-h264,stream-format=byte-stream,alignment=au ! "
                       "appsink name=sink sync=false",
          pattern, n_frames, width, height, CLIP_FRAMERATE, keyframe_interval);
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) sink = NULL;
  Clip *self = g_new0 (Clip, 1);
  GstSample *sample;

  g_assert_no_error (error);
  self->samples = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_sample_unref);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_try_pull_sample (GST_APP_SINK (sink), 10 * GST_SECOND)) != NULL)
    g_ptr_array_add (self->samples, sample);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_assert_cmpuint (self->samples->len, ==, n_frames);
  return self;
}

static inline gboolean
clip_is_keyframe (Clip *self, guint index)
{
  GstBuffer *buffer = gst_sample_get_buffer (g_ptr_array_index (self->samples, index));

  return !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
}

/* Frame number `index` of the clip, as if its first one had been taken at feed time start. */
static inline void
clip_push (Clip *self, PhFeed *feed, guint index, GstClockTime start)
{
  ph_feed_push_on_stream (feed, g_ptr_array_index (self->samples, index), start);
}

static inline void
clip_push_range (Clip *self, PhFeed *feed, guint from, guint to, GstClockTime start)
{
  for (guint i = from; i < to; i++)
    clip_push (self, feed, i, start);
}
