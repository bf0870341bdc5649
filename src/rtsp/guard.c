/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/guard.h"

#include "rtsp/request.h"

/* From the text, which was made when it was accepted: a connection that the peer has reset in the
 * meantime has no address any more. */
static GInetAddress *
get_peer (GstRTSPConnection *connection)
{
  const char *text = gst_rtsp_connection_get_ip (connection);
  GInetAddress *peer = text != NULL ? g_inet_address_new_from_string (text) : NULL;

  return peer != NULL ? peer : g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
}

void
ph_rtsp_guard_init (PhRtspGuard *self, PhGate *gate, GstRTSPConnection *connection, PhRtspWire wire)
{
  self->gate = gate;
  self->peer = get_peer (connection);
  self->wire = wire;
}

void
ph_rtsp_guard_clear (PhRtspGuard *self)
{
  g_clear_object (&self->peer);
}

static PhAttempt
make_attempt (const PhRtspGuard *self, GstRTSPMessage *request)
{
  gboolean is_tls = self->wire == PH_RTSP_WIRE_TLS;
  GstRTSPMethod method = GST_RTSP_INVALID;
  const char *uri = NULL;
  char *authorization = NULL;

  gst_rtsp_message_parse_request (request, &method, &uri, NULL);
  gst_rtsp_message_get_header (request, GST_RTSP_HDR_AUTHORIZATION, &authorization, 0);
  return (PhAttempt){
    .protocol = is_tls ? "RTSPS" : "RTSP",
    .method = gst_rtsp_method_as_text (method),
    .uri = uri,
    .authorization = authorization,
    .peer = self->peer,
    .is_private = is_tls || g_inet_address_get_is_loopback (self->peer),
    .uri_rule = PH_URI_WITHIN,
  };
}

/* OPTIONS, with which players begin and keep a session alive, shows nothing; nor does what is no
 * method at all. */
static gboolean
is_open (GstRTSPMessage *request)
{
  GstRTSPMethod method = GST_RTSP_INVALID;

  gst_rtsp_message_parse_request (request, &method, NULL, NULL);
  return method == GST_RTSP_OPTIONS || method == GST_RTSP_INVALID;
}

static gboolean
allows (const PhRtspGuard *self, const char *name, const char *uri)
{
  g_autofree char *camera = ph_rtsp_request_try_make_camera_any (uri);

  return ph_gate_allows_any (self->gate, name, PH_PERMISSION_VIEW, camera);
}

static void
init_refusal (GstRTSPMessage *refusal, GstRTSPMessage *request, GstRTSPStatusCode status)
{
  gst_rtsp_message_init_response (refusal, status, gst_rtsp_status_as_text (status), request);
}

static void
tell_to_wait (GstRTSPMessage *refusal, GstRTSPMessage *request, guint wait_s)
{
  g_autofree char *seconds = g_strdup_printf ("%u", wait_s);

  init_refusal (refusal, request, GST_RTSP_STS_SERVICE_UNAVAILABLE);
  gst_rtsp_message_add_header (refusal, GST_RTSP_HDR_RETRY_AFTER, seconds);
}

static void
ask_who (const PhRtspGuard *self, const PhAttempt *attempt, PhGateAnswer answer,
    GstRTSPMessage *refusal, GstRTSPMessage *request)
{
  g_auto (GStrv) challenges =
      ph_gate_make_challenges_any (self->gate, attempt, answer, g_get_monotonic_time ());

  init_refusal (refusal, request, GST_RTSP_STS_UNAUTHORIZED);
  for (guint i = 0; challenges[i] != NULL; i++)
    gst_rtsp_message_add_header (refusal, GST_RTSP_HDR_WWW_AUTHENTICATE, challenges[i]);
}

/* Who sends wrong credentials is not served as if there were none: it would not notice. */
gboolean
ph_rtsp_guard_admits_on_rtsp (
    const PhRtspGuard *self, GstRTSPMessage *request, GstRTSPMessage *refusal)
{
  PhAttempt attempt = make_attempt (self, request);
  PhGateAnswer answer;
  g_autofree char *name = NULL;
  guint wait_s;

  if (self->gate == NULL || is_open (request))
    return TRUE;
  answer = ph_gate_ask_any (self->gate, &attempt, g_get_monotonic_time (), &name, &wait_s);
  switch (answer) {
  case PH_GATE_KNOWN:
    if (allows (self, name, attempt.uri))
      return TRUE;
    init_refusal (refusal, request, GST_RTSP_STS_NOT_FOUND);
    break;
  case PH_GATE_NOBODY:
    if (allows (self, NULL, attempt.uri))
      return TRUE;
    G_GNUC_FALLTHROUGH;
  case PH_GATE_STALE:
  case PH_GATE_WRONG:
    ask_who (self, &attempt, answer, refusal, request);
    break;
  case PH_GATE_WAIT:
    tell_to_wait (refusal, request, wait_s);
    break;
  }
  return FALSE;
}
