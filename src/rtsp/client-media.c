/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What gst-rtsp-server asks while it handles a request: transports, room for viewers, what plays.
 */
#include "rtsp/client-private.h"

#include "rtsp/outbox.h"
#include "rtsp/request.h"
#include "rtsp/srtp.h"
#include "rtsp/viewer.h"

/* Seconds until it is worth to come again, for whom there is no room. */
#define NO_ROOM_RETRY_AFTER "10"

static gboolean (*parent_configure_transport) (
    GstRTSPClient *client, GstRTSPContext *context, GstRTSPTransport *transport);
static GstSDPMessage *(*parent_create_sdp) (GstRTSPClient *client, GstRTSPMedia *media);

/* What stands behind a ? is for others: some recorders put options of theirs there. */
static char *
make_path_on_rtsp (GstRTSPClient *client, const GstRTSPUrl *url)
{
  return ph_rtsp_request_try_make_path_any (url->abspath[0] != '\0' ? url->abspath : "/");
}

/* The address of a multicast group is never the viewer's choice. Nor do
 * pictures go in clear beside a connection that has TLS: players try TCP next. */
static gboolean
configure_transport_on_rtsp (
    GstRTSPClient *client, GstRTSPContext *context, GstRTSPTransport *transport)
{
  PhRtspClient *self = PH_RTSP_CLIENT (client);

  if (self->guard.wire == PH_RTSP_WIRE_TLS &&
      transport->lower_transport != GST_RTSP_LOWER_TRANS_TCP &&
      transport->profile != GST_RTSP_PROFILE_SAVP)
    return FALSE;
  if (transport->lower_transport == GST_RTSP_LOWER_TRANS_UDP_MCAST)
    g_clear_pointer (&transport->destination, g_free);
  return parent_configure_transport (client, context, transport);
}

static GstSDPMessage *
create_sdp_on_rtsp (GstRTSPClient *client, GstRTSPMedia *media)
{
  GstSDPMessage *sdp = parent_create_sdp (client, media);
  PhRtspMount *mount = ph_rtsp_mount_of_media_on_rtsp (media);

  if (sdp != NULL && mount != NULL && ph_rtsp_mount_is_encrypted_any (mount))
    ph_rtsp_srtp_describe_on_rtsp (gst_rtsp_media_get_stream (media, 0), sdp);
  return sdp;
}

/* Where the viewer's first packet will stand nobody knows yet: it is the next keyframe's. */
static GstRTSPStatusCode
adjust_play_response_on_rtsp (GstRTSPClient *client, GstRTSPContext *context)
{
  gst_rtsp_message_remove_header (context->response, GST_RTSP_HDR_RTP_INFO, -1);
  return GST_RTSP_STS_OK;
}

/* A live picture is seen from now on and at its own speed, and by all together: none may move it
 * for the others. Before 1.24.9 the program ends over some speeds (CVE-2024-44331). */
static GstRTSPStatusCode
adjust_play_mode_on_rtsp (GstRTSPClient *client, GstRTSPContext *context, GstRTSPTimeRange **range,
    GstSeekFlags *flags, gdouble *rate, GstClockTime *trickmode_interval,
    gboolean *enable_rate_control)
{
  g_clear_pointer (range, gst_rtsp_range_free);
  *flags = GST_SEEK_FLAG_NONE;
  *rate = 1.0;
  *trickmode_interval = 0;
  *enable_rate_control = TRUE;
  return GST_RTSP_STS_OK;
}

/* NULL: there are no limits. */
static PhLimiter *
try_get_viewers (PhRtspClient *self)
{
  return self->guard.gate != NULL ? ph_gate_get_viewers_any (self->guard.gate) : NULL;
}

static gboolean
has_room_for_viewer (PhRtspClient *self)
{
  PhLimiter *viewers = try_get_viewers (self);
  PhLimiterAnswer room = PH_LIMITER_ROOM;

  if (viewers != NULL)
    room = ph_limiter_ask_any (viewers, self->guard.peer);
  if (room != PH_LIMITER_ROOM)
    ph_gate_note_limit_any (self->guard.gate, "RTSP", "viewers", self->guard.peer, room);
  return room == PH_LIMITER_ROOM;
}

static void
free_place (gpointer place)
{
  ph_limiter_place_free_any (place);
}

/* From SETUP on: each has its transport, whether it plays or not. */
static void
ensure_place_of_viewer (PhRtspClient *self, GstRTSPSessionMedia *media)
{
  PhLimiter *viewers = try_get_viewers (self);

  if (viewers != NULL && g_object_get_data (G_OBJECT (media), "ph-rtsp-place") == NULL)
    g_object_set_data_full (G_OBJECT (media), "ph-rtsp-place",
        ph_limiter_take_any (viewers, self->guard.peer), free_place);
}

/* There is none for a viewer more, or was none for this connection. */
static gboolean
is_for_want_of_room (PhRtspClient *self, GstRTSPStatusCode status)
{
  return status == GST_RTSP_STS_NOT_ENOUGH_BANDWIDTH ||
         (self->is_refused && status == GST_RTSP_STS_SERVICE_UNAVAILABLE);
}

static void
add_retry_after_on_rtsp (GstRTSPClient *client, GstRTSPContext *context, GstRTSPMessage *response)
{
  GstRTSPStatusCode status = GST_RTSP_STS_INVALID;

  if (gst_rtsp_message_get_type (response) == GST_RTSP_MESSAGE_RESPONSE)
    gst_rtsp_message_parse_response (response, &status, NULL, NULL);
  if (is_for_want_of_room (PH_RTSP_CLIENT (client), status))
    gst_rtsp_message_add_header (response, GST_RTSP_HDR_RETRY_AFTER, NO_ROOM_RETRY_AFTER);
}

/* A transport in use keeps its callbacks: the stream is sending by them in another thread. */
static GstRTSPStatusCode
check_setup_on_rtsp (GstRTSPClient *client, GstRTSPContext *context)
{
  g_autofree char *path = make_path_on_rtsp (client, context->uri);
  GstRTSPSessionMedia *media = NULL;
  int n_matched;

  if (context->session != NULL)
    media = gst_rtsp_session_get_media (context->session, path, &n_matched);
  if (media != NULL && gst_rtsp_session_media_get_rtsp_state (media) == GST_RTSP_STATE_PLAYING)
    return GST_RTSP_STS_METHOD_NOT_VALID_IN_THIS_STATE;
  if (media == NULL && !has_room_for_viewer (PH_RTSP_CLIENT (client)))
    return GST_RTSP_STS_NOT_ENOUGH_BANDWIDTH;
  return GST_RTSP_STS_OK;
}

static void
forget_closed_outboxes (PhRtspClient *self)
{
  for (guint i = self->outboxes->len; i > 0; i--)
    if (ph_rtsp_outbox_is_closed_any (g_ptr_array_index (self->outboxes, i - 1)))
      g_ptr_array_remove_index_fast (self->outboxes, i - 1);
}

/* The two connections of a tunnel are joined by now, so it is known which of their sockets it is.
 */
static void
use_socket (PhRtspClient *self)
{
  GstRTSPConnection *connection = gst_rtsp_client_get_connection (GST_RTSP_CLIENT (self));

  if (self->guard.wire == PH_RTSP_WIRE_PLAIN)
    ph_rtsp_line_use_socket_any (self->line, gst_rtsp_connection_get_write_socket (connection));
}

static void
on_setup_on_rtsp (GstRTSPClient *client, GstRTSPContext *context)
{
  PhRtspClient *self = PH_RTSP_CLIENT (client);
  PhRtspMount *mount = ph_rtsp_mount_of_media_on_rtsp (context->media);
  PhRtspOutboxSource source = { .since = self->since, .max_age_ms = &self->common->max_age_ms };
  PhRtspOutbox *outbox;

  ensure_place_of_viewer (self, context->sessmedia);
  if (mount == NULL || gst_rtsp_stream_transport_get_transport (context->trans)->lower_transport !=
                           GST_RTSP_LOWER_TRANS_TCP)
    return;
  forget_closed_outboxes (self);
  use_socket (self);
  source.fan_out = ph_rtsp_mount_get_fan_out_on_rtsp (context->media);
  source.feed = ph_rtsp_mount_get_feed_any (mount);
  source.base_time = ph_rtsp_mount_get_base_time_any (mount);
  outbox = ph_rtsp_outbox_new (self->line, context->trans, &source);
  ph_rtsp_outbox_attach_on_rtsp (outbox);
  g_ptr_array_add (self->outboxes, outbox);
}

/* Who plays again begins with a keyframe. It is waited for from now on, since PLAY opens the
 * transports before it is on_play_on_rtsp's turn: by then one may have been sent already. */
static void
on_pause_on_rtsp (GstRTSPClient *client, GstRTSPContext *context)
{
  PhRtspClient *self = PH_RTSP_CLIENT (client);

  for (guint i = 0; i < self->outboxes->len; i++)
    ph_rtsp_outbox_await_keyframe_any (g_ptr_array_index (self->outboxes, i));
}

/* The newest that is open is that of the media: each has one stream. */
static PhRtspOutbox *
try_find_outbox (PhRtspClient *self, GstRTSPContext *context)
{
  GstRTSPStreamTransport *transport = gst_rtsp_session_media_get_transport (context->sessmedia, 0);

  if (gst_rtsp_stream_transport_get_transport (transport)->lower_transport !=
          GST_RTSP_LOWER_TRANS_TCP ||
      self->outboxes->len == 0)
    return NULL;
  return g_ptr_array_index (self->outboxes, self->outboxes->len - 1);
}

static void
on_play_on_rtsp (GstRTSPClient *client, GstRTSPContext *context)
{
  PhRtspClient *self = PH_RTSP_CLIENT (client);
  PhRtspMount *mount = ph_rtsp_mount_of_media_on_rtsp (context->media);
  PhRtspViewerSource source = {
    .since = self->since,
    .user = self->guard.name,
    .viewers = self->common->viewers,
    .ending = self->common->ending,
  };

  if (mount == NULL)
    return;
  source.outbox = try_find_outbox (self, context);
  ph_rtsp_viewer_ensure_counted_on_rtsp (context, mount, &source);
  ph_rtsp_mount_start_flow_on_rtsp (mount);
}

void
ph_rtsp_client_answer_for_media (GstRTSPClientClass *klass)
{
  parent_configure_transport = klass->configure_client_transport;
  parent_create_sdp = klass->create_sdp;
  klass->make_path_from_uri = make_path_on_rtsp;
  klass->create_sdp = create_sdp_on_rtsp;
  klass->configure_client_transport = configure_transport_on_rtsp;
  klass->adjust_play_mode = adjust_play_mode_on_rtsp;
  klass->send_message = add_retry_after_on_rtsp;
  klass->adjust_play_response = adjust_play_response_on_rtsp;
  klass->pre_setup_request = check_setup_on_rtsp;
  klass->setup_request = on_setup_on_rtsp;
  klass->pause_request = on_pause_on_rtsp;
  klass->play_request = on_play_on_rtsp;
}
