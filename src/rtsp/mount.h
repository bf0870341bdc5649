/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A mount turns one feed into RTSP: it makes the one media all viewers of the feed share, and sees
 * to it that the feed is tapped while somebody wants it. Its media starts with a keyframe the mount
 * holds already, so that making it never waits for a camera; who asks for it must wait before, for
 * PH_RTSP_MOUNT_READY.
 *
 * Threads: the vfuncs of the factory run in the rtsp thread. Everything that touches the tap runs
 * in the main thread; from elsewhere the mount posts itself into a mailbox and is asked there to
 * look at what is wanted now. */
#pragma once

#include "base/mailbox.h"
#include "camera/feed.h"
#include "rtsp/fan-out.h"
#include "rtsp/udp-meter.h"

#include <gst/rtsp-server/rtsp-server.h>

typedef enum {
  PH_RTSP_MOUNT_WAITING, /* for the camera's first keyframe */
  PH_RTSP_MOUNT_READY,
  PH_RTSP_MOUNT_DARK /* the camera cannot be had */
} PhRtspMountState;

#define PH_TYPE_RTSP_MOUNT (ph_rtsp_mount_get_type ())
G_DECLARE_FINAL_TYPE (PhRtspMount, ph_rtsp_mount, PH, RTSP_MOUNT, GstRTSPMediaFactory)

/* label: CAMERA/STREAM, for the log. It comes with a second one that serves the feed by SRTP. Both
 * mailboxes get references on mounts; to_main must call ph_rtsp_mount_follow_demand() on them,
 * to_rtsp ph_rtsp_mount_take_news_on_rtsp(). Each has the mount once at most, and must have room
 * for it. */
PhRtspMount *ph_rtsp_mount_new (
    PhFeed *feed, const char *label, PhMailbox *to_main, PhMailbox *to_rtsp);

/* The second one. Owned by self; what self is told (dark, closed, threads, multicast) holds for it
 * as well. NULL: self is the second one. */
PhRtspMount *ph_rtsp_mount_get_encrypted_any (PhRtspMount *self);
/* Whether self is the second one. */
gboolean ph_rtsp_mount_is_encrypted_any (PhRtspMount *self);

PhFeed *ph_rtsp_mount_get_feed_any (PhRtspMount *self);
const char *ph_rtsp_mount_get_label_any (PhRtspMount *self);
/* How many threads may send to the viewers of one media, from the next media on; 0: as many as
 * there are processors. */
void ph_rtsp_mount_set_threads_any (PhRtspMount *self, guint n_threads);
/* From the next media on: viewers may ask for multicast, to an address of pool, which is kept.
 * NULL: they may not. */
void ph_rtsp_mount_set_multicast_any (PhRtspMount *self, GstRTSPAddressPool *pool);
/* Feed time at which the running time of the media there is now is 0. */
GstClockTime ph_rtsp_mount_get_base_time_any (PhRtspMount *self);
/* Owned by self. */
PhRtspUdpMeter *ph_rtsp_mount_get_udp_meter_any (PhRtspMount *self);

/* While held, the feed is tapped (as soon as the main thread gets to it). Each hold is released
 * once. */
void ph_rtsp_mount_hold_any (PhRtspMount *self);
void ph_rtsp_mount_release_any (PhRtspMount *self);

/* Only worth something while held; to_rtsp gets the mount whenever it changes. */
PhRtspMountState ph_rtsp_mount_get_state_any (PhRtspMount *self);
void ph_rtsp_mount_take_news_on_rtsp (PhRtspMount *self);

/* Main thread: adds or removes the tap. */
void ph_rtsp_mount_follow_demand (PhRtspMount *self);
/* Main thread: the camera is lost and has no placeholder, or it is so no longer. */
void ph_rtsp_mount_set_dark (PhRtspMount *self, gboolean is_dark);
/* Main thread: removes the tap for good; to_rtsp gets the mount, whoever uses it is to be sent
 * away.
 */
void ph_rtsp_mount_close (PhRtspMount *self);
gboolean ph_rtsp_mount_is_closed_any (PhRtspMount *self);

/* The mount a media was made by; NULL when it is not ours. */
PhRtspMount *ph_rtsp_mount_of_media_on_rtsp (GstRTSPMedia *media);
/* What sends to all viewers of media over TCP; media is ours, and keeps it. */
PhRtspFanOut *ph_rtsp_mount_get_fan_out_on_rtsp (GstRTSPMedia *media);
/* Somebody plays: pictures flow into the media, from a keyframe on that is asked for here. */
void ph_rtsp_mount_start_flow_on_rtsp (PhRtspMount *self);
