/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a camera definition to the text of its pipeline: what the source really delivers (asked from
 * the device), which encoder can do it (tried), and so which elements stand in each branch. The
 * same text is run by the camera and printed by porthole check. */
#pragma once

#include "config/camera-config.h"

#include <gio/gio.h>

typedef enum { PH_MEDIA_RAW, PH_MEDIA_H264, PH_MEDIA_JPEG } PhMedia;

/* What the source gives, and the gst-launch-1.0 text that yields it at its end. */
typedef struct {
  char *text; /* from the source element to what delivers media; no secret stands in it */
  PhMedia media;
  guint width, height; /* pixels */
  double framerate; /* frames/s; 0: unknown */
  gboolean is_variable; /* framerate is measured: the caps do not carry it */
  char *format; /* raw: the video format, "NV12"; NULL: not known before it runs */
  char *colorimetry; /* raw: "bt709"; NULL: not known before it runs */
  char *device_id; /* which camera it is, whatever number its device has; NULL: such a source has
                      none */
  gboolean ends; /* TRUE for a file: it is played again from its start when it ends, see below */
} PhSourcePlan;

/* How a source that ends is played again: "source" is a bin with one source pad that is always
 * there, followed by an element that waits for the clock. Drop the EOS event at that pad, set the
 * bin to READY (not in a streaming thread), give the pad an offset of the running time at which the
 * last picture ended (the latest PTS and its duration, not the last DTS), and let the bin sync with
 * its parent: its times begin at 0 again. */

typedef enum {
  PH_BRANCH_CODED, /* hangs on the source's tee: what the source delivers is passed through */
  PH_BRANCH_RAW /* hangs on the tee of decoded pictures (for a raw source the same tee) */
} PhBranchTee;

typedef struct {
  char *stream; /* PhStreamConfig.name */
  PhBranchTee tee;
  char *text; /* what stands between the branch's queue and its appsink */
  char *encoder; /* GStreamer factory; NULL: passed through */
  guint width, height; /* pixels, of what comes out */
  double framerate;
} PhBranchPlan;

typedef struct {
  PhSourcePlan source;
  char *decode; /* text between the coded tee and the raw tee; NULL when nothing is decoded */
  GPtrArray *branches; /* element-type PhBranchPlan, one for each stream, in their order */
  GPtrArray
      *notes; /* element-type char *: what was chosen and why, one sentence each, for the log */
  GPtrArray *warnings; /* element-type char *: what is not as asked ("1280x720 instead of …") */
} PhPlan;

/* Opens the device or connects to the camera for a moment and tries encoders, so it may block for
 * seconds; at most about ten, less when cancelled. device_id (nullable) is that of the last plan:
 * then no other camera will do. Worker thread (or main in commands that only print). Errors:
 * PH_ERROR_UNAVAILABLE, _NOT_FOUND, _UNSUPPORTED with a sentence for the user. */
PhPlan *ph_plan_make_on_worker (
    const PhCameraConfig *config, const char *device_id, GCancellable *cancellable, GError **error);
void ph_plan_free (PhPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhPlan, ph_plan_free)

/* The branch of stream, by name; self (nullable) owns it. NULL: there is none. */
const PhBranchPlan *ph_plan_find_branch (const PhPlan *self, const char *stream);

/* The branch of the index-th stream is to be as stream says, which is tuned only
 * (ph_camera_config_compare). */
void ph_plan_tune (PhPlan *self, guint index, const PhStreamConfig *stream);

/* The whole pipeline as gst_parse_launch() takes it, free with g_free. No secret stands in it: see
 * ph_source_apply_secrets(). Names in it:
 *   source          the source element; where the source ends, the bin that plays it once; for a
 *                   launch line only what that line itself names so
 *   coded, raw      the tees
 *   decode          the valve in front of the decoder (only with plan->decode): once opened again
 *                   let nothing but a keyframe through it first
 *   gate-STREAM     the valve in front of each branch
 *   sink-STREAM     its appsink
 * Valves stand open in the text. */
char *ph_plan_to_text (const PhPlan *self);

/* The same as the arguments of gst-launch-1.0 in a shell, free with g_free. A secret stands in it
 * as the command that reads its file. */
char *ph_plan_to_shell_line (const PhPlan *self, const PhCameraConfig *config);
