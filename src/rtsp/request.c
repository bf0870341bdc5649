/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/request.h"

#include <gst/rtsp/gstrtspurl.h>
#include <string.h>

/* A path may stand alone. */
static char *
try_cut_path (const char *uri)
{
  GstRTSPUrl *url = NULL;
  char *path;

  if (uri[0] == '/')
    return g_strndup (uri, strcspn (uri, "?"));
  if (gst_rtsp_url_parse (uri, &url) != GST_RTSP_OK)
    return NULL;
  path = g_strdup (url->abspath[0] != '\0' ? url->abspath : "/");
  gst_rtsp_url_free (url);
  return path;
}

char *
ph_rtsp_request_try_make_path_any (const char *uri)
{
  char *path = try_cut_path (uri);
  gsize n = 0;

  if (path == NULL)
    return NULL;
  for (const char *p = path; *p != '\0'; p++)
    if (*p != '/' || n == 0 || path[n - 1] != '/')
      path[n++] = *p;
  path[n] = '\0';
  return path;
}

char *
ph_rtsp_request_try_make_camera_any (const char *uri)
{
  g_autofree char *path = ph_rtsp_request_try_make_path_any (uri);
  gsize length;

  if (path == NULL || path[0] != '/')
    return NULL;
  length = strcspn (path + 1, "/");
  return length > 0 ? g_strndup (path + 1, length) : NULL;
}
