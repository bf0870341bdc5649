/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be sent to one viewer over TCP (RFC 2326 10.12), one access unit a piece. A viewer
 * whose line is full is left waiting up to a given age; then what waits is dropped, and it goes on
 * with the next keyframe. So a slow viewer sees fewer pictures but fresh ones, and costs no more
 * than that much of the stream. Reference counted; any thread but where it says otherwise. */
#pragma once

#include "camera/viewers.h"
#include "rtsp/fan-out.h"
#include "rtsp/line.h"

#include <gst/rtsp-server/rtsp-server.h>

typedef struct _PhRtspOutbox PhRtspOutbox;

typedef struct {
  PhRtspFanOut *fan_out; /* of the stream, for ph_rtsp_outbox_send_offered_any(); kept */
  PhFeed *feed; /* asked for a keyframe when the viewer can go on; told what is sent; kept */
  GstClockTime base_time; /* feed time at which the media's running time is 0 */
  const guint *max_age_ms; /* atomic; of what waits, against the newest; outlives the line */
  gint64 since; /* when the viewer came, monotonic time in microseconds */
} PhRtspOutboxSource;

/* Sends by line, which is kept; what source names is kept or has to outlive it, as it says there.
 * transport is not kept alive: it owns the outbox, from ph_rtsp_outbox_attach_on_rtsp() on. */
PhRtspOutbox *ph_rtsp_outbox_new (
    PhRtspLine *line, GstRTSPStreamTransport *transport, const PhRtspOutboxSource *source);
PhRtspOutbox *ph_rtsp_outbox_ref_any (PhRtspOutbox *self);
void ph_rtsp_outbox_unref_any (PhRtspOutbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRtspOutbox, ph_rtsp_outbox_unref_any)

/* What a fan-out of outboxes does with each: sends the unit that was offered to it. Takes outbox, a
 * PhRtspOutbox. */
void ph_rtsp_outbox_send_offered_any (gpointer outbox);

/* Makes transport send by this outbox until it is given another or is gone. */
void ph_rtsp_outbox_attach_on_rtsp (PhRtspOutbox *self);

/* The next unit sent is a keyframe. */
void ph_rtsp_outbox_await_keyframe_any (PhRtspOutbox *self);

/* id: what the watch says was sent; the line is told before. */
void ph_rtsp_outbox_note_sent_on_rtsp (PhRtspOutbox *self, guint id);

/* Microseconds the viewer has not taken what was given to it; 0: it keeps up. */
gint64 ph_rtsp_outbox_get_stuck_time_any (PhRtspOutbox *self);

/* RTP that was sent, and what of it was left out since the viewer did not keep up. */
void ph_rtsp_outbox_count_any (PhRtspOutbox *self, PhViewerCounts *counts);

/* Nothing is sent once it returns; the line is let go. */
void ph_rtsp_outbox_close_any (PhRtspOutbox *self);
gboolean ph_rtsp_outbox_is_closed_any (PhRtspOutbox *self);
