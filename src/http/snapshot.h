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

typedef struct {
  double max_age; /* seconds */
  gboolean takes_placeholder; /* FALSE: while the camera is lost the answer is 503 */
  const char *file_name; /* nullable, ASCII: the part of the name in front of the time, for a
                            picture that is to be saved */
} PhSnapshotWish;

/* PhRouteHandler; query keys: stream, width, max_age (seconds, 0 to 3600; default 1), placeholder
 * (1: of a lost camera, too, as far as there is one), download (1: to be saved under a name with
 * the camera and the time). user_data is the PhSnapshot. */
void ph_snapshot_handle (PhRequest *request, gpointer user_data);
/* The same for a known feed. counted is the camera's own feed, which feed is or is scaled from: who
 * waits is counted there. */
void ph_snapshot_serve (PhSnapshot *self, PhRequest *request, PhFeed *feed, PhFeed *counted,
    const PhSnapshotWish *wish);
