/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/explain.h"

#include <gst/gst.h>

static const char *
name_source (const PhSourceConfig *source)
{
  switch (source->type) {
  case PH_SOURCE_V4L2:
    return source->device;
  case PH_SOURCE_RTSP:
    return source->url;
  case PH_SOURCE_FILE:
    return source->path;
  case PH_SOURCE_LIBCAMERA:
    return source->camera != NULL ? source->camera : "the camera";
  case PH_SOURCE_TEST:
  case PH_SOURCE_LAUNCH:
    return "the source";
  }
  return "the source";
}

/* NULL: there is nothing better to say than GStreamer's own message. */
static const char *
try_explain_resource (const PhSourceConfig *source, int code)
{
  switch (code) {
  case GST_RESOURCE_ERROR_NOT_FOUND:
    return source->type == PH_SOURCE_RTSP ? "does not know this address (404)" : "is not there";
  case GST_RESOURCE_ERROR_BUSY:
    return "is in use by another program";
  case GST_RESOURCE_ERROR_NOT_AUTHORIZED:
    return source->type == PH_SOURCE_RTSP
               ? "wants another user name or password"
               : "may not be opened by this user; for a camera, add the user to the group video";
  case GST_RESOURCE_ERROR_OPEN_READ:
  case GST_RESOURCE_ERROR_OPEN_READ_WRITE:
    return source->type == PH_SOURCE_RTSP ? "does not answer" : "cannot be opened";
  case GST_RESOURCE_ERROR_READ:
    return "has stopped delivering; was it unplugged or switched off";
  default:
    return NULL;
  }
}

static gboolean
is_not_negotiated (GstMessage *message)
{
  const GstStructure *details = NULL;
  int flow = GST_FLOW_OK;

  gst_message_parse_error_details (message, &details);
  return details != NULL && gst_structure_get_int (details, "flow-return", &flow) &&
         flow == GST_FLOW_NOT_NEGOTIATED;
}

static char *
explain_negotiation (const PhSourceConfig *source)
{
  if (source->width > 0 && source->framerate > 0)
    return g_strdup_printf ("%s does not deliver %ux%u at %g frames/s; porthole devices lists what "
                            "cameras offer",
        name_source (source), source->width, source->height, source->framerate);
  return g_strdup_printf ("%s delivers nothing that its streams can be made of; porthole devices "
                          "lists what cameras offer",
      name_source (source));
}

/* NULL: it does not come from an encoder or a decoder. */
static char *
try_explain_coder (GstMessage *message, const char *text)
{
  GstObject *object = GST_MESSAGE_SRC (message);
  GstElementFactory *factory =
      GST_IS_ELEMENT (object) ? gst_element_get_factory (GST_ELEMENT (object)) : NULL;

  if (factory == NULL)
    return NULL;
  if (gst_element_factory_list_is_type (factory, GST_ELEMENT_FACTORY_TYPE_ENCODER))
    return g_strdup_printf ("the encoder %s has failed: %s", GST_OBJECT_NAME (factory), text);
  if (gst_element_factory_list_is_type (factory, GST_ELEMENT_FACTORY_TYPE_DECODER))
    return g_strdup_printf (
        "the decoder %s cannot read what the camera sends: %s", GST_OBJECT_NAME (factory), text);
  return NULL;
}

static char *
explain_source (const PhSourceConfig *source, const GError *error)
{
  const char *explained = NULL;

  if (error->domain == GST_RESOURCE_ERROR)
    explained = try_explain_resource (source, error->code);
  else if (g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_WRONG_TYPE) ||
           g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND))
    explained = "delivers a format that no installed element can read";
  if (explained != NULL)
    return g_strdup_printf ("%s %s", name_source (source), explained);
  return g_strdup_printf ("%s: %s", name_source (source), error->message);
}

char *
ph_explain_error (const PhSourceConfig *source, GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;
  char *sentence;

  gst_message_parse_error (message, &error, &debug);
  g_debug ("%s: %s (%s)", GST_MESSAGE_SRC_NAME (message), error->message,
      debug != NULL ? debug : "no details");
  if (is_not_negotiated (message))
    return explain_negotiation (source);
  sentence = try_explain_coder (message, error->message);
  return sentence != NULL ? sentence : explain_source (source, error);
}

char *
ph_explain_end (const PhSourceConfig *source)
{
  return g_strdup_printf ("%s has ended the stream", name_source (source));
}

char *
ph_explain_hang (const PhSourceConfig *source, const char *doing, guint seconds)
{
  return g_strdup_printf ("%s: the driver does not answer, %s it has not ended after %u seconds",
      name_source (source), doing, seconds);
}
