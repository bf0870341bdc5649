/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/tap.h"

struct _PhTap {
  PhTapPolicy policy;
  PhTapFunc push_on_stream;
  gpointer user_data;
  GDestroyNotify free_data;

  /* the feed serialises */
  gboolean waits_for_keyframe;
  gboolean is_after_gap;

  guint64 n_dropped; /* atomic */
};

PhTap *
ph_tap_new (
    PhTapPolicy policy, PhTapFunc push_on_stream, gpointer user_data, GDestroyNotify free_data)
{
  PhTap *self = g_atomic_rc_box_new0 (PhTap);

  self->policy = policy;
  self->push_on_stream = push_on_stream;
  self->user_data = user_data;
  self->free_data = free_data;
  self->waits_for_keyframe = policy != PH_TAP_NEWEST;
  return self;
}

PhTap *
ph_tap_ref_any (PhTap *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_tap (gpointer data)
{
  PhTap *self = data;

  if (self->free_data != NULL)
    self->free_data (self->user_data);
}

void
ph_tap_unref_any (PhTap *self)
{
  g_atomic_rc_box_release_full (self, clear_tap);
}

PhTapPolicy
ph_tap_get_policy_any (PhTap *self)
{
  return self->policy;
}

guint64
ph_tap_get_n_dropped_any (PhTap *self)
{
  return __atomic_load_n (&self->n_dropped, __ATOMIC_RELAXED);
}

static gboolean
drop_on_stream (PhTap *self)
{
  __atomic_fetch_add (&self->n_dropped, 1, __ATOMIC_RELAXED);
  self->is_after_gap = TRUE;
  return FALSE;
}

static GstSample *
copy_as_discontinuous_any (GstSample *sample)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_copy (gst_sample_get_buffer (sample));

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  return gst_sample_new (
      buffer, gst_sample_get_caps (sample), gst_sample_get_segment (sample), NULL);
}

gboolean
ph_tap_offer_on_stream (PhTap *self, GstSample *sample)
{
  gboolean is_delta =
      GST_BUFFER_FLAG_IS_SET (gst_sample_get_buffer (sample), GST_BUFFER_FLAG_DELTA_UNIT);
  g_autoptr (GstSample) marked = NULL;

  if (self->waits_for_keyframe && is_delta)
    return drop_on_stream (self);
  if (self->is_after_gap)
    sample = marked = copy_as_discontinuous_any (sample);
  if (!self->push_on_stream (sample, self->user_data)) {
    self->waits_for_keyframe = self->policy != PH_TAP_NEWEST;
    return drop_on_stream (self);
  }
  self->waits_for_keyframe = FALSE;
  self->is_after_gap = FALSE;
  return TRUE;
}

void
ph_tap_note_gap_on_stream (PhTap *self)
{
  self->waits_for_keyframe = self->policy != PH_TAP_NEWEST;
  self->is_after_gap = TRUE;
}
