/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/caps-probe.h"

#include "base/error.h"
#include "camera/brief-run.h"

#include <math.h>
#include <stdlib.h>

#define N_BUFFERS_ENOUGH 2
#define N_BUFFERS_TO_MEASURE 12

/* Shared with the streaming thread, which a hanging driver may keep alive longer than the run:
 * reference counted. */
typedef struct {
  GMutex lock;
  GstElement *pipeline; /* not owned: it holds the pad that holds this */
  GstCaps *caps; /* nullable */
  GstClockTime pts[N_BUFFERS_TO_MEASURE];
  guint n_buffers;
  gboolean has_pts, has_dts;
} Seen;

static void
clear_seen (gpointer data)
{
  Seen *seen = data;

  gst_clear_caps (&seen->caps);
  g_mutex_clear (&seen->lock);
}

static void
release_seen (gpointer seen)
{
  g_atomic_rc_box_release_full (seen, clear_seen);
}

static double
get_caps_framerate (const GstCaps *caps)
{
  int n = 0, d = 1;

  gst_structure_get_fraction (gst_caps_get_structure (caps, 0), "framerate", &n, &d);
  return d > 0 ? (double)n / d : 0;
}

static gboolean
has_seen_enough (const Seen *seen)
{
  if (seen->caps == NULL)
    return FALSE;
  return seen->n_buffers >=
         (get_caps_framerate (seen->caps) > 0 ? N_BUFFERS_ENOUGH : N_BUFFERS_TO_MEASURE);
}

/* Under the lock. TRUE: this was the last one needed. */
static gboolean
note_buffer_on_stream (Seen *seen, GstPad *pad, GstBuffer *buffer)
{
  if (seen->n_buffers == N_BUFFERS_TO_MEASURE || has_seen_enough (seen))
    return FALSE;
  gst_clear_caps (&seen->caps);
  seen->caps = gst_pad_get_current_caps (pad);
  seen->has_pts = GST_BUFFER_PTS_IS_VALID (buffer);
  seen->has_dts = GST_BUFFER_DTS_IS_VALID (buffer);
  seen->pts[seen->n_buffers++] = GST_BUFFER_PTS (buffer);
  return has_seen_enough (seen);
}

static GstPadProbeReturn
look_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Seen *seen = user_data;
  gboolean is_done;

  g_mutex_lock (&seen->lock);
  is_done = note_buffer_on_stream (seen, pad, GST_PAD_PROBE_INFO_BUFFER (info));
  g_mutex_unlock (&seen->lock);
  if (is_done)
    ph_brief_run_finish_any (seen->pipeline);
  return GST_PAD_PROBE_OK;
}

static void
add_sink_on_stream (GstElement *pipeline, GstPad *pad)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) sink_pad = gst_element_get_static_pad (sink, "sink");

  g_object_set (sink, "sync", FALSE, "async", FALSE, NULL);
  gst_bin_add (GST_BIN (pipeline), sink);
  gst_pad_link (pad, sink_pad);
  gst_element_sync_state_with_parent (sink);
}

/* Every stream gets a sink: one without stops the others of some containers. */
static void
on_pad_added_on_stream (GstElement *parsebin, GstPad *pad, gpointer probe)
{
  g_autoptr (GstCaps) caps = gst_pad_query_caps (pad, NULL);
  const char *media_type = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  g_autoptr (GstPad) sink_pad = gst_element_get_static_pad (probe, "sink");
  g_autoptr (GstObject) pipeline = gst_element_get_parent (parsebin);

  if ((g_str_has_prefix (media_type, "video/") || g_str_has_prefix (media_type, "image/")) &&
      !gst_pad_is_linked (sink_pad))
    gst_pad_link (pad, sink_pad);
  else
    add_sink_on_stream (GST_ELEMENT (pipeline), pad);
}

static Seen *
attach (GstElement *pipeline)
{
  Seen *seen = g_atomic_rc_box_new0 (Seen);
  g_autoptr (GstElement) probe = gst_bin_get_by_name (GST_BIN (pipeline), "probe");
  g_autoptr (GstElement) parse = gst_bin_get_by_name (GST_BIN (pipeline), "parse");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (probe, "sink");

  g_mutex_init (&seen->lock);
  seen->pipeline = pipeline;
  g_object_set (probe, "sync", FALSE, "async", FALSE, NULL);
  gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BUFFER, look_on_stream, g_atomic_rc_box_acquire (seen), release_seen);
  if (parse != NULL)
    g_signal_connect_object (
        parse, "pad-added", G_CALLBACK (on_pad_added_on_stream), probe, G_CONNECT_DEFAULT);
  return seen;
}

static int
compare_times (const void *a, const void *b)
{
  GstClockTime left = *(const GstClockTime *)a, right = *(const GstClockTime *)b;

  return (left > right) - (left < right);
}

/* Over all the buffers, in order of presentation; 0 when some have no time. */
static double
measure_framerate (Seen *seen)
{
  GstClockTime span;

  for (guint i = 0; i < seen->n_buffers; i++)
    if (!GST_CLOCK_TIME_IS_VALID (seen->pts[i]))
      return 0;
  qsort (seen->pts, seen->n_buffers, sizeof (GstClockTime), compare_times);
  span = seen->n_buffers > 1 ? seen->pts[seen->n_buffers - 1] - seen->pts[0] : 0;
  return span > 0 ? round ((seen->n_buffers - 1) * (double)GST_SECOND / span) : 0;
}

static void
read_seen (PhCapsProbe *self, Seen *seen)
{
  const GstStructure *structure = gst_caps_get_structure (seen->caps, 0);
  int width = 0, height = 0;

  gst_structure_get_int (structure, "width", &width);
  gst_structure_get_int (structure, "height", &height);
  *self = (PhCapsProbe){
    .media_type = g_strdup (gst_structure_get_name (structure)),
    .format = g_strdup (gst_structure_get_string (structure, "format")),
    .colorimetry = g_strdup (gst_structure_get_string (structure, "colorimetry")),
    .width = width,
    .height = height,
    .framerate = get_caps_framerate (seen->caps),
    .has_pts = seen->has_pts,
    .has_dts = seen->has_dts,
  };
  if (self->framerate > 0)
    return;
  self->framerate = measure_framerate (seen);
  self->is_variable = TRUE;
}

gboolean
ph_caps_probe_on_worker (PhCapsProbe *self, GstElement *pipeline, guint timeout_ms,
    GCancellable *cancellable, GError **error)
{
  Seen *seen = attach (pipeline);
  gboolean is_good = ph_brief_run_on_worker (pipeline, timeout_ms, cancellable, error);

  g_mutex_lock (&seen->lock);
  if (is_good && seen->caps != NULL) {
    read_seen (self, seen);
  } else if (is_good) {
    is_good = FALSE;
    g_set_error_literal (error, PH_ERROR, PH_ERROR_UNSUPPORTED, "there is no video in it");
  }
  g_mutex_unlock (&seen->lock);
  release_seen (seen);
  return is_good;
}

void
ph_caps_probe_clear (PhCapsProbe *self)
{
  g_clear_pointer (&self->media_type, g_free);
  g_clear_pointer (&self->format, g_free);
  g_clear_pointer (&self->colorimetry, g_free);
}

gboolean
ph_caps_probe_get_media (const PhCapsProbe *self, PhMedia *media)
{
  static const struct {
    const char *media_type;
    PhMedia media;
  } rows[] = {
    { "video/x-raw", PH_MEDIA_RAW },
    { "video/x-h264", PH_MEDIA_H264 },
    { "image/jpeg", PH_MEDIA_JPEG },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (!g_str_equal (rows[i].media_type, self->media_type))
      continue;
    *media = rows[i].media;
    return TRUE;
  }
  return FALSE;
}

void
ph_caps_probe_fill_plan (const PhCapsProbe *self, PhSourcePlan *plan)
{
  plan->width = self->width;
  plan->height = self->height;
  plan->framerate = self->framerate;
  plan->is_variable = self->is_variable;
  plan->format = g_strdup (self->format);
  plan->colorimetry = g_strdup (self->format != NULL ? self->colorimetry : NULL);
}
