/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done with a request before gst-rtsp-server sees it, and those that wait for a camera. */
#include "rtsp/client-private.h"

#include "rtsp/request.h"
#include "rtsp/transport.h"

/* Requests that may come in while one is waiting. */
#define MAX_HELD 16

static void
free_message (GstRTSPMessage *message)
{
  gst_rtsp_message_free (message);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRTSPMessage, free_message)

static char *
try_make_path (const char *uri)
{
  g_autofree char *srtp_uri = ph_rtsp_request_try_make_srtp_uri_any (uri);

  return ph_rtsp_request_try_make_path_any (srtp_uri != NULL ? srtp_uri : uri);
}

static PhRtspMount *
try_ref_mount (PhRtspClient *self, GstRTSPMessage *message)
{
  g_autoptr (GstRTSPMediaFactory) factory = NULL;
  g_autofree char *path = NULL;
  GstRTSPMethod method;
  const char *uri;
  int n_matched;

  gst_rtsp_message_parse_request (message, &method, &uri, NULL);
  if (method != GST_RTSP_DESCRIBE && method != GST_RTSP_SETUP)
    return NULL;
  path = try_make_path (uri);
  if (path == NULL)
    return NULL;
  factory = gst_rtsp_mount_points_match (self->mounts, path, &n_matched);
  return PH_IS_RTSP_MOUNT (factory) ? PH_RTSP_MOUNT (g_steal_pointer (&factory)) : NULL;
}

void
ph_rtsp_client_answer_on_rtsp (
    PhRtspClient *self, GstRTSPMessage *request, GstRTSPStatusCode status)
{
  GstRTSPMessage response = { 0 };

  gst_rtsp_message_init_response (&response, status, gst_rtsp_status_as_text (status), request);
  gst_rtsp_client_send_message (GST_RTSP_CLIENT (self), NULL, &response);
  gst_rtsp_message_unset (&response);
}

static gboolean
is_publishing (GstRTSPMessage *message)
{
  GstRTSPMethod method;

  gst_rtsp_message_parse_request (message, &method, NULL, NULL);
  return method == GST_RTSP_ANNOUNCE || method == GST_RTSP_RECORD;
}

static void
hold_back (PhRtspClient *self, GstRTSPMessage *message)
{
  GstRTSPMessage *copy = NULL;

  gst_rtsp_message_copy (message, &copy);
  g_queue_push_tail (&self->held, copy);
}

static void
await (PhRtspClient *self, PhRtspMount *mount)
{
  ph_rtsp_mount_hold_any (mount);
  self->awaited = g_object_ref (mount);
  self->awaited_since = g_get_monotonic_time ();
}

/* The message changes only now: while it is held, whoever sent it is judged by what it said. */
static void
handle (PhRtspClient *self, GstRTSPMessage *message)
{
  char *srtp_uri;
  const char *uri;

  gst_rtsp_message_parse_request (message, NULL, &uri, NULL);
  srtp_uri = ph_rtsp_request_try_make_srtp_uri_any (uri);
  if (srtp_uri != NULL) {
    g_free (message->type_data.request.uri);
    message->type_data.request.uri = srtp_uri;
  }
  gst_rtsp_client_handle_message (GST_RTSP_CLIENT (self), message);
}

/* The media holds the mount, too, by the time the request is handled. */
static gboolean
try_handle_for_mount (PhRtspClient *self, GstRTSPMessage *message, PhRtspMount *mount)
{
  PhRtspMountState state;

  ph_rtsp_mount_hold_any (mount);
  state = ph_rtsp_mount_get_state_any (mount);
  if (state == PH_RTSP_MOUNT_READY)
    handle (self, message);
  else if (state == PH_RTSP_MOUNT_DARK)
    ph_rtsp_client_answer_on_rtsp (self, message, GST_RTSP_STS_SERVICE_UNAVAILABLE);
  else
    await (self, mount);
  ph_rtsp_mount_release_any (mount);
  return state != PH_RTSP_MOUNT_WAITING;
}

/* Who set up SRTP looks in the log for why it does not play; once is enough for that. */
static void
tell_of_srtp (PhRtspClient *self, const char *why)
{
  g_autofree char *peer = g_inet_address_to_string (self->guard.peer);

  if (!self->has_told_of_srtp)
    g_message ("%s asks for SRTP %s; to have it, play rtsps://HOST/CAMERA?srtp", peer, why);
  self->has_told_of_srtp = TRUE;
}

static PhRtspOffer
get_offer (PhRtspClient *self, PhRtspMount *mount)
{
  if (mount != NULL && ph_rtsp_mount_is_encrypted_any (mount))
    return PH_RTSP_OFFER_SRTP;
  return self->guard.wire == PH_RTSP_WIRE_TLS ? PH_RTSP_OFFER_TLS : PH_RTSP_OFFER_CLEAR;
}

/* What would harm in gst-rtsp-server. Pictures are live, so nobody seeks: of Seek-Style it would
 * only leak the answer. The key a viewer would send its reports by is not wanted
 * (docs/decisions/0010-srtp-for-who-asks.md), yet it would be parsed: before 1.26.2 that goes round
 * for ever over some types of MIKEY payload, and reads what is nowhere when there is no data at
 * all. */
static void
tidy_request (PhRtspClient *self, GstRTSPMessage *message, PhRtspMount *mount)
{
  PhRtspOffer offer = get_offer (self, mount);
  GstRTSPMethod method;

  gst_rtsp_message_remove_header (message, GST_RTSP_HDR_KEYMGMT, -1);
  gst_rtsp_message_remove_header (message, GST_RTSP_HDR_SEEK_STYLE, -1);
  gst_rtsp_message_parse_request (message, &method, NULL, NULL);
  if (method != GST_RTSP_SETUP)
    return;
  ph_rtsp_transport_keep_possible_any (message, offer);
  if (offer != PH_RTSP_OFFER_SRTP && ph_rtsp_transport_has_srtp_any (message))
    tell_of_srtp (self, "(RTP/SAVP) of a stream that was described without");
}

/* The key stands in the SDP. */
static gboolean
would_tell_key_in_clear (PhRtspClient *self, PhRtspMount *mount)
{
  return ph_rtsp_mount_is_encrypted_any (mount) && self->guard.wire != PH_RTSP_WIRE_TLS;
}

static gboolean
try_handle_for_viewer (PhRtspClient *self, GstRTSPMessage *message, PhRtspMount *mount)
{
  ph_rtsp_guard_note_on_rtsp (&self->guard, message);
  if (would_tell_key_in_clear (self, mount)) {
    tell_of_srtp (self, "over a connection without TLS, which would tell the key to everybody");
    ph_rtsp_client_answer_on_rtsp (self, message, GST_RTSP_STS_KEY_MANAGEMENT_FAILURE);
    return TRUE;
  }
  return try_handle_for_mount (self, message, mount);
}

static GstRTSPSession *
try_ref_session (PhRtspClient *self, GstRTSPMessage *message)
{
  g_autofree char *id = NULL;
  char *header;

  if (gst_rtsp_message_get_header (message, GST_RTSP_HDR_SESSION, &header, 0) != GST_RTSP_OK)
    return NULL;
  id = g_strndup (header, strcspn (header, ";"));
  return gst_rtsp_session_pool_find (self->common->sessions, g_strstrip (id));
}

/* Which gst-rtsp-server answers with 404 as well, and leaks the path. */
static gboolean
plays_what_is_not_set_up (PhRtspClient *self, GstRTSPMessage *message)
{
  g_autoptr (GstRTSPSession) session = NULL;
  g_autofree char *path = NULL;
  GstRTSPMethod method;
  const char *uri;
  int n_matched;

  gst_rtsp_message_parse_request (message, &method, &uri, NULL);
  if (method != GST_RTSP_PLAY)
    return FALSE;
  session = try_ref_session (self, message);
  path = try_make_path (uri);
  return session != NULL && path != NULL &&
         gst_rtsp_session_get_media (session, path, &n_matched) == NULL;
}

/* Every request comes through here before anything is done for it. FALSE: it must wait. */
static gboolean
try_handle (PhRtspClient *self, GstRTSPMessage *message)
{
  g_autoptr (PhRtspMount) mount = NULL;
  GstRTSPMessage refusal = { 0 };

  if (self->is_refused) {
    ph_rtsp_client_answer_on_rtsp (self, message, GST_RTSP_STS_SERVICE_UNAVAILABLE);
    ph_rtsp_client_close_on_rtsp (self);
    return TRUE;
  }
  if (!ph_rtsp_guard_admits_on_rtsp (&self->guard, message, &refusal)) {
    gst_rtsp_client_send_message (GST_RTSP_CLIENT (self), NULL, &refusal);
    gst_rtsp_message_unset (&refusal);
    return TRUE;
  }
  if (is_publishing (message)) {
    ph_rtsp_client_answer_on_rtsp (self, message, GST_RTSP_STS_METHOD_NOT_ALLOWED);
    return TRUE;
  }
  mount = try_ref_mount (self, message);
  tidy_request (self, message, mount);
  if (mount != NULL)
    return try_handle_for_viewer (self, message, mount);
  if (plays_what_is_not_set_up (self, message))
    ph_rtsp_client_answer_on_rtsp (self, message, GST_RTSP_STS_NOT_FOUND);
  else
    handle (self, message);
  return TRUE;
}

static void
handle_held (PhRtspClient *self)
{
  while (self->awaited == NULL && self->watch != NULL) {
    g_autoptr (GstRTSPMessage) message = g_queue_pop_head (&self->held);

    if (message == NULL)
      break;
    if (!try_handle (self, message))
      g_queue_push_head (&self->held, g_steal_pointer (&message));
  }
}

void
ph_rtsp_client_stop_waiting_on_rtsp (PhRtspClient *self)
{
  g_autoptr (PhRtspMount) mount = g_steal_pointer (&self->awaited);

  if (mount != NULL)
    ph_rtsp_mount_release_any (mount);
}

void
ph_rtsp_client_refuse_held_on_rtsp (PhRtspClient *self)
{
  g_autoptr (GstRTSPMessage) message = g_queue_pop_head (&self->held);

  ph_rtsp_client_answer_on_rtsp (self, message, GST_RTSP_STS_SERVICE_UNAVAILABLE);
  ph_rtsp_client_stop_waiting_on_rtsp (self);
  handle_held (self);
}

/* The hold of the wait goes only after the request: it bridges to that of the media. */
void
ph_rtsp_client_go_on_with_held_on_rtsp (PhRtspClient *self)
{
  PhRtspMount *mount = g_steal_pointer (&self->awaited);

  handle_held (self);
  ph_rtsp_mount_release_any (mount);
  g_object_unref (mount);
}

gboolean
ph_rtsp_client_try_take_request_on_rtsp (PhRtspClient *self, GstRTSPMessage *message)
{
  if (self->awaited == NULL && try_handle (self, message))
    return TRUE;
  if (g_queue_get_length (&self->held) >= MAX_HELD)
    return FALSE;
  hold_back (self, message);
  return TRUE;
}

void
ph_rtsp_client_forget_held_on_rtsp (PhRtspClient *self)
{
  g_queue_clear_full (&self->held, (GDestroyNotify)free_message);
}
