/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/guard.h"

#include "rtsp/request.h"

const PhRtspMethod ph_rtsp_methods[PH_RTSP_N_METHODS] = {
  { GST_RTSP_OPTIONS, PH_PERMISSION_OPEN },
  { GST_RTSP_DESCRIBE, PH_PERMISSION_VIEW },
  { GST_RTSP_SETUP, PH_PERMISSION_VIEW },
  { GST_RTSP_PLAY, PH_PERMISSION_VIEW },
  { GST_RTSP_PAUSE, PH_PERMISSION_VIEW },
  { GST_RTSP_GET_PARAMETER, PH_PERMISSION_VIEW },
  { GST_RTSP_SET_PARAMETER, PH_PERMISSION_VIEW },
  { GST_RTSP_TEARDOWN, PH_PERMISSION_VIEW },
};

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
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->users, ph_users_unref_any);
  g_clear_pointer (&self->cameras, g_ptr_array_unref);
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

/* What is no method at all is only told so. */
static gboolean
is_open (GstRTSPMessage *request)
{
  GstRTSPMethod method = GST_RTSP_INVALID;

  gst_rtsp_message_parse_request (request, &method, NULL, NULL);
  for (guint i = 0; i < PH_RTSP_N_METHODS; i++)
    if (ph_rtsp_methods[i].method == method)
      return ph_rtsp_methods[i].permission == PH_PERMISSION_OPEN;
  return method == GST_RTSP_INVALID;
}

/* TRUE: it is remembered who was let in. */
static gboolean
admit (PhRtspGuard *self, const char *name, const char *uri)
{
  g_autofree char *camera = ph_rtsp_request_try_make_camera_any (uri);
  g_autoptr (PhUsers) users = ph_gate_ref_users_any (self->gate);
  const PhUser *user = name != NULL ? ph_users_find_any (users, name) : NULL;

  if (!ph_grant_allows_any (users, user, PH_PERMISSION_VIEW, camera))
    return FALSE;
  g_free (self->name);
  self->name = g_strdup (name);
  g_clear_pointer (&self->users, ph_users_unref_any);
  self->users = g_steal_pointer (&users);
  return TRUE;
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
ph_rtsp_guard_admits_on_rtsp (PhRtspGuard *self, GstRTSPMessage *request, GstRTSPMessage *refusal)
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
    if (admit (self, name, attempt.uri))
      return TRUE;
    init_refusal (refusal, request, GST_RTSP_STS_NOT_FOUND);
    break;
  case PH_GATE_NOBODY:
    if (admit (self, NULL, attempt.uri))
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

void
ph_rtsp_guard_note_on_rtsp (PhRtspGuard *self, GstRTSPMessage *request)
{
  const char *uri = NULL;
  g_autofree char *camera = NULL;

  gst_rtsp_message_parse_request (request, NULL, &uri, NULL);
  camera = ph_rtsp_request_try_make_camera_any (uri);
  if (camera == NULL)
    return;
  if (self->cameras == NULL)
    self->cameras = g_ptr_array_new_with_free_func (g_free);
  if (!g_ptr_array_find_with_equal_func (self->cameras, camera, g_str_equal, NULL))
    g_ptr_array_add (self->cameras, g_steal_pointer (&camera));
}

gboolean
ph_rtsp_guard_still_admits_on_rtsp (const PhRtspGuard *self, const PhUsers *users)
{
  const PhUser *user = self->name != NULL ? ph_users_find_any (users, self->name) : NULL;

  if (self->users == NULL)
    return TRUE;
  if (self->name != NULL && !ph_users_agree_any (self->users, users, self->name))
    return FALSE;
  for (guint i = 0; self->cameras != NULL && i < self->cameras->len; i++)
    if (!ph_grant_allows_any (
            users, user, PH_PERMISSION_VIEW, g_ptr_array_index (self->cameras, i)))
      return FALSE;
  return TRUE;
}
