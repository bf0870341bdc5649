/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/outbox.h"

#include "rtsp/packed.h"

struct _PhRtspOutbox {
  GstRTSPStreamTransport *transport; /* owns us */
  PhRtspOutboxSource source; /* feed and fan_out owned */

  /* any thread, under lock */
  GMutex lock;
  PhRtspLine *line; /* NULL once closed */
  PhRtspPacked *offered; /* RTP that is on its way through the fan-out; nullable */
  gboolean is_lost; /* sending failed: the connection is gone */
  GQueue waiting; /* element-type PhRtspPacked, newest last; RTP only */
  guint sending; /* what the line has not sent yet; 0: nothing */
  gint64 sending_since; /* monotonic, microseconds */
  gboolean waits_for_keyframe;
  gboolean has_sent; /* RTP */
  PhViewerCounts counts; /* RTP */
};

/* Under the lock. */
static gboolean
send_any (PhRtspOutbox *self, const PhRtspPacked *unit)
{
  if (!ph_rtsp_line_send_any (self->line, unit->data, unit->size, &self->sending))
    return FALSE;
  if (self->sending != 0)
    self->sending_since = g_get_monotonic_time ();
  return TRUE;
}

/* Under the lock. */
static gboolean
send_rtp_any (PhRtspOutbox *self, const PhRtspPacked *unit)
{
  PhTraffic *traffic = ph_feed_get_traffic_any (self->source.feed);

  if (!send_any (self, unit))
    return FALSE;
  self->counts.n_bytes += unit->size;
  ph_traffic_note_age_any (traffic, unit->time + self->source.base_time);
  ph_traffic_note_sent_any (traffic, PH_VIEWER_RTSP, unit->size);
  if (!self->has_sent)
    ph_traffic_note_first_picture_any (traffic, PH_VIEWER_RTSP, self->source.since);
  self->has_sent = TRUE;
  return TRUE;
}

/* Under the lock. What passes before its first keyframe is not for the viewer. */
static void
note_dropped_any (PhRtspOutbox *self, guint n_units)
{
  if (!self->has_sent)
    return;
  self->counts.n_dropped += n_units;
  ph_traffic_note_dropped_any (
      ph_feed_get_traffic_any (self->source.feed), PH_VIEWER_RTSP, n_units);
}

/* Under the lock. */
static void
drop_waiting_any (PhRtspOutbox *self)
{
  note_dropped_any (self, g_queue_get_length (&self->waiting));
  g_queue_clear_full (&self->waiting, (GDestroyNotify)ph_rtsp_packed_unref_any);
  self->waits_for_keyframe = TRUE;
}

/* Under the lock. */
static void
enqueue_any (PhRtspOutbox *self, PhRtspPacked *unit)
{
  GstClockTime max_age = g_atomic_int_get (self->source.max_age_ms) * GST_MSECOND;
  const PhRtspPacked *oldest;

  g_queue_push_tail (&self->waiting, ph_rtsp_packed_ref_any (unit));
  oldest = g_queue_peek_head (&self->waiting);
  if (unit->time > oldest->time + max_age)
    drop_waiting_any (self);
}

/* Under the lock. FALSE: the connection is gone. */
static gboolean
offer_rtp_any (PhRtspOutbox *self, PhRtspPacked *unit)
{
  if (self->waits_for_keyframe && (!unit->is_keyframe || self->sending != 0)) {
    note_dropped_any (self, 1);
    return TRUE;
  }
  self->waits_for_keyframe = FALSE;
  if (self->sending == 0)
    return send_rtp_any (self, unit);
  enqueue_any (self, unit);
  return TRUE;
}

void
ph_rtsp_outbox_send_offered_any (gpointer outbox)
{
  g_autoptr (PhRtspOutbox) self = outbox;
  g_autoptr (PhRtspPacked) unit = NULL;

  g_mutex_lock (&self->lock);
  unit = g_steal_pointer (&self->offered);
  if (unit != NULL && self->line != NULL)
    self->is_lost |= !offer_rtp_any (self, unit);
  g_mutex_unlock (&self->lock);
}

static gboolean
is_rtp_any (PhRtspOutbox *self, const PhRtspPacked *unit)
{
  return unit->channel ==
         gst_rtsp_stream_transport_get_transport (self->transport)->interleaved.min;
}

/* Reports come again, so one may be lost. FALSE: the connection is gone. */
static gboolean
offer_report_any (PhRtspOutbox *self, const PhRtspPacked *report)
{
  gboolean is_alive;

  g_mutex_lock (&self->lock);
  if (self->line != NULL && self->sending == 0)
    self->is_lost |= !send_any (self, report);
  is_alive = self->line != NULL && !self->is_lost;
  g_mutex_unlock (&self->lock);
  return is_alive;
}

/* FALSE: there is one on its way already. */
static gboolean
try_take_unit_any (PhRtspOutbox *self, PhRtspPacked *unit, gboolean *is_alive)
{
  gboolean has_room;

  g_mutex_lock (&self->lock);
  *is_alive = self->line != NULL && !self->is_lost;
  has_room = self->offered == NULL;
  if (*is_alive && has_room)
    self->offered = ph_rtsp_packed_ref_any (unit);
  g_mutex_unlock (&self->lock);
  return has_room;
}

/* FALSE: the connection is gone, which the unit before may have shown. */
static gboolean
offer_unit_any (PhRtspOutbox *self, PhRtspPacked *unit)
{
  gboolean is_alive = FALSE;

  ph_rtsp_fan_out_begin_any (self->source.fan_out, unit->time);
  if (!try_take_unit_any (self, unit, &is_alive)) {
    ph_rtsp_fan_out_finish_any (self->source.fan_out);
    try_take_unit_any (self, unit, &is_alive);
  }
  if (is_alive)
    ph_rtsp_fan_out_send_any (self->source.fan_out, ph_rtsp_outbox_ref_any (self));
  return is_alive;
}

/* By the one thread that sends for the stream. */
static gboolean
offer_any (PhRtspOutbox *self, PhRtspPacked *unit)
{
  gboolean is_alive =
      is_rtp_any (self, unit) ? offer_unit_any (self, unit) : offer_report_any (self, unit);

  /* The stream asks for nothing more until it hears that what it gave has gone. */
  if (is_alive)
    gst_rtsp_stream_transport_message_sent (self->transport);
  return is_alive;
}

static gboolean
send_buffer_any (GstBuffer *buffer, guint8 channel, gpointer user_data)
{
  g_autoptr (PhRtspPacked) unit = ph_rtsp_packed_new_any (buffer, channel);

  return offer_any (user_data, unit);
}

static gboolean
send_list_any (GstBufferList *list, guint8 channel, gpointer user_data)
{
  g_autoptr (PhRtspPacked) unit = ph_rtsp_packed_ref_of_list_any (list, channel);

  return offer_any (user_data, unit);
}

PhRtspOutbox *
ph_rtsp_outbox_new (
    PhRtspLine *line, GstRTSPStreamTransport *transport, const PhRtspOutboxSource *source)
{
  PhRtspOutbox *self = g_atomic_rc_box_new0 (PhRtspOutbox);

  g_mutex_init (&self->lock);
  g_queue_init (&self->waiting);
  self->line = ph_rtsp_line_ref_any (line);
  self->transport = transport;
  self->source = *source;
  ph_feed_ref_any (self->source.feed);
  ph_rtsp_fan_out_ref_any (self->source.fan_out);
  self->waits_for_keyframe = TRUE;
  return self;
}

PhRtspOutbox *
ph_rtsp_outbox_ref_any (PhRtspOutbox *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_outbox (gpointer data)
{
  PhRtspOutbox *self = data;

  ph_rtsp_outbox_close_any (self);
  ph_feed_unref_any (self->source.feed);
  ph_rtsp_fan_out_unref_any (self->source.fan_out);
  g_mutex_clear (&self->lock);
}

void
ph_rtsp_outbox_unref_any (PhRtspOutbox *self)
{
  g_atomic_rc_box_release_full (self, clear_outbox);
}

/* The transport goes, or sends by something else from now on. */
static void
detach_any (gpointer data)
{
  ph_rtsp_outbox_close_any (data);
  ph_rtsp_outbox_unref_any (data);
}

/* The transport forgets to let go of what its list callbacks were given: only the others own us. */
void
ph_rtsp_outbox_attach_on_rtsp (PhRtspOutbox *self)
{
  gst_rtsp_stream_transport_set_callbacks (
      self->transport, send_buffer_any, send_buffer_any, ph_rtsp_outbox_ref_any (self), detach_any);
  gst_rtsp_stream_transport_set_list_callbacks (
      self->transport, send_list_any, send_list_any, self, NULL);
}

void
ph_rtsp_outbox_await_keyframe_any (PhRtspOutbox *self)
{
  g_mutex_lock (&self->lock);
  self->waits_for_keyframe = TRUE;
  g_mutex_unlock (&self->lock);
}

/* Under the lock. */
static void
send_waiting_any (PhRtspOutbox *self)
{
  while (self->sending == 0) {
    g_autoptr (PhRtspPacked) unit = g_queue_pop_head (&self->waiting);

    if (unit == NULL || !send_rtp_any (self, unit))
      break;
  }
}

void
ph_rtsp_outbox_note_sent_on_rtsp (PhRtspOutbox *self, guint id)
{
  gboolean needs_keyframe = FALSE;

  g_mutex_lock (&self->lock);
  if (self->line != NULL && id == self->sending) {
    self->sending = 0;
    send_waiting_any (self);
    needs_keyframe = self->waits_for_keyframe && self->sending == 0;
  }
  g_mutex_unlock (&self->lock);

  if (needs_keyframe)
    ph_feed_request_keyframe_any (self->source.feed);
}

gint64
ph_rtsp_outbox_get_stuck_time_any (PhRtspOutbox *self)
{
  gint64 stuck_time = 0;

  g_mutex_lock (&self->lock);
  if (self->sending != 0)
    stuck_time = g_get_monotonic_time () - self->sending_since;
  g_mutex_unlock (&self->lock);
  return stuck_time;
}

gboolean
ph_rtsp_outbox_is_closed_any (PhRtspOutbox *self)
{
  gboolean is_closed;

  g_mutex_lock (&self->lock);
  is_closed = self->line == NULL;
  g_mutex_unlock (&self->lock);
  return is_closed;
}

void
ph_rtsp_outbox_count_any (PhRtspOutbox *self, PhViewerCounts *counts)
{
  g_mutex_lock (&self->lock);
  *counts = self->counts;
  g_mutex_unlock (&self->lock);
}

void
ph_rtsp_outbox_close_any (PhRtspOutbox *self)
{
  g_autoptr (PhRtspLine) line = NULL;

  g_mutex_lock (&self->lock);
  line = g_steal_pointer (&self->line);
  g_clear_pointer (&self->offered, ph_rtsp_packed_unref_any);
  g_queue_clear_full (&self->waiting, (GDestroyNotify)ph_rtsp_packed_unref_any);
  self->sending = 0;
  g_mutex_unlock (&self->lock);
}
