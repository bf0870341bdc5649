/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The uri of an RTSP request line. */
#include "rtsp/request.h"

#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *uri = g_strndup ((const char *)data, size);
  g_autofree char *path = ph_rtsp_request_try_make_path_any (uri);
  g_autofree char *camera = ph_rtsp_request_try_make_camera_any (uri);
  g_autofree char *srtp_uri = ph_rtsp_request_try_make_srtp_uri_any (uri);

  if (path != NULL)
    g_assert_null (strstr (path, "//"));
  if (camera != NULL) {
    g_assert_nonnull (path);
    g_assert_null (strchr (camera, '/'));
  }
  if (srtp_uri != NULL) {
    g_assert_nonnull (strstr (srtp_uri, PH_RTSP_REQUEST_SRTP));
    g_assert_null (strchr (srtp_uri, '?'));
  }
  return 0;
}
