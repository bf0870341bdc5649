/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One run of a camera's pipeline, from its plan to its end. Gates (valves) in front of each branch
 * follow what is wanted; what comes out is pushed into the feeds. Main thread only. */
#pragma once

#include "camera/feed.h"
#include "camera/plan.h"

typedef struct _PhPipeline PhPipeline;

/* Called in the main thread, never from inside a ph_pipeline_* call, never after
 * ph_pipeline_free(). */
typedef struct {
  void (*live) (gpointer owner); /* the source has delivered its first picture */
  /* The pipeline cannot go on; error is a sentence for the user and the owner is to free it. */
  void (*failed) (const char *error, gpointer owner);
  gpointer owner;
} PhPipelineOwner;

/* feeds: element-type PhFeed, in the order of plan->branches; config is copied, plan must outlive
 * the pipeline. All gates are shut. Error: PH_ERROR_UNSUPPORTED, PH_ERROR_SETTINGS. */
PhPipeline *ph_pipeline_new (const PhCameraConfig *config, const PhPlan *plan, GPtrArray *feeds,
    const PhPipelineOwner *owner, GError **error);

/* Opens the device. Failures that come at once are reported to the owner like all others. */
void ph_pipeline_start (PhPipeline *self);

/* Opens or shuts the gate of feeds[index]; one that opens starts with a keyframe. */
void ph_pipeline_set_wanted (PhPipeline *self, guint index, gboolean is_wanted);

/* Tells the encoder of feeds[index] the bitrate or quality of stream. FALSE: that one cannot be
 * told while it runs. */
gboolean ph_pipeline_tune (PhPipeline *self, guint index, const PhStreamConfig *stream);

/* Closes the device and joins all streaming threads. */
void ph_pipeline_free (PhPipeline *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhPipeline, ph_pipeline_free)
