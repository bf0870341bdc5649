/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The group of pictures a feed keeps: the access units since the last keyframe, bounded in number
 * and bytes. Over the bound it is given up until the next keyframe: half a group is of use to
 * nobody. No locking of its own. */
#pragma once

#include <gst/gst.h>

typedef struct {
  GPtrArray *samples; /* element-type GstSample */
  gsize n_bytes;
} PhGop;

#define PH_GOP_MAX_UNITS 2000
#define PH_GOP_MAX_BYTES (32 * 1024 * 1024)

void ph_gop_init (PhGop *self);
void ph_gop_clear (PhGop *self);
/* Takes a reference on sample. A keyframe starts anew. */
void ph_gop_add (PhGop *self, GstSample *sample);
void ph_gop_forget (PhGop *self);
/* Caller owns the array and the references in it. */
GPtrArray *ph_gop_dup_samples (const PhGop *self);
