/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load/rtp.h"

#define NAL_IDR 5
#define NAL_STAP_A 24
#define NAL_FU_A 28
#define NAL_TYPE(byte) ((byte)&0x1f)

/* RFC 3550 5.1; 0: this is no RTP. */
static gsize
measure_header (const guint8 *packet, gsize size)
{
  gsize length;

  if (size < 12 || packet[0] >> 6 != 2)
    return 0;
  length = 12 + 4 * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) != 0 && size >= length + 4)
    length += 4 + 4 * ((packet[length + 2] << 8) | packet[length + 3]);
  return length < size ? length : 0;
}

static gboolean
has_idr (const guint8 *payload, gsize size)
{
  guint type = NAL_TYPE (payload[0]);

  if (type == NAL_FU_A && size > 1)
    return NAL_TYPE (payload[1]) == NAL_IDR && (payload[1] & 0x80) != 0;
  if (type != NAL_STAP_A)
    return type == NAL_IDR;
  for (gsize at = 1; at + 2 < size; at += 2 + ((payload[at] << 8) | payload[at + 1]))
    if (NAL_TYPE (payload[at + 2]) == NAL_IDR)
      return TRUE;
  return FALSE;
}

static void
note_sequence (LoadRtp *self, LoadViewer *viewer, guint16 sequence)
{
  guint16 n_missing = sequence - self->sequence - 1;

  if (self->has_sequence && n_missing != 0) {
    viewer->n_gaps += n_missing;
    self->is_broken = TRUE;
  }
  self->has_sequence = TRUE;
  self->sequence = sequence;
}

void
load_rtp_take (LoadRtp *self, LoadViewer *viewer, const guint8 *packet, gsize size)
{
  gsize header = measure_header (packet, size);

  if (header == 0)
    return;
  note_sequence (self, viewer, (packet[2] << 8) | packet[3]);
  self->is_keyframe |= has_idr (packet + header, size - header);
  if ((packet[1] & 0x80) == 0)
    return;
  if (!self->is_broken)
    load_viewer_note_frame (viewer, self->is_keyframe);
  self->is_broken = self->is_keyframe = FALSE;
}
