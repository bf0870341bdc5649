/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cameras that are in the settings no more, kept while players of HLS are told that their stream is
 * over. Main thread. */
#pragma once

#include "camera/camera.h"

typedef struct _PhEnded PhEnded;

/* Its time is over; camera goes once this returns. */
typedef void (*PhEndedForget) (PhCamera *camera, gpointer user_data);

PhEnded *ph_ended_new (PhEndedForget forget, gpointer user_data);
/* Nothing is called any more. */
void ph_ended_free (PhEnded *self);

/* Takes a reference on camera for so many seconds. */
void ph_ended_add (PhEnded *self, PhCamera *camera, guint seconds);
/* NULL: there is none of that name. Owned by self. */
PhCamera *ph_ended_find (PhEnded *self, const char *name);
gboolean ph_ended_has_feed (PhEnded *self, PhFeed *feed);
