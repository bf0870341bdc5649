/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/packed.h"

#define HEADER 4

static PhRtspPacked *
alloc_packed (GstBuffer *first, gsize size, guint8 channel)
{
  PhRtspPacked *self = g_atomic_rc_box_alloc (sizeof *self + size);

  self->time = GST_BUFFER_PTS (first);
  self->is_keyframe = !GST_BUFFER_FLAG_IS_SET (first, GST_BUFFER_FLAG_DELTA_UNIT);
  self->channel = channel;
  self->size = 0;
  return self;
}

static void
add_packet (PhRtspPacked *self, GstBuffer *packet)
{
  guint8 *at = self->data + self->size;
  gsize size = gst_buffer_extract (packet, 0, at + HEADER, G_MAXUINT16);

  at[0] = '$';
  at[1] = self->channel;
  at[2] = size >> 8;
  at[3] = size & 0xff;
  self->size += HEADER + size;
}

PhRtspPacked *
ph_rtsp_packed_new_any (GstBuffer *packet, guint8 channel)
{
  PhRtspPacked *self = alloc_packed (packet, HEADER + gst_buffer_get_size (packet), channel);

  add_packet (self, packet);
  return self;
}

static PhRtspPacked *
pack_list (GstBufferList *packets, guint8 channel)
{
  guint n_packets = gst_buffer_list_length (packets);
  PhRtspPacked *self = alloc_packed (gst_buffer_list_get (packets, 0),
      n_packets * HEADER + gst_buffer_list_calculate_size (packets), channel);

  for (guint i = 0; i < n_packets; i++)
    add_packet (self, gst_buffer_list_get (packets, i));
  return self;
}

static GQuark
packed_quark (void)
{
  return g_quark_from_static_string ("ph-rtsp-packed");
}

/* Nearly everybody asks for the same channel; who does not pays for it. */
PhRtspPacked *
ph_rtsp_packed_ref_of_list_any (GstBufferList *packets, guint8 channel)
{
  GstMiniObject *holder = GST_MINI_OBJECT_CAST (packets);
  PhRtspPacked *self = gst_mini_object_get_qdata (holder, packed_quark ());

  if (self == NULL) {
    self = pack_list (packets, channel);
    gst_mini_object_set_qdata (
        holder, packed_quark (), self, (GDestroyNotify)ph_rtsp_packed_unref_any);
  } else if (self->channel != channel) {
    return pack_list (packets, channel);
  }
  return ph_rtsp_packed_ref_any (self);
}

PhRtspPacked *
ph_rtsp_packed_ref_any (PhRtspPacked *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
ph_rtsp_packed_unref_any (PhRtspPacked *self)
{
  g_atomic_rc_box_release (self);
}
