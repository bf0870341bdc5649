/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /api/v1/events: what happens, as server-sent events (HTML Living Standard, 9.2). Each has an id;
 * who comes back with Last-Event-ID is told what it missed, as far as that is kept. Nobody hears of
 * what it may not see. Main thread. */
#pragma once

#include "http/request.h"

typedef struct _PhEvents PhEvents;

PhEvents *ph_events_new (void);
/* Sends everybody away. */
void ph_events_free (PhEvents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhEvents, ph_events_free)

/* Tells whoever has permission for camera (nullable: none in particular). type is a literal, a
 * word; data holds one value and is read. */
void ph_events_emit (PhEvents *self, const char *type, PhPermission permission, const char *camera,
    JsonBuilder *data);

/* Emits "camera" when the state of camera becomes another, until it is followed no more. */
void ph_events_follow_camera (PhEvents *self, PhCamera *camera);
void ph_events_unfollow_camera (PhEvents *self, PhCamera *camera);

/* What the timer does between events, so that nobody in between takes the connection for dead. */
void ph_events_keep_alive (PhEvents *self);

/* PhRouteHandler; user_data is the PhEvents. */
void ph_events_handle (PhRequest *request, gpointer user_data);
