/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A media server that streams are pushed to, for tests: record-server PORT PATH [NAME PASSWORD].
 * Takes RECORD at PATH, with Digest where there is a name, and prints a line for each thing that
 * happens: "listening", "recording", "pictures N" (decoded, at each tenth), "gone". */
#include <gst/rtsp-server/rtsp-server.h>

#include <stdio.h>
#include <stdlib.h>

static void
say (const char *what, guint number)
{
  if (number > 0)
    printf ("%s %u\n", what, number);
  else
    printf ("%s\n", what);
  fflush (stdout);
}

static GstPadProbeReturn
count_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer n_pictures)
{
  guint n = ++*(guint *)n_pictures;

  if (n % 10 == 0)
    say ("pictures", n);
  return GST_PAD_PROBE_OK;
}

static void
on_unprepared (GstRTSPMedia *media, gpointer user_data)
{
  say ("gone", 0);
}

static void
on_configure (GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer user_data)
{
  g_autoptr (GstElement) element = gst_rtsp_media_get_element (media);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (element), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

  say ("recording", 0);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_on_stream, g_new0 (guint, 1), g_free);
  g_signal_connect (media, "unprepared", G_CALLBACK (on_unprepared), NULL);
}

static void
ask_for_password (GstRTSPServer *server, const char *name, const char *password)
{
  g_autoptr (GstRTSPAuth) auth = gst_rtsp_auth_new ();
  g_autoptr (GstRTSPToken) token =
      gst_rtsp_token_new (GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "camera", NULL);

  gst_rtsp_auth_set_supported_methods (auth, GST_RTSP_AUTH_DIGEST);
  gst_rtsp_auth_add_digest (auth, name, password, token);
  gst_rtsp_server_set_auth (server, auth);
}

static void
add_factory (GstRTSPServer *server, const char *path)
{
  g_autoptr (GstRTSPMountPoints) mounts = gst_rtsp_server_get_mount_points (server);
  GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new ();

  gst_rtsp_media_factory_set_launch (
      factory, "( rtph264depay name=depay0 ! h264parse ! avdec_h264 ! fakesink name=sink )");
  gst_rtsp_media_factory_set_transport_mode (factory, GST_RTSP_TRANSPORT_MODE_RECORD);
  gst_rtsp_media_factory_set_latency (factory, 0);
  gst_rtsp_media_factory_add_role (factory, "camera", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS,
      G_TYPE_BOOLEAN, TRUE, GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, NULL);
  g_signal_connect (factory, "media-configure", G_CALLBACK (on_configure), NULL);
  gst_rtsp_mount_points_add_factory (mounts, path, factory);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GstRTSPServer) server = NULL;

  gst_init (&argc, &argv);
  if (argc != 3 && argc != 5)
    return 64;
  server = gst_rtsp_server_new ();
  gst_rtsp_server_set_address (server, "127.0.0.1");
  gst_rtsp_server_set_service (server, argv[1]);
  if (argc == 5)
    ask_for_password (server, argv[3], argv[4]);
  add_factory (server, argv[2]);
  if (gst_rtsp_server_attach (server, NULL) == 0)
    return 69;
  say ("listening", 0);
  g_main_loop_run (loop);
  return 0;
}
