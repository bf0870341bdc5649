/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a camera's source delivers, and the text of the elements that deliver it. */
#pragma once

#include "camera/plan.h"
#include "config/camera-config.h"

#include <gst/gst.h>

/* What every H.264 source ends in, and every encoder is followed by: parameter sets in front of
 * each keyframe, so that whoever comes later can decode, and access units that are marked as
 * keyframe or not. */
#define PH_H264_PARSER "h264parse config-interval=-1"
#define PH_H264_FRAMING "video/x-h264,stream-format=byte-stream,alignment=au"

/* Asks the device or the camera, at most about eight seconds; where the settings say all there is
 * to know nothing is opened. plan is zeroed before, but for the device_id of the last
 * one, where there was one; warnings (element-type char *) gets what is not
 * as asked. Errors are those of ph_plan_make_on_worker(). Worker thread. */
gboolean ph_source_make_plan_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error);
void ph_source_plan_clear (PhSourcePlan *plan);

/* Hands the element named "source" in pipeline the password that password_file holds in its first
 * line. Does nothing for a source without password. PH_ERROR_SETTINGS when the file cannot be read
 * or others can read it too. Any thread, before the pipeline runs. */
gboolean ph_source_apply_secrets (
    const PhSourceConfig *config, GstElement *pipeline, GError **error);
