/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bitrate and quality of an encoder that runs. Main thread. */
#pragma once

#include "config/camera-config.h"

#include <gst/gst.h>

/* sink: what the branch ends in; factory: its encoder's, one of the encoder table or jpegenc.
 * FALSE: it cannot be told, nothing was done. */
gboolean ph_tune_encoder (GstElement *sink, const char *factory, const PhStreamConfig *stream);
