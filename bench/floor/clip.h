/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A clip as it goes over the wire: for each picture the packets of it, made before (clip.py), with
 * the four bytes of RTSP's interleaving (RFC 2326, 10.12) in front of each of RTP. */
#pragma once

#include <gio/gio.h>
#include <sys/uio.h>

#define FLOOR_PREFIX 4 /* bytes in front of a packet of RTP, for TCP */

typedef struct {
  gboolean is_keyframe;
  guint n_packets;
  struct iovec *packets;
  gsize size; /* of all packets */
} FloorUnit;

typedef struct {
  GBytes *bytes;
  gboolean is_rtp;
  double framerate;
  GArray *units; /* element-type FloorUnit */
  guint next;
  guint64 n_sent;
  guint16 sequence;
} FloorClip;

/* File format, all numbers 32 bits, little endian: for each picture 1 for a keyframe or 0, the
 * number of packets, and for each packet its size and its bytes. */
FloorClip *floor_clip_load (const char *path, gboolean is_rtp, double framerate, GError **error);
void floor_clip_free (FloorClip *self);

/* The picture whose turn it is; over and over, with RTP numbers and times that go on. */
const FloorUnit *floor_clip_next (FloorClip *self);
