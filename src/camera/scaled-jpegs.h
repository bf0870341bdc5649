/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The scaled JPEG feeds of one camera, kept ready for MJPEG viewers who ask for the same width.
 * Main thread. */
#pragma once

#include "camera/scaled-jpeg.h"

typedef struct _PhScaledJpegs PhScaledJpegs;

PhScaledJpegs *ph_scaled_jpegs_new (void);
void ph_scaled_jpegs_free (PhScaledJpegs *self);

/* jpeg scaled to width pixels, made with quality where there is none yet. Caller owns a reference.
 * PH_ERROR_UNAVAILABLE: too many widths are being watched. */
PhFeed *ph_scaled_jpegs_ref_feed (
    PhScaledJpegs *self, PhFeed *jpeg, guint width, guint quality, GError **error);
/* jpeg is gone; NULL: all are. Taps get nothing more. */
void ph_scaled_jpegs_drop (PhScaledJpegs *self, PhFeed *jpeg);
