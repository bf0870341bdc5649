/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An access unit, or a report, as it goes over TCP (RFC 2326, section 10.12): all its packets with
 * the four bytes in front of each, in one piece. Made once for all viewers and never changed.
 * Reference counted; any thread. */
#pragma once

#include <gst/gst.h>

typedef struct {
  GstClockTime time; /* running time of the media */
  gboolean is_keyframe;
  guint8 channel;
  gsize size;
  guint8 data[];
} PhRtspPacked;

/* A packet alone: a report, or RTP that was not gathered. Give it back. */
PhRtspPacked *ph_rtsp_packed_new_any (GstBuffer *packet, guint8 channel);

/* The same piece for all who ask for the list by one channel; it lives as long as the list, or as
 * somebody keeps it. Give it back. */
PhRtspPacked *ph_rtsp_packed_ref_of_list_any (GstBufferList *packets, guint8 channel);

PhRtspPacked *ph_rtsp_packed_ref_any (PhRtspPacked *self);
void ph_rtsp_packed_unref_any (PhRtspPacked *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRtspPacked, ph_rtsp_packed_unref_any)
