/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends one thing to many. The thread that has it does so alone for as long as it has the time;
 * when that takes it most of the time there is, others of a thread pool do part of it. Reference
 * counted. All functions are for one thread at a time, which may be any. */
#pragma once

#include <glib.h>

typedef struct _PhRtspFanOut PhRtspFanOut;

/* Takes item. Runs in the thread that sends, or in one that helps. */
typedef void (*PhRtspFanOutFunc) (gpointer item);

/* n_threads: how many may send at the same time, with the one that has what is to be sent; 0: as
 * many as there are processors. */
PhRtspFanOut *ph_rtsp_fan_out_new (guint n_threads, PhRtspFanOutFunc send);
PhRtspFanOut *ph_rtsp_fan_out_ref_any (PhRtspFanOut *self);
void ph_rtsp_fan_out_unref_any (PhRtspFanOut *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRtspFanOut, ph_rtsp_fan_out_unref_any)

/* The next thing to send: once it returns, all of the one before is sent. id tells one from the
 * other; it does nothing if id is that of the one there is. */
void ph_rtsp_fan_out_begin_any (PhRtspFanOut *self, guint64 id);

/* Sends item, here and now, or soon in a thread that helps. item is given to send. */
void ph_rtsp_fan_out_send_any (PhRtspFanOut *self, gpointer item);

/* All is sent once it returns. */
void ph_rtsp_fan_out_finish_any (PhRtspFanOut *self);

/* Whether others help now. */
gboolean ph_rtsp_fan_out_is_spread_any (PhRtspFanOut *self);
