/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Brings the newest JPEG picture of a feed to the main loop, for all who watch it through one tap,
 * which is there only while somebody does. Main thread. */
#pragma once

#include "http/request.h"

typedef struct _PhPictures PhPictures;
typedef struct _PhPictureWatch PhPictureWatch;

/* sample stays the feed's. The watch may be freed in it. */
typedef void (*PhPictureFunc) (GstSample *sample, gpointer user_data);

PhPictures *ph_pictures_new (void);
/* All watches must be freed before. */
void ph_pictures_free (PhPictures *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhPictures, ph_pictures_free)

/* func is called for each new picture, never before this returns. */
PhPictureWatch *ph_pictures_watch (
    PhPictures *self, PhFeed *feed, PhPictureFunc func, gpointer user_data);
void ph_picture_watch_free (PhPictureWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhPictureWatch, ph_picture_watch_free)

/* The feed's newest picture if its age is max_age (seconds) or less; else NULL. Caller owns it. */
GstSample *ph_pictures_dup_fresh (PhFeed *feed, double max_age);
/* When the picture was taken: microseconds since 1970. */
gint64 ph_picture_get_time (GstSample *sample);
/* The JPEG data, shared with the sample. Caller owns it. */
GBytes *ph_picture_dup_bytes (GstSample *sample);

/* The JPEG feed that the query keys stream and width ask for, no wider than the smallest stream for
 * who must save. Caller owns a reference; source is the unscaled one, owned by the camera: its
 * viewers are counted there. Answers the request itself (400, 404, 503) when it returns NULL. */
PhFeed *ph_pictures_ref_feed (PhRequest *request, PhFeed **source);
