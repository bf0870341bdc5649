/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who watches: counted in the feed and named in the log from PLAY until what was played is taken
 * down, by TEARDOWN, by a connection that goes or by a session that times out. The rtsp thread. */
#pragma once

#include "rtsp/mount.h"

/* After PLAY; does nothing for one who is counted already. since: when the connection came,
 * monotonic time in microseconds. */
void ph_rtsp_viewer_ensure_counted_on_rtsp (
    GstRTSPContext *context, PhRtspMount *mount, gint64 since);
