/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/request.h"

typedef struct {
  const char *uri, *path, *camera;
} Case;

static const Case cases[] = {
  { "rtsp://host/front", "/front", "front" },
  { "rtsp://host:8554/front/sub/stream=0", "/front/sub/stream=0", "front" },
  { "rtsps://host/front?transport=tcp", "/front", "front" },
  { "rtsp://host//front///sub/", "/front/sub/", "front" },
  { "/front/sub?x", "/front/sub", "front" },
  { "//front", "/front", "front" },
  { "rtsp://user:secret@host/front", "/front", "front" },
  { "rtsp://host/%66ront", "/%66ront", "%66ront" },
  { "rtsp://host/../front", "/../front", ".." },
  { "rtsp://host/", "/", NULL },
  { "/", "/", NULL },
  { "rtsp://host", "/", NULL },
  { "*", NULL, NULL },
  { "front", NULL, NULL },
  { "", NULL, NULL },
};

static void
a_uri_tells_the_camera_that_will_be_looked_for (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = ph_rtsp_request_try_make_path_any (cases[i].uri);
    g_autofree char *camera = ph_rtsp_request_try_make_camera_any (cases[i].uri);

    g_test_message ("%s", cases[i].uri);
    if (cases[i].path != NULL)
      g_assert_cmpstr (path, ==, cases[i].path);
    g_assert_cmpstr (camera, ==, cases[i].camera);
  }
}

static const struct {
  const char *uri, *by_srtp;
} srtp_cases[] = {
  { "rtsps://host/front?srtp", "rtsps://host/front/~srtp" },
  { "rtsps://host:8322/front/sub/?transport=udp&srtp", "rtsps://host:8322/front/sub/~srtp" },
  { "rtsps://host/front?srtp/stream=0", "rtsps://host/front/~srtp" },
  { "rtsps://host/front/~srtp/stream=0?srtp", "rtsps://host/front/~srtp/stream=0" },
  { "/front?srtp&x", "/front/~srtp" },
  { "?srtp", "/~srtp" },
  { "rtsps://host/front", NULL },
  { "rtsps://host/front/~srtp", NULL },
  { "rtsps://host/front?srtpx", NULL },
  { "rtsps://host/front?xsrtp&no=srtp", NULL },
  { "rtsps://host/srtp", NULL },
  { "*", NULL },
  { "", NULL },
};

static void
the_query_asks_for_srtp (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (srtp_cases); i++) {
    g_autofree char *uri = ph_rtsp_request_try_make_srtp_uri_any (srtp_cases[i].uri);

    g_test_message ("%s", srtp_cases[i].uri);
    g_assert_cmpstr (uri, ==, srtp_cases[i].by_srtp);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rtsp/request/uri", a_uri_tells_the_camera_that_will_be_looked_for);
  g_test_add_func ("/rtsp/request/the-query-asks-for-srtp", the_query_asks_for_srtp);
  return g_test_run ();
}
