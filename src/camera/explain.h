/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GStreamer's errors as sentences that a person can act on. Any thread. */
#pragma once

#include "config/camera-config.h"

#include <gst/gst.h>

/* message is an error as posted on the bus; its debug text goes to the log. The sentence has no
 * full stop and no secret in it. Free with g_free. */
char *ph_explain_error (const PhSourceConfig *source, GstMessage *message);

/* The source has ended without an error. Free with g_free. */
char *ph_explain_end (const PhSourceConfig *source);
/* doing: "opening", "closing", "asking". */
char *ph_explain_hang (const PhSourceConfig *source, const char *doing, guint seconds);
