/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts what viewers over UDP are sent. The kernel takes their packets in one go for all of them,
 * so it looks at each access unit once, where it leaves for them. (Over TCP each has its outbox,
 * and of multicast nobody knows who gets it.) Reference counted; any thread. */
#pragma once

#include "camera/feed.h"

typedef struct _PhRtspUdpMeter PhRtspUdpMeter;

/* feed, which is kept, is told what was sent. */
PhRtspUdpMeter *ph_rtsp_udp_meter_new (PhFeed *feed);
PhRtspUdpMeter *ph_rtsp_udp_meter_ref_any (PhRtspUdpMeter *self);
void ph_rtsp_udp_meter_unref_any (PhRtspUdpMeter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRtspUdpMeter, ph_rtsp_udp_meter_unref_any)

/* Looks at the units that come through pad, the source pad of an rtpbin, from now on. base_time:
 * feed time at which the running time of its pipeline is 0. */
void ph_rtsp_udp_meter_watch (PhRtspUdpMeter *self, GstPad *pad, GstClockTime base_time);

/* since: when the viewer came, monotonic time in microseconds. */
void ph_rtsp_udp_meter_add_viewer_any (PhRtspUdpMeter *self, gint64 since);
void ph_rtsp_udp_meter_remove_viewer_any (PhRtspUdpMeter *self);

/* What each of them was sent in all this time, bytes. */
guint64 ph_rtsp_udp_meter_get_n_bytes_any (PhRtspUdpMeter *self);
