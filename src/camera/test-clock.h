/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A test card that tells when it was made: to people as text, to programs as a row of blocks that
 * survives scaling and encoding (GStreamer's simplevideomark draws it, simplevideomarkdetect reads
 * it). Whoever decodes a picture and shares the clock knows its age.
 *
 * The row in a picture of W times H: blocks of W/64 times 2*W/64, the first W/8 from the left, the
 * lowest 2*W/64 above the bottom. First black, white, black, white to calibrate by; then 44 of
 * milliseconds since 1970 in UTC, highest bit first, white for one. */
#pragma once

#include <gst/gst.h>

#define PH_TEST_CLOCK_COLUMNS 64 /* blocks in a picture's width */
#define PH_TEST_CLOCK_MARKERS 4
#define PH_TEST_CLOCK_BITS 44

/* Appends the elements that write on pictures of that size. PH_ERROR_UNSUPPORTED when the width is
 * no multiple of 64, or the elements are not installed. Any thread. */
gboolean ph_test_clock_append (GString *text, guint width, guint height, GError **error);

/* Sets the clock in pipeline going, where it has one. Any thread, before the pipeline runs. */
void ph_test_clock_attach_any (GstElement *pipeline);
