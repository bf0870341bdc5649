/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/gop.h"

static void
unref_sample (gpointer sample)
{
  gst_sample_unref (sample);
}

static gpointer
ref_sample (gconstpointer sample, gpointer user_data)
{
  return gst_sample_ref ((GstSample *)sample);
}

void
ph_gop_init (PhGop *self)
{
  self->samples = g_ptr_array_new_with_free_func (unref_sample);
  self->n_bytes = 0;
}

void
ph_gop_clear (PhGop *self)
{
  g_clear_pointer (&self->samples, g_ptr_array_unref);
}

void
ph_gop_forget (PhGop *self)
{
  g_ptr_array_set_size (self->samples, 0);
  self->n_bytes = 0;
}

void
ph_gop_add (PhGop *self, GstSample *sample)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  gboolean is_keyframe = !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);

  if (is_keyframe)
    ph_gop_forget (self);
  else if (self->samples->len == 0)
    return;
  g_ptr_array_add (self->samples, gst_sample_ref (sample));
  self->n_bytes += gst_buffer_get_size (buffer);
  if (self->samples->len > PH_GOP_MAX_UNITS || self->n_bytes > PH_GOP_MAX_BYTES)
    ph_gop_forget (self);
}

GPtrArray *
ph_gop_dup_samples (const PhGop *self)
{
  return g_ptr_array_copy (self->samples, ref_sample, NULL);
}
