/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way out of one connection, for answers and pictures alike: one at a time, in whole pieces.
 * What the socket takes at once goes straight into it, with one system call and without a copy; the
 * rest waits in the connection's watch. Reference counted; any thread but where it says otherwise.
 */
#pragma once

#include <gio/gio.h>
#include <gst/rtsp/rtsp.h>

typedef struct _PhRtspLine PhRtspLine;

/* Writes by watch, which is kept until it is closed. */
PhRtspLine *ph_rtsp_line_new (GstRTSPWatch *watch);
PhRtspLine *ph_rtsp_line_ref_any (PhRtspLine *self);
void ph_rtsp_line_unref_any (PhRtspLine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRtspLine, ph_rtsp_line_unref_any)

/* From now on pieces go straight into socket, which is in clear and where the watch writes to. */
void ph_rtsp_line_use_socket_any (PhRtspLine *self, GSocket *socket);

/* FALSE: the connection is gone, or too much waits already. waiting becomes what
 * ph_rtsp_line_note_sent_on_rtsp() is told once all is sent; 0: it is. */
gboolean ph_rtsp_line_send_any (PhRtspLine *self, const guint8 *data, gsize size, guint *waiting);
/* The same for messages, by the watch. */
gboolean ph_rtsp_line_answer_any (PhRtspLine *self, GstRTSPMessage *messages, guint n_messages);

/* id: what the watch says was sent. */
void ph_rtsp_line_note_sent_on_rtsp (PhRtspLine *self, guint id);

/* Nothing is written once it returns; the watch is let go. To be called before the connection is
 * closed. */
void ph_rtsp_line_close_any (PhRtspLine *self);
