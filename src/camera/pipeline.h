/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One run of a camera's pipeline, from its plan to its end. Gates (valves) in front of each branch
 * follow what is wanted; what comes out is pushed into the feeds. Main thread only. */
#pragma once

#include "camera/feed.h"
#include "camera/plan.h"

typedef struct _PhPipeline PhPipeline;

/* Called in the main thread, never from inside a ph_pipeline_* call. */
typedef struct {
  void (*live) (gpointer owner); /* the source has delivered its first picture */
  /* The pipeline cannot go on; error is a sentence for the user and the owner is to close it. */
  void (*failed) (const char *error, gpointer owner);
  /* The device will not open, or not close; it goes on when it does. error is a sentence for the
   * user. */
  void (*hangs) (const char *error, gpointer owner);
  /* After ph_pipeline_close(), and the last thing heard: the device is closed, the pipeline freed.
   */
  void (*closed) (gpointer owner);
  gpointer owner;
} PhPipelineOwner;

/* feeds: element-type PhFeed, in the order of plan->branches; config is copied, plan must be there
 * until ph_pipeline_close(). All gates are shut. Error: PH_ERROR_UNSUPPORTED, PH_ERROR_SETTINGS,
 * PH_ERROR_UNAVAILABLE. */
PhPipeline *ph_pipeline_new (const PhCameraConfig *config, const PhPlan *plan, GPtrArray *feeds,
    const PhPipelineOwner *owner, GError **error);

/* Opens the device, in a thread of the pipeline's own; once. */
void ph_pipeline_start (PhPipeline *self);

/* Opens or shuts the gate of feeds[index]; one that opens starts with a keyframe. */
void ph_pipeline_set_wanted (PhPipeline *self, guint index, gboolean is_wanted);

/* Tells the encoder of feeds[index] the bitrate or quality of stream. FALSE: that one cannot be
 * told while it runs. */
gboolean ph_pipeline_tune (PhPipeline *self, guint index, const PhStreamConfig *stream);

/* Nothing more comes into the feeds; closes the device and joins all streaming threads, in the
 * pipeline's own thread: it may be that the driver is still opening the device, or hangs. Started
 * before; once. */
void ph_pipeline_close (PhPipeline *self);
/* Seconds that opening or closing the device has been going on; 0: neither is. */
double ph_pipeline_get_waiting_time (PhPipeline *self);
