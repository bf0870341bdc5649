/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether what a peer sends becomes whole requests, soon and in few bytes. gst-rtsp-server waits
 * for the end of a request for ever, keeps any number of headers, and does nothing else for anybody
 * while they come: so this is looked at from another thread. Reference counted; any thread. */
#pragma once

#include <gio/gio.h>

typedef struct _PhRtspIntake PhRtspIntake;

/* The first request is waited for from now on (now: monotonic, microseconds). */
PhRtspIntake *ph_rtsp_intake_new (GSocket *socket, guint request_time_s, gint64 now);
PhRtspIntake *ph_rtsp_intake_ref_any (PhRtspIntake *self);
void ph_rtsp_intake_unref_any (PhRtspIntake *self);

/* A whole request has come. socket is where the next will come from; nullable: from nowhere. */
void ph_rtsp_intake_note_request_any (PhRtspIntake *self, GSocket *socket);

/* To be called every second or so: ends the connection when a request has taken longer than
 * request_time, or is longer than any request is. */
void ph_rtsp_intake_check_any (PhRtspIntake *self, gint64 now);
