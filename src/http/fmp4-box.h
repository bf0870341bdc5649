/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fragmented MP4 with one H.264 track, in bytes: ISO/IEC 14496-12 (boxes), 14496-15 (avc1, avcC),
 * 23000-19 (CMAF: movie fragments stand alone, decode times are absolute). Pure; any thread. */
#pragma once

#include <glib.h>

#define PH_FMP4_TIMESCALE 90000 /* ticks per second of all times in the boxes */

typedef struct {
  guint width, height; /* pixels */
  guint par_n, par_d; /* shape of a pixel; 1/1: square */
  GBytes *config; /* ph_avc_make_config() */
} PhFmp4Track;

/* ftyp and moov. */
GBytes *ph_fmp4_box_make_init (const PhFmp4Track *track);

typedef struct {
  guint64 decode_time; /* ticks */
  guint32 duration; /* ticks */
  gint32 composition_offset; /* ticks from decoding to showing; 0 without B-frames */
  gboolean is_keyframe;
  gint64 captured; /* microseconds since 1970; 0: not told */
  const GArray *units; /* ph_avc_split() */
} PhFmp4Sample;

/* prft (when it was captured, if told), moof and mdat with this one access unit. sequence counts
 * fragments, from 1. The payload is copied once, into place. */
GBytes *ph_fmp4_box_make_fragment (const PhFmp4Sample *sample, guint32 sequence);
