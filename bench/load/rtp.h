/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts the access units in RTP packets of H.264 (RFC 6184). */
#pragma once

#include "load/viewer.h"

typedef struct {
  gboolean has_sequence;
  guint16 sequence; /* of the last packet */
  gboolean is_broken; /* a packet of the unit that is coming in is missing */
  gboolean is_keyframe;
} LoadRtp;

void load_rtp_take (LoadRtp *self, LoadViewer *viewer, const guint8 *packet, gsize size);
