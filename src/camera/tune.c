/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/tune.h"

#include "camera/encoder.h"

/* A branch has one element after the other. */
static GstElement *
try_ref_upstream (GstElement *element)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "sink");
  g_autoptr (GstPad) peer = pad != NULL ? gst_pad_get_peer (pad) : NULL;

  return peer != NULL ? gst_pad_get_parent_element (peer) : NULL;
}

static gboolean
is_made_by (GstElement *element, const char *factory)
{
  GstElementFactory *maker = gst_element_get_factory (element);

  return maker != NULL && g_str_equal (GST_OBJECT_NAME (maker), factory);
}

static GstElement *
try_ref_encoder (GstElement *sink, const char *factory)
{
  g_autoptr (GstElement) element = gst_object_ref (sink);

  while (element != NULL && !is_made_by (element, factory)) {
    GstElement *upstream = try_ref_upstream (element);

    gst_object_unref (element);
    element = upstream;
  }
  return g_steal_pointer (&element);
}

static gboolean
set_while_running (GstElement *encoder, const char *property, guint value)
{
  GParamSpec *spec = property != NULL
                         ? g_object_class_find_property (G_OBJECT_GET_CLASS (encoder), property)
                         : NULL;

  if (spec == NULL || (spec->flags & GST_PARAM_MUTABLE_PLAYING) == 0)
    return FALSE;
  g_object_set (encoder, property, value, NULL);
  return TRUE;
}

gboolean
ph_tune_encoder (GstElement *sink, const char *factory, const PhStreamConfig *stream)
{
  g_autoptr (GstElement) encoder = try_ref_encoder (sink, factory);
  const PhEncoder *row = ph_encoder_find (factory);

  if (encoder == NULL)
    return FALSE;
  if (row == NULL)
    return set_while_running (encoder, "quality", stream->quality);
  return row->bitrate_property != NULL &&
         set_while_running (encoder, row->bitrate_property,
             (guint)((guint64)stream->bitrate * 1000 / row->bitrate_unit));
}
