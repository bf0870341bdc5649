/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/repeat.h"

struct _PhRepeat {
  GstElement *source;
  GstPad *out; /* the source's */
  GstPad *in; /* its peer */
  gulong probe;
  PhRepeatEnded ended_on_stream;
  gpointer user_data;
  GstClockTime last_end; /* worker; running time */

  /* streaming thread, until it has told of an end; then worker, until the source is restarted */
  struct {
    GstSegment segment;
    GstClockTime end; /* running time at which the last picture ends */
  } stream;
};

static void
note_buffer_on_stream (PhRepeat *self, GstBuffer *buffer)
{
  GstClockTime timestamp =
      GST_BUFFER_PTS_IS_VALID (buffer) ? GST_BUFFER_PTS (buffer) : GST_BUFFER_DTS (buffer);
  GstClockTime running_time =
      gst_segment_to_running_time (&self->stream.segment, GST_FORMAT_TIME, timestamp);

  if (!GST_CLOCK_TIME_IS_VALID (running_time))
    return;
  if (GST_BUFFER_DURATION_IS_VALID (buffer))
    running_time += GST_BUFFER_DURATION (buffer);
  self->stream.end = MAX (self->stream.end, running_time);
}

static GstPadProbeReturn
watch_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  PhRepeat *self = user_data;
  GstEvent *event;

  if ((GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
    note_buffer_on_stream (self, GST_PAD_PROBE_INFO_BUFFER (info));
    return GST_PAD_PROBE_OK;
  }
  event = GST_PAD_PROBE_INFO_EVENT (info);
  if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT)
    gst_event_copy_segment (event, &self->stream.segment);
  if (GST_EVENT_TYPE (event) != GST_EVENT_EOS)
    return GST_PAD_PROBE_OK;
  self->ended_on_stream (self->user_data);
  return GST_PAD_PROBE_DROP;
}

const char *
ph_repeat_play_again_on_worker (PhRepeat *self)
{
  if (self->stream.end <= self->last_end)
    return "the file holds no picture";
  self->last_end = self->stream.end;
  gst_element_set_locked_state (self->source, TRUE);
  gst_element_set_state (self->source, GST_STATE_READY);
  gst_pad_set_offset (self->out, self->last_end);
  gst_element_set_locked_state (self->source, FALSE);
  if (!gst_element_sync_state_with_parent (self->source))
    return "the file cannot be played again";
  return NULL;
}

/* gst_parse_launch() names the pad of a bin as it likes. */
static GstPad *
ref_only_source_pad (GstElement *source)
{
  GstPad *pad;

  GST_OBJECT_LOCK (source);
  pad = gst_object_ref (g_list_nth_data (source->srcpads, 0));
  GST_OBJECT_UNLOCK (source);
  return pad;
}

PhRepeat *
ph_repeat_new (GstElement *source, PhRepeatEnded ended_on_stream, gpointer user_data)
{
  PhRepeat *self = g_new0 (PhRepeat, 1);

  self->source = gst_object_ref (source);
  self->out = ref_only_source_pad (source);
  self->in = gst_pad_get_peer (self->out);
  self->ended_on_stream = ended_on_stream;
  self->user_data = user_data;
  gst_segment_init (&self->stream.segment, GST_FORMAT_TIME);
  self->probe = gst_pad_add_probe (self->in,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, watch_on_stream, self, NULL);
  return self;
}

void
ph_repeat_free (PhRepeat *self)
{
  gst_pad_remove_probe (self->in, self->probe);
  gst_object_unref (self->in);
  gst_object_unref (self->out);
  gst_object_unref (self->source);
  g_free (self);
}
