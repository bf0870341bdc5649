/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HTTP Live Streaming (RFC 8216) with fragmented MP4, from memory:
 *   /NAME/index.m3u8               the streams to choose from, or the only one's segments
 *   /NAME/index.m3u8?stream=NAME   the segments of one stream
 *   /NAME/hls/STREAM/FILE          segments, their parts and init segments, immutable
 * and with low latency (RFC 8216bis): a playlist with _HLS_msn and _HLS_part is answered when it
 * has what they name, the part it hints at when that is complete, with _HLS_skip without what its
 * reader has; each says how far the camera's other streams are that run. The first request of an
 * idle camera is answered when there is a first segment. Main thread. */
#pragma once

#include "config/config.h"
#include "http/fmp4.h"
#include "http/request.h"

typedef struct _PhHls PhHls;

/* Both are kept; fmp4s must outlive it, config until another is set. */
PhHls *ph_hls_new (PhFmp4Set *fmp4s, const PhHttpConfig *config);
/* Holds for each stream when nobody watches it any more: its playlist may not change its words. */
void ph_hls_set_config (PhHls *self, const PhHttpConfig *config);
/* Nothing comes from feed any more: tells who watches it. Returns for how many seconds feed is to
 * be kept for that, and ph_hls_drop_feed() put off; 0: nobody watches. */
guint ph_hls_end_feed (PhHls *self, PhFeed *feed);
/* Answers whoever waits for feed, and forgets what it has of it. */
void ph_hls_drop_feed (PhHls *self, PhFeed *feed);
/* Answers whoever waits. */
void ph_hls_free (PhHls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhHls, ph_hls_free)

/* PhRouteHandler for "/NAME/index.m3u8"; query keys: stream,
 * _HLS_msn, _HLS_part, _HLS_skip. user_data is the PhHls. */
void ph_hls_handle_playlist (PhRequest *request, gpointer user_data);
/* PhRouteHandler for "/NAME/hls/" and what follows. user_data is the PhHls. */
void ph_hls_handle_file (PhRequest *request, gpointer user_data);
