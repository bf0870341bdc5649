/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who watches: counted in the feed, listed, and named in the log from PLAY until what was played is
 * taken down, by TEARDOWN, by a connection that goes or by a session that times out. The rtsp
 * thread. */
#pragma once

#include "camera/viewers.h"
#include "rtsp/mount.h"
#include "rtsp/outbox.h"

typedef struct {
  gint64 since; /* when the connection came, monotonic time in microseconds */
  const char *user; /* nullable */
  PhRtspOutbox *outbox; /* nullable: not by TCP */
  PhViewers *viewers; /* nullable */
  PhMailbox *ending; /* gets a reference on the client when it is to be closed */
} PhRtspViewerSource;

/* After PLAY; does nothing for one who is counted already. */
void ph_rtsp_viewer_ensure_counted_on_rtsp (
    GstRTSPContext *context, PhRtspMount *mount, const PhRtspViewerSource *source);
