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

char *
ph_explain_error (const PhSourceConfig *source, const GError *error)
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
