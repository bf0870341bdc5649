/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One stream of a camera sent to a media server of somebody else's by RTSP (ANNOUNCE and RECORD,
 * RFC 2326, 10.3 and 10.11), over TCP, and again with back-off whenever that ends. It taps its feed
 * while it is connected or connecting, so the camera is open then. Main thread only. */
#pragma once

#include "camera/feed.h"

typedef enum {
  PH_PUSH_CONNECTING, /* to the server, or waiting for the camera's first keyframe */
  PH_PUSH_LIVE,
  PH_PUSH_LOST, /* tried again after a while */
  PH_PUSH_LAST
} PhPushState;

/* "connecting", "live", "lost". */
const char *ph_push_state_to_string (PhPushState state);

typedef struct _PhPush PhPush;

/* Begins at once. config is copied; camera is its name, for the log. n_stopping counts connections
 * of it that are still being closed; it must outlive them. */
PhPush *ph_push_new (
    const PhPushConfig *config, const char *camera, PhFeed *feed, guint *n_stopping);
/* Says goodbye to the server in a worker. */
void ph_push_free (PhPush *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhPush, ph_push_free)

/* Whether it does what config wants of feed. */
gboolean ph_push_is_as (PhPush *self, const PhPushConfig *config, PhFeed *feed);
const char *ph_push_get_camera (PhPush *self);
const char *ph_push_get_stream (PhPush *self);
/* "rtsp://media.example:8554": without the path, in which services have keys. */
const char *ph_push_get_server (PhPush *self);
PhPushState ph_push_get_state (PhPush *self);
/* A sentence about the last failure; NULL when there was none since it was last live. */
const char *ph_push_get_last_error (PhPush *self);
/* Seconds until the next try; 0 while none is due. */
double ph_push_get_retry_in (PhPush *self);
guint64 ph_push_get_n_bytes (PhPush *self);
guint64 ph_push_get_n_restarts (PhPush *self);
