/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What comes out of a pipeline, found by running it for a moment. */
#pragma once

#include "camera/plan.h"

#include <gst/gst.h>

typedef struct {
  char *media_type; /* of the caps: "video/x-h264"; never NULL */
  char *format; /* raw: the video format; nullable */
  char *colorimetry; /* raw; nullable */
  guint width, height; /* pixels; 0: the caps do not say */
  double framerate; /* frames/s; 0: unknown */
  gboolean is_variable; /* framerate is measured, the caps do not carry it */
  gboolean has_pts, has_dts; /* also the second buffer, which tells files without times */
} PhCapsProbe;

/* self is zeroed before. Runs pipeline, which it takes, until its fakesink "probe" has seen enough:
 * two buffers, or a dozen where the framerate is not in the caps. Where pipeline has a parsebin
 * "parse", its first video stream is linked to the probe. Errors are those of
 * ph_brief_run_on_worker(), and PH_ERROR_UNSUPPORTED when there is no video. Worker thread. */
gboolean ph_caps_probe_on_worker (PhCapsProbe *self, GstElement *pipeline, guint timeout_ms,
    GCancellable *cancellable, GError **error);
void ph_caps_probe_clear (PhCapsProbe *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhCapsProbe, ph_caps_probe_clear)

/* FALSE: the media type is neither raw video nor H.264 nor JPEG. Any thread. */
gboolean ph_caps_probe_get_media (const PhCapsProbe *self, PhMedia *media);

/* Copies size, rate and format to plan. */
void ph_caps_probe_fill_plan (const PhCapsProbe *self, PhSourcePlan *plan);
