/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/v4l2-pool.h"

struct _PhV4l2Pool {
  /* streaming thread, until the source is in state NULL */
  GstBufferPool *pool; /* nullable */
};

static gboolean
is_v4l2_pool (GstBufferPool *pool)
{
  return pool != NULL && g_str_equal (G_OBJECT_TYPE_NAME (pool), "GstV4l2BufferPool");
}

static gboolean
is_raw (GstPad *pad)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  return caps == NULL || gst_structure_has_name (gst_caps_get_structure (caps, 0), "video/x-raw");
}

/* A coded picture is kept by feeds and by viewers that are slow. It is small, so a copy of it lets
 * the camera have its few buffers back at once. */
static GstPadProbeReturn
take_buffer_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  PhV4l2Pool *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  if (!is_v4l2_pool (buffer->pool))
    return GST_PAD_PROBE_OK;
  if (self->pool == NULL)
    self->pool = gst_object_ref (buffer->pool);
  if (is_raw (pad))
    return GST_PAD_PROBE_REMOVE;
  GST_PAD_PROBE_INFO_DATA (info) = gst_buffer_copy_deep (buffer);
  gst_buffer_unref (buffer);
  return GST_PAD_PROBE_OK;
}

PhV4l2Pool *
ph_v4l2_pool_new (GstElement *source)
{
  GstElementFactory *factory = gst_element_get_factory (source);
  g_autoptr (GstPad) pad = NULL;
  PhV4l2Pool *self;

  if (factory == NULL || !g_str_equal (GST_OBJECT_NAME (factory), "v4l2src"))
    return NULL;
  self = g_new0 (PhV4l2Pool, 1);
  pad = gst_element_get_static_pad (source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, take_buffer_on_stream, self, NULL);
  return self;
}

void
ph_v4l2_pool_free (PhV4l2Pool *self)
{
  /* Ours, and the forgotten one; a GStreamer that forgets nothing leaves ours alone. */
  if (self->pool != NULL && GST_OBJECT_REFCOUNT_VALUE (self->pool) == 2)
    gst_object_unref (self->pool);
  gst_clear_object (&self->pool);
  g_free (self);
}
