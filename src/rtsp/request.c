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

/* Some clients put what they found in the SDP behind the query: ?srtp/stream=0. */
static gboolean
has_option (const char *query, const char *name)
{
  g_auto (GStrv) options = g_strsplit (query, "&", -1);

  for (guint i = 0; options[i] != NULL; i++) {
    options[i][strcspn (options[i], "/")] = '\0';
    if (g_str_equal (options[i], name))
      return TRUE;
  }
  return FALSE;
}

char *
ph_rtsp_request_try_make_srtp_uri_any (const char *uri)
{
  const char *query = strchr (uri, '?');
  g_autofree char *address = NULL;
  gsize length;

  if (query == NULL || !has_option (query + 1, "srtp"))
    return NULL;
  length = query - uri;
  while (length > 0 && uri[length - 1] == '/')
    length--;
  address = g_strndup (uri, length);
  if (strstr (address, PH_RTSP_REQUEST_SRTP) != NULL)
    return g_steal_pointer (&address);
  return g_strconcat (address, PH_RTSP_REQUEST_SRTP, NULL);
}
