/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The HLS of one feed while somebody asks for it: listens for fragments, asks for keyframes so that
 * segments come out as long as they should, counts viewers, and stops when nobody has asked for a
 * while. Main thread. */
#pragma once

#include "config/config.h"
#include "http/hls-ring.h"
#include "http/request.h"

typedef struct _PhHlsStream PhHlsStream;

/* There is a first fragment, one more part or one more segment. */
typedef void (*PhHlsStreamChanged) (PhHlsStream *stream, gpointer user_data);

/* fmp4 is kept and must outlive it. */
PhHlsStream *ph_hls_stream_new (
    PhFmp4 *fmp4, const PhHttpConfig *config, PhHlsStreamChanged changed, gpointer user_data);
void ph_hls_stream_free (PhHlsStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhHlsStream, ph_hls_stream_free)

/* FALSE: nobody watches it, and a new one made by config would be another. */
gboolean ph_hls_stream_may_go_on (PhHlsStream *self, const PhHttpConfig *config);

/* Somebody asks for something: starts it, or keeps it going. viewer tells one from another; NULL:
 * is not counted as one. */
void ph_hls_stream_note_request (PhHlsStream *self, const char *viewer);

/* It is answered with n_bytes; of the first that have a picture viewer's wait is noted. viewer NULL
 * as above. */
void ph_hls_stream_note_answer (
    PhHlsStream *self, const char *viewer, gsize n_bytes, gboolean has_picture);

/* After ph_hls_stream_note_request() with viewer: lists it. FALSE: it was sent away by hand and has
 * asked on since; it is heard again when it has been silent for a while. */
gboolean ph_hls_stream_admits (PhHlsStream *self, PhRequest *request, const char *viewer);

/* Nothing comes any more: those who watch are told that the stream is over. Returns for how many
 * seconds it should be kept for them; 0: nobody watches. */
guint ph_hls_stream_end (PhHlsStream *self);

/* NULL while there is no segment, or when the newest is so old that it would be no live picture.
 * Owned by self, until the main loop runs again. */
GBytes *ph_hls_stream_get_playlist (PhHlsStream *self);
/* As ph_hls_ring_get_delta() and ph_hls_ring_get_last(), of such a playlist. */
GBytes *ph_hls_stream_get_delta (PhHlsStream *self);
gboolean ph_hls_stream_get_last (PhHlsStream *self, guint64 *sequence, guint *part);
/* A file of the playlist by its name; NULL when it is not kept (any more). Owned by self likewise.
 */
GBytes *ph_hls_stream_find (PhHlsStream *self, const char *file_name);
/* As ph_hls_ring_is_hinted() and ph_hls_ring_look_for(). */
gboolean ph_hls_stream_is_hinted (PhHlsStream *self, const char *file_name);
PhHlsRingOutlook ph_hls_stream_look_for (PhHlsStream *self, guint64 number, guint part);
/* Seconds. */
guint ph_hls_stream_get_target_duration (PhHlsStream *self);
/* NULL before the first fragment ever. Owned by self likewise. */
const PhFmp4Header *ph_hls_stream_get_header (PhHlsStream *self);
/* bit/s, as ph_hls_ring_measure(). */
void ph_hls_stream_measure (PhHlsStream *self, guint64 *peak, guint64 *average);

/* What the timer does, as if now (monotonic time, microseconds) had come. */
void ph_hls_stream_expire (PhHlsStream *self, gint64 now);
