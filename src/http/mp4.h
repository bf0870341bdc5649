/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /NAME/live.mp4: an H.264 feed as one endless fragmented MP4: an init segment, then a fragment for
 * each access unit. Main thread.
 *
 * It begins with the group of pictures at hand, which comes as fast as the line carries it, so that
 * a picture shows at once; a player that wants to be live jumps to the end of what it has. A viewer
 * whose line is too thin misses fragments, up to a keyframe, and sees a gap in the times; when the
 * size of the picture changes another init segment comes in between, which Media Source Extensions
 * take as it is. */
#pragma once

#include "http/fmp4.h"
#include "http/request.h"

typedef struct _PhMp4 PhMp4;

/* fmp4s is kept and must outlive it. max_age: seconds a fragment may wait for a viewer's line
 * before all that waits is given up. */
PhMp4 *ph_mp4_new (PhFmp4Set *fmp4s, double max_age);
/* Sends every viewer away. */
void ph_mp4_free (PhMp4 *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMp4, ph_mp4_free)
/* For those who watch already as well. */
void ph_mp4_set_max_age (PhMp4 *self, double max_age);

/* Sends those away who watch feed. */
void ph_mp4_drop_feed (PhMp4 *self, PhFeed *feed);

/* PhRouteHandler; query key: stream. user_data is the PhMp4. */
void ph_mp4_handle (PhRequest *request, gpointer user_data);
/* The same for a known feed. */
void ph_mp4_serve (PhMp4 *self, PhRequest *request, PhFeed *feed);
