/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /NAME/snapshot.jpg: one picture, not older than asked. Without a fresh one at hand it wakes the
 * camera and waits for its first. Main thread. */
#pragma once

#include "http/pictures.h"

typedef struct _PhSnapshot PhSnapshot;

/* pictures is kept and must outlive it. */
PhSnapshot *ph_snapshot_new (PhPictures *pictures);
/* Whoever still waits is told that there is no picture. */
void ph_snapshot_free (PhSnapshot *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSnapshot, ph_snapshot_free)

/* Whoever waits for a picture of feed is told that there is none. */
void ph_snapshot_drop_feed (PhSnapshot *self, PhFeed *feed);

/* PhRouteHandler; query keys: stream, width, max_age (seconds, 0 to 3600; default 1), download (1:
 * to be saved under a name with the camera and the time). user_data is the PhSnapshot. */
void ph_snapshot_handle (PhRequest *request, gpointer user_data);
/* The same for a known feed; who waits is counted at counted. file_name (nullable, ASCII) is the
 * part of the name in front of the time, for a picture that is to be saved. */
void ph_snapshot_serve (PhSnapshot *self, PhRequest *request, PhFeed *feed, PhFeed *counted,
    double max_age, const char *file_name);
