/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tap is one consumer of a feed. Its function runs in the streaming thread of the camera, so it
 * may only pass the sample on: to an appsrc, a mailbox, a slot. What it refuses is dropped up to
 * the next keyframe; it cannot delay the camera nor another tap. Reference counted. */
#pragma once

#include <gst/gst.h>

typedef struct _PhTap PhTap;

typedef enum {
  PH_TAP_FROM_KEYFRAME, /* starts with the next keyframe (RTSP) */
  PH_TAP_FROM_KEPT_GOP, /* starts with the group of pictures at hand (HLS, MP4) */
  PH_TAP_NEWEST /* any picture will do, each replaces the one before (MJPEG, snapshot) */
} PhTapPolicy;

/* sample stays the feed's: take a reference to keep it, never write to it. Its buffer carries feed
 * time; a keyframe lacks GST_BUFFER_FLAG_DELTA_UNIT; the first one after a gap has
 * GST_BUFFER_FLAG_DISCONT. FALSE: the consumer is full; the tap then drops up to the next keyframe
 * (PH_TAP_NEWEST: this one only). It may call what ends in _any. */
typedef gboolean (*PhTapFunc) (GstSample *sample, gpointer user_data);

/* Any thread. free_data (nullable) is called with the last reference, in whichever thread drops it.
 */
PhTap *ph_tap_new (
    PhTapPolicy policy, PhTapFunc push_on_stream, gpointer user_data, GDestroyNotify free_data);
PhTap *ph_tap_ref_any (PhTap *self);
void ph_tap_unref_any (PhTap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhTap, ph_tap_unref_any)

PhTapPolicy ph_tap_get_policy_any (PhTap *self);
guint64 ph_tap_get_n_dropped_any (PhTap *self);

/* For the feed, which serialises the calls: hands sample over, or drops it by the tap's policy.
 * FALSE: it was dropped. */
gboolean ph_tap_offer_on_stream (PhTap *self, GstSample *sample);
/* For the feed, serialised likewise: what comes next does not follow what came before. */
void ph_tap_note_gap_on_stream (PhTap *self);
