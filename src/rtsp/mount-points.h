/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* By which path a stream is played: /CAMERA/STREAM, and /CAMERA for the first; with
 * PH_RTSP_REQUEST_SRTP behind it the same by SRTP. Follows the cameras, makes the mounts of their
 * feeds and lets them follow demand. Main thread, but where it says otherwise. */
#pragma once

#include "base/mailbox.h"
#include "camera/camera.h"
#include "config/config.h"

#include <gst/rtsp-server/rtsp-server.h>

typedef struct _PhRtspMountPoints PhRtspMountPoints;

/* to_rtsp gets references on mounts that have news: see rtsp/mount.h. */
PhRtspMountPoints *ph_rtsp_mount_points_new (PhMailbox *to_rtsp);

/* Each of these may be called again at any time, until it is closed: see rtsp/server.h. */
void ph_rtsp_mount_points_set_config (PhRtspMountPoints *self, const PhRtspConfig *config);
void ph_rtsp_mount_points_set_cameras (PhRtspMountPoints *self, GPtrArray *cameras);

/* What gst-rtsp-server finds a path in. Owned by self, the same as long as it lives. */
GstRTSPMountPoints *ph_rtsp_mount_points_get_all_any (PhRtspMountPoints *self);
/* The same for who must save: of a camera its smallest stream alone. */
GstRTSPMountPoints *ph_rtsp_mount_points_get_smallest_any (PhRtspMountPoints *self);

/* Takes all taps off the feeds, once the rtsp thread has ended. Does nothing the second time. */
void ph_rtsp_mount_points_close (PhRtspMountPoints *self);
/* Closes it first. */
void ph_rtsp_mount_points_free (PhRtspMountPoints *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRtspMountPoints, ph_rtsp_mount_points_free)
