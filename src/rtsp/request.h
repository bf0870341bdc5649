/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the URI of an RTSP request (RFC 2326, section 6.1) means. Hostile text in. Any thread. */
#pragma once

#include <glib.h>

/* Without scheme, host and query, and as gst-rtsp-server will look for it: nothing is decoded, and
 * two slashes are one. NULL for what is no URI ("*"); free with g_free. */
char *ph_rtsp_request_try_make_path_any (const char *uri);

/* The camera the same would find: "front" of rtsp://host/front/sub/stream=0. NULL: there is none in
 * it; free with g_free. */
char *ph_rtsp_request_try_make_camera_any (const char *uri);

/* What is behind the path of a stream where it is served by SRTP. No stream is called so. */
#define PH_RTSP_REQUEST_SRTP "/~srtp"

/* The same URI with PH_RTSP_REQUEST_SRTP behind its path, if its query asks for SRTP: rtsps://host/
 * front?srtp. NULL: it does not; free with g_free. */
char *ph_rtsp_request_try_make_srtp_uri_any (const char *uri);
