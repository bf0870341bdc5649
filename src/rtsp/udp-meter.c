/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/udp-meter.h"

struct _PhRtspUdpMeter {
  guint64 n_bytes; /* atomic: that each viewer was sent */
  PhFeed *feed;
  guint n_viewers; /* atomic */
  guint n_new; /* atomic; of them */

  /* any thread, under lock */
  struct {
    GMutex lock;
    GArray *since; /* element-type gint64: of the new ones */
  } shared;
};

/* What a pad has of its meter. */
typedef struct {
  PhRtspUdpMeter *meter;
  GstClockTime base_time;
} Place;

PhRtspUdpMeter *
ph_rtsp_udp_meter_new (PhFeed *feed)
{
  PhRtspUdpMeter *self = g_atomic_rc_box_new0 (PhRtspUdpMeter);

  self->feed = ph_feed_ref_any (feed);
  g_mutex_init (&self->shared.lock);
  self->shared.since = g_array_new (FALSE, FALSE, sizeof (gint64));
  return self;
}

PhRtspUdpMeter *
ph_rtsp_udp_meter_ref_any (PhRtspUdpMeter *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_meter (gpointer data)
{
  PhRtspUdpMeter *self = data;

  g_array_unref (self->shared.since);
  g_mutex_clear (&self->shared.lock);
  ph_feed_unref_any (self->feed);
}

void
ph_rtsp_udp_meter_unref_any (PhRtspUdpMeter *self)
{
  g_atomic_rc_box_release_full (self, clear_meter);
}

void
ph_rtsp_udp_meter_add_viewer_any (PhRtspUdpMeter *self, gint64 since)
{
  g_mutex_lock (&self->shared.lock);
  g_array_append_val (self->shared.since, since);
  g_atomic_int_set (&self->n_new, self->shared.since->len);
  g_mutex_unlock (&self->shared.lock);
  g_atomic_int_inc (&self->n_viewers);
}

void
ph_rtsp_udp_meter_remove_viewer_any (PhRtspUdpMeter *self)
{
  g_atomic_int_add (&self->n_viewers, -1);
}

guint64
ph_rtsp_udp_meter_get_n_bytes_any (PhRtspUdpMeter *self)
{
  return __atomic_load_n (&self->n_bytes, __ATOMIC_RELAXED);
}

static void
note_first_pictures_on_stream (PhRtspUdpMeter *self, PhTraffic *traffic)
{
  g_mutex_lock (&self->shared.lock);
  for (guint i = 0; i < self->shared.since->len; i++)
    ph_traffic_note_first_picture_any (
        traffic, PH_VIEWER_RTSP, g_array_index (self->shared.since, gint64, i));
  g_array_set_size (self->shared.since, 0);
  g_atomic_int_set (&self->n_new, 0);
  g_mutex_unlock (&self->shared.lock);
}

static void
note_unit_on_stream (Place *place, GstBuffer *first, gsize n_bytes)
{
  PhRtspUdpMeter *self = place->meter;
  PhTraffic *traffic = ph_feed_get_traffic_any (self->feed);
  guint n_viewers = g_atomic_int_get (&self->n_viewers);

  if (n_viewers == 0)
    return;
  ph_traffic_note_age_any (traffic, GST_BUFFER_PTS (first) + place->base_time);
  ph_traffic_note_sent_any (traffic, PH_VIEWER_RTSP, n_bytes * n_viewers);
  __atomic_fetch_add (&self->n_bytes, n_bytes, __ATOMIC_RELAXED);
  if (g_atomic_int_get (&self->n_new) > 0 &&
      !GST_BUFFER_FLAG_IS_SET (first, GST_BUFFER_FLAG_DELTA_UNIT))
    note_first_pictures_on_stream (self, traffic);
}

static GstPadProbeReturn
look_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    if (gst_buffer_list_length (list) > 0)
      note_unit_on_stream (
          user_data, gst_buffer_list_get (list, 0), gst_buffer_list_calculate_size (list));
  } else {
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

    note_unit_on_stream (user_data, buffer, gst_buffer_get_size (buffer));
  }
  return GST_PAD_PROBE_OK;
}

static void
free_place (gpointer data)
{
  Place *place = data;

  ph_rtsp_udp_meter_unref_any (place->meter);
  g_free (place);
}

void
ph_rtsp_udp_meter_watch (PhRtspUdpMeter *self, GstPad *pad, GstClockTime base_time)
{
  Place *place = g_new0 (Place, 1);

  place->meter = ph_rtsp_udp_meter_ref_any (self);
  place->base_time = base_time;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
      look_on_stream, place, free_place);
}
