/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /NAME/mjpeg: the pictures of a JPEG feed one after another, as multipart/x-mixed-replace (after
 * RFC 2046, 5.1; each part replaces the one before). Main thread.
 *
 * Each part has Content-Type, Content-Length and X-Timestamp (when the picture was taken, seconds
 * since 1970 with six decimals), and the boundary follows it at once: a browser shows a picture
 * when it sees the boundary behind it, and would otherwise always be one picture late. */
#pragma once

#include "http/pictures.h"

typedef struct _PhMjpeg PhMjpeg;

/* pictures is kept and must outlive it. max_age: seconds a picture may wait for a viewer's line;
 * it gives way to a newer one before. */
PhMjpeg *ph_mjpeg_new (PhPictures *pictures, double max_age);
/* Sends every viewer away. */
void ph_mjpeg_free (PhMjpeg *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMjpeg, ph_mjpeg_free)
/* For those who watch already as well. */
void ph_mjpeg_set_max_age (PhMjpeg *self, double max_age);

/* Sends those away whose viewers are counted at feed. */
void ph_mjpeg_drop_feed (PhMjpeg *self, PhFeed *feed);

/* PhRouteHandler; query keys: stream, fps (0.1 to 60), width. user_data is the PhMjpeg. */
void ph_mjpeg_handle (PhRequest *request, gpointer user_data);
/* The same for a known feed; the viewer is counted at counted. fps 0: every picture. */
void ph_mjpeg_serve (PhMjpeg *self, PhRequest *request, PhFeed *feed, PhFeed *counted, double fps);
