/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A camera owns its device: one pipeline opens it, whoever watches, started by the first tap on one
 * of its feeds and stopped `linger` seconds after the last one left. Main thread only, but for what
 * its feeds say.
 * Signal "changed" (): the state, the error or the plan is another than before. */
#pragma once

#include "camera/feed.h"
#include "camera/plan.h"
#include "config/camera-config.h"

#include <glib-object.h>

typedef enum {
  PH_CAMERA_IDLE, /* nobody looks; the device is closed */
  PH_CAMERA_STARTING, /* being opened; no picture yet */
  PH_CAMERA_LIVE,
  PH_CAMERA_LOST /* failed; tried again with back-off while somebody looks, until it is live */
} PhCameraState;

#define PH_TYPE_CAMERA (ph_camera_get_type ())
G_DECLARE_FINAL_TYPE (PhCamera, ph_camera, PH, CAMERA, GObject)

/* config is copied. */
PhCamera *ph_camera_new (const PhCameraConfig *config);

/* Owned by self, until the next ph_camera_set_config (). */
const PhCameraConfig *ph_camera_get_config (PhCamera *self);
/* After a reload: only what differs is touched. A bitrate or quality is told the running encoder if
 * that takes it; anything else about pictures starts the pipeline anew, with the taps there are.
 * Feeds whose name and codec are still there stay; others are new, and those that are gone get
 * nothing more: whoever has taps on them is to take them off. config (of the same name) is copied.
 */
void ph_camera_set_config (PhCamera *self, const PhCameraConfig *config);
/* Closes the device and asks it anew; taps stay. */
void ph_camera_restart (PhCamera *self);
PhCameraState ph_camera_get_state (PhCamera *self);
const char *ph_camera_state_to_string (PhCameraState state);
/* A sentence for the user about the last failure, also when the camera has come back since; NULL
 * when there was none. */
const char *ph_camera_get_last_error (PhCamera *self);
/* When that was, in microseconds since 1970; 0 when there was none. */
gint64 ph_camera_get_last_error_at (PhCamera *self);
/* How often it came back after it was lost. */
guint64 ph_camera_get_n_restarts (PhCamera *self);
/* Seconds until the next try while it is lost; 0 otherwise, and while it is being tried. */
double ph_camera_get_retry_in (PhCamera *self);
/* Seconds that its device is being asked, opened or closed; 0 when it is not. Each of these has a
 * deadline, after which the camera is lost and goes on as soon as the driver does. */
double ph_camera_get_waiting_time (PhCamera *self);
/* It is lost, and has no placeholder: who waits for a picture waits in vain. A camera that was not
 * live since somebody began to look has none: there is no viewer yet whom it would keep. */
gboolean ph_camera_is_dark (PhCamera *self);
/* NULL until the camera was started once. */
const PhPlan *ph_camera_get_plan (PhCamera *self);

/* Feeds in the order of the settings; owned by the camera, until the next ph_camera_set_config ().
 */
guint ph_camera_get_n_feeds (PhCamera *self);
PhFeed *ph_camera_get_feed (PhCamera *self, guint index);
/* name NULL: the first with this codec. NULL when there is none. */
PhFeed *ph_camera_find_feed (PhCamera *self, const char *name, PhCodec codec);

/* The JPEG feed scaled to width pixels (aspect ratio kept): decoded and encoded once for all who
 * ask for that width, only while somebody taps it. Caller owns a reference; the same width gives
 * the same feed while one is held. NULL with PH_ERROR_NOT_FOUND when the camera has no JPEG stream.
 */
PhFeed *ph_camera_ref_scaled_jpeg (PhCamera *self, PhFeed *jpeg, guint width, GError **error);

/* Stops the pipeline for good; taps get nothing more. A plan that is being made is cancelled. What
 * asks the device or closes it holds a reference on the camera until ph_camera_is_stopped(). */
void ph_camera_stop (PhCamera *self);
gboolean ph_camera_is_stopped (PhCamera *self);
