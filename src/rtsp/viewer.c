/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/viewer.h"

typedef struct {
  PhRtspMount *mount;
  char *peer; /* address:port */
  gint64 since; /* monotonic, microseconds */
  gboolean is_udp; /* to an address of its own */
  PhViewer *listed; /* nullable */
} Viewer;

/* What the list of viewers has of one. */
typedef struct {
  GWeakRef client;
  PhMailbox *ending;
  PhRtspOutbox *outbox; /* nullable */
  PhRtspUdpMeter *meter; /* nullable */
  guint64 n_bytes_before; /* of the meter */
} Handle;

static void
end (gpointer data)
{
  Handle *self = data;
  GObject *client = g_weak_ref_get (&self->client);

  if (client != NULL)
    ph_mailbox_post_any (self->ending, client);
}

/* Over UDP nothing waits for anybody. */
static void
count (gpointer data, PhViewerCounts *counts)
{
  Handle *self = data;

  if (self->outbox != NULL)
    ph_rtsp_outbox_count_any (self->outbox, counts);
  else if (self->meter != NULL)
    counts->n_bytes = ph_rtsp_udp_meter_get_n_bytes_any (self->meter) - self->n_bytes_before;
}

static void
free_handle (gpointer data)
{
  Handle *self = data;

  g_weak_ref_clear (&self->client);
  ph_mailbox_unref_any (self->ending);
  g_clear_pointer (&self->outbox, ph_rtsp_outbox_unref_any);
  g_clear_pointer (&self->meter, ph_rtsp_udp_meter_unref_any);
  g_free (self);
}

static const PhViewerServer server = { end, count, free_handle };

static void
free_viewer (gpointer data)
{
  Viewer *self = data;

  ph_feed_count_viewer_any (ph_rtsp_mount_get_feed_any (self->mount), PH_VIEWER_RTSP, -1);
  if (self->is_udp)
    ph_rtsp_udp_meter_remove_viewer_any (ph_rtsp_mount_get_udp_meter_any (self->mount));
  ph_viewer_leave_any (self->listed);
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

static const GstRTSPTransport *
get_transport (GstRTSPContext *context)
{
  GstRTSPStreamTransport *transport = gst_rtsp_session_media_get_transport (context->sessmedia, 0);

  return gst_rtsp_stream_transport_get_transport (transport);
}

static const char *
get_transport_name (GstRTSPContext *context)
{
  switch (get_transport (context)->lower_transport) {
  case GST_RTSP_LOWER_TRANS_UDP:
    return "UDP";
  case GST_RTSP_LOWER_TRANS_UDP_MCAST:
    return "UDP multicast";
  default:
    return gst_rtsp_connection_is_tunneled (context->conn) ? "HTTP" : "TCP";
  }
}

static Handle *
make_handle (GstRTSPContext *context, const Viewer *viewer, const PhRtspViewerSource *source)
{
  Handle *self = g_new0 (Handle, 1);

  g_weak_ref_init (&self->client, context->client);
  self->ending = ph_mailbox_ref_any (source->ending);
  if (source->outbox != NULL)
    self->outbox = ph_rtsp_outbox_ref_any (source->outbox);
  if (viewer->is_udp) {
    self->meter = ph_rtsp_udp_meter_ref_any (ph_rtsp_mount_get_udp_meter_any (viewer->mount));
    self->n_bytes_before = ph_rtsp_udp_meter_get_n_bytes_any (self->meter);
  }
  return self;
}

static void
list_viewer (Viewer *self, GstRTSPContext *context, const PhRtspViewerSource *source)
{
  g_auto (GStrv) label = g_strsplit (ph_rtsp_mount_get_label_any (self->mount), "/", 2);
  const char *peer = gst_rtsp_connection_get_ip (context->conn);
  PhViewerInfo info = {
    .kind = PH_VIEWER_RTSP,
    .camera = label[0],
    .stream = label[1],
    .peer = (char *)(peer != NULL ? peer : "somebody"),
    .user = (char *)source->user,
  };

  self->listed =
      ph_viewers_add_any (source->viewers, &info, &server, make_handle (context, self, source));
}

/* The session media owns the viewer: whatever takes it down, it is counted off exactly once. */
void
ph_rtsp_viewer_ensure_counted_on_rtsp (
    GstRTSPContext *context, PhRtspMount *mount, const PhRtspViewerSource *source)
{
  GObject *watched = G_OBJECT (context->sessmedia);
  Viewer *self;

  if (g_object_get_data (watched, "ph-rtsp-viewer") != NULL)
    return;
  self = g_new0 (Viewer, 1);
  self->mount = g_object_ref (mount);
  self->peer = make_peer_name (context->conn);
  self->since = g_get_monotonic_time ();
  self->is_udp = get_transport (context)->lower_transport == GST_RTSP_LOWER_TRANS_UDP;
  if (self->is_udp)
    ph_rtsp_udp_meter_add_viewer_any (ph_rtsp_mount_get_udp_meter_any (mount), source->since);
  list_viewer (self, context, source);
  g_object_set_data_full (watched, "ph-rtsp-viewer", self, free_viewer);
  ph_feed_count_viewer_any (ph_rtsp_mount_get_feed_any (mount), PH_VIEWER_RTSP, 1);
  g_message ("%s watches %s over %s%s", self->peer, ph_rtsp_mount_get_label_any (mount),
      ph_rtsp_mount_is_encrypted_any (mount) ? "SRTP, " : "", get_transport_name (context));
}
