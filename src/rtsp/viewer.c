/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/viewer.h"

typedef struct {
  PhRtspMount *mount;
  char *peer; /* address:port */
  gint64 since; /* monotonic, microseconds */
  gboolean is_udp; /* to an address of its own */
} Viewer;

static void
free_viewer (gpointer data)
{
  Viewer *self = data;

  ph_feed_count_viewer_any (ph_rtsp_mount_get_feed_any (self->mount), PH_VIEWER_RTSP, -1);
  if (self->is_udp)
    ph_rtsp_udp_meter_remove_viewer_any (ph_rtsp_mount_get_udp_meter_any (self->mount));
  g_message ("%s left %s after %d s", self->peer, ph_rtsp_mount_get_label_any (self->mount),
      (int)((g_get_monotonic_time () - self->since) / G_TIME_SPAN_SECOND));
  g_object_unref (self->mount);
  g_free (self->peer);
  g_free (self);
}

static char *
make_peer_name (GstRTSPConnection *connection)
{
  g_autoptr (GSocketAddress) address =
      g_socket_get_remote_address (gst_rtsp_connection_get_read_socket (connection), NULL);

  if (address == NULL)
    return g_strdup ("somebody");
  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
}

static GstRTSPLowerTrans
get_transport (GstRTSPContext *context)
{
  GstRTSPStreamTransport *transport = gst_rtsp_session_media_get_transport (context->sessmedia, 0);

  return gst_rtsp_stream_transport_get_transport (transport)->lower_transport;
}

static const char *
get_transport_name (GstRTSPContext *context)
{
  switch (get_transport (context)) {
  case GST_RTSP_LOWER_TRANS_UDP:
    return "UDP";
  case GST_RTSP_LOWER_TRANS_UDP_MCAST:
    return "UDP multicast";
  default:
    return gst_rtsp_connection_is_tunneled (context->conn) ? "HTTP" : "TCP";
  }
}

/* The session media owns the viewer: whatever takes it down, it is counted off exactly once. */
void
ph_rtsp_viewer_ensure_counted_on_rtsp (GstRTSPContext *context, PhRtspMount *mount, gint64 since)
{
  GObject *watched = G_OBJECT (context->sessmedia);
  Viewer *self;

  if (g_object_get_data (watched, "ph-rtsp-viewer") != NULL)
    return;
  self = g_new0 (Viewer, 1);
  self->mount = g_object_ref (mount);
  self->peer = make_peer_name (context->conn);
  self->since = g_get_monotonic_time ();
  self->is_udp = get_transport (context) == GST_RTSP_LOWER_TRANS_UDP;
  if (self->is_udp)
    ph_rtsp_udp_meter_add_viewer_any (ph_rtsp_mount_get_udp_meter_any (mount), since);
  g_object_set_data_full (watched, "ph-rtsp-viewer", self, free_viewer);
  ph_feed_count_viewer_any (ph_rtsp_mount_get_feed_any (mount), PH_VIEWER_RTSP, 1);
  g_message ("%s watches %s over %s", self->peer, ph_rtsp_mount_get_label_any (mount),
      get_transport_name (context));
}
