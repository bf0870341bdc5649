/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/client.h"

#include "rtsp/client-private.h"
#include "rtsp/intake.h"
#include "rtsp/outbox.h"
#include "rtsp/request.h"
#include "rtsp/transport.h"

/* Until a camera has its first picture. */
#define MAX_WAIT (10 * G_TIME_SPAN_SECOND)
/* A connection that plays nothing. */
#define MAX_IDLE (60 * G_TIME_SPAN_SECOND)
/* A viewer that takes nothing at all. */
#define MAX_STUCK (10 * G_TIME_SPAN_SECOND)
/* Requests that may come in while one is waiting. */
#define MAX_HELD 16
/* RTSP requests that have bodies have short ones. */
#define MAX_BODY 16384
/* Seconds for the request of one who is refused. */
#define REFUSED_TIME 2
/* Answers that may wait for one who asks but does not read. */
#define MAX_ANSWERS (1024 * 1024)

G_DEFINE_FINAL_TYPE (PhRtspClient, ph_rtsp_client, GST_TYPE_RTSP_CLIENT)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRTSPWatch, gst_rtsp_watch_unref)

static void
free_message (GstRTSPMessage *message)
{
  gst_rtsp_message_free (message);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRTSPMessage, free_message)

/* ---- requests ------------------------------------------------------------------------------- */

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

static void
answer (PhRtspClient *self, GstRTSPMessage *request, GstRTSPStatusCode status)
{
  GstRTSPMessage response = { 0 };

  gst_rtsp_message_init_response (&response, status, gst_rtsp_status_as_text (status), request);
  gst_rtsp_client_send_message (GST_RTSP_CLIENT (self), NULL, &response);
  gst_rtsp_message_unset (&response);
}

static GSocket *
get_socket (PhRtspClient *self)
{
  return gst_rtsp_connection_get_read_socket (
      gst_rtsp_client_get_connection (GST_RTSP_CLIENT (self)));
}

static void
refuse_for_good (PhRtspClient *self, GstRTSPMessage *request)
{
  GstRTSPMessage response = { 0 };

  gst_rtsp_message_init_response (&response, GST_RTSP_STS_SERVICE_UNAVAILABLE,
      gst_rtsp_status_as_text (GST_RTSP_STS_SERVICE_UNAVAILABLE), request);
  gst_rtsp_message_add_header (&response, GST_RTSP_HDR_RETRY_AFTER, NO_ROOM_RETRY_AFTER);
  gst_rtsp_client_send_message (GST_RTSP_CLIENT (self), NULL, &response);
  gst_rtsp_message_unset (&response);
  ph_rtsp_client_close_on_rtsp (self);
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
    answer (self, message, GST_RTSP_STS_SERVICE_UNAVAILABLE);
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
    answer (self, message, GST_RTSP_STS_KEY_MANAGEMENT_FAILURE);
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
  return gst_rtsp_session_pool_find (self->hall->sessions, g_strstrip (id));
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
    refuse_for_good (self, message);
    return TRUE;
  }
  if (!ph_rtsp_guard_admits_on_rtsp (&self->guard, message, &refusal)) {
    gst_rtsp_client_send_message (GST_RTSP_CLIENT (self), NULL, &refusal);
    gst_rtsp_message_unset (&refusal);
    return TRUE;
  }
  if (is_publishing (message)) {
    answer (self, message, GST_RTSP_STS_METHOD_NOT_ALLOWED);
    return TRUE;
  }
  mount = try_ref_mount (self, message);
  tidy_request (self, message, mount);
  if (mount != NULL)
    return try_handle_for_viewer (self, message, mount);
  if (plays_what_is_not_set_up (self, message))
    answer (self, message, GST_RTSP_STS_NOT_FOUND);
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

static void
stop_waiting (PhRtspClient *self)
{
  g_autoptr (PhRtspMount) mount = g_steal_pointer (&self->awaited);

  if (mount != NULL)
    ph_rtsp_mount_release_any (mount);
}

static void
refuse_held (PhRtspClient *self)
{
  g_autoptr (GstRTSPMessage) message = g_queue_pop_head (&self->held);

  answer (self, message, GST_RTSP_STS_SERVICE_UNAVAILABLE);
  stop_waiting (self);
  handle_held (self);
}

/* The hold of the wait goes only after the request: it bridges to that of the media. */
static void
go_on_with_held (PhRtspClient *self)
{
  PhRtspMount *mount = g_steal_pointer (&self->awaited);

  handle_held (self);
  ph_rtsp_mount_release_any (mount);
  g_object_unref (mount);
}

/* ---- the end -------------------------------------------------------------------------------- */

static GstRTSPFilterResult
stop_media (GstRTSPSession *session, GstRTSPSessionMedia *media, gpointer user_data)
{
  gst_rtsp_session_media_set_state (media, GST_STATE_NULL);
  return GST_RTSP_FILTER_REMOVE;
}

static void
end_sessions (PhRtspClient *self)
{
  GList *sessions = gst_rtsp_client_session_filter (GST_RTSP_CLIENT (self), NULL, NULL);

  for (GList *item = sessions; item != NULL; item = item->next) {
    gst_rtsp_session_filter (item->data, stop_media, NULL);
    gst_rtsp_session_pool_remove (self->hall->sessions, item->data);
  }
  g_list_free_full (sessions, g_object_unref);
}

static void
forget_tunnel (PhRtspClient *self)
{
  const char *id =
      gst_rtsp_connection_get_tunnelid (gst_rtsp_client_get_connection (GST_RTSP_CLIENT (self)));

  if (id != NULL && g_hash_table_lookup (self->hall->tunnels, id) == self)
    g_hash_table_remove (self->hall->tunnels, id);
}

/* The POST of a tunnel, or the GET that came second, lives on in its other half. */
static void
leave_connection (PhRtspClient *self)
{
  g_autoptr (GstRTSPWatch) watch = g_steal_pointer (&self->watch);

  ph_rtsp_line_close_any (self->line);
  g_source_destroy ((GSource *)watch);
  gst_rtsp_client_set_send_messages_func (GST_RTSP_CLIENT (self), NULL, NULL, NULL);
  for (guint i = 0; i < self->outboxes->len; i++)
    ph_rtsp_outbox_close_any (g_ptr_array_index (self->outboxes, i));
  stop_waiting (self);
  end_sessions (self);
  self->hall->closed (self, self->hall->owner);
}

/* However it comes to its end: by the peer, by an error, by us. */
static void
end_connection (PhRtspClient *self)
{
  GstRTSPConnection *connection = gst_rtsp_client_get_connection (GST_RTSP_CLIENT (self));

  if (self->watch == NULL)
    return;
  ph_rtsp_line_close_any (self->line);
  gst_rtsp_watch_set_flushing (self->watch, TRUE);
  forget_tunnel (self);
  gst_rtsp_connection_flush (connection, TRUE);
  gst_rtsp_connection_close (connection);
  leave_connection (self);
}

void
ph_rtsp_client_close_on_rtsp (PhRtspClient *self)
{
  end_connection (self);
}

/* ---- news of a mount ------------------------------------------------------------------------ */

typedef struct {
  PhRtspMount *mount;
  gboolean is_used;
} Search;

static GstRTSPFilterResult
look_at_media (GstRTSPSession *session, GstRTSPSessionMedia *media, gpointer user_data)
{
  Search *search = user_data;

  search->is_used |=
      ph_rtsp_mount_of_media_on_rtsp (gst_rtsp_session_media_get_media (media)) == search->mount;
  return GST_RTSP_FILTER_KEEP;
}

static gboolean
is_using (PhRtspClient *self, PhRtspMount *mount)
{
  GList *sessions = gst_rtsp_client_session_filter (GST_RTSP_CLIENT (self), NULL, NULL);
  Search search = { mount, self->awaited == mount };

  for (GList *item = sessions; item != NULL; item = item->next)
    gst_rtsp_session_filter (item->data, look_at_media, &search);
  g_list_free_full (sessions, g_object_unref);
  return search.is_used;
}

void
ph_rtsp_client_take_news_on_rtsp (PhRtspClient *self, PhRtspMount *mount)
{
  G_GNUC_UNUSED g_autoptr (PhRtspClient) keep = g_object_ref (self);

  if (ph_rtsp_mount_is_closed_any (mount) && is_using (self, mount))
    end_connection (self);
  if (self->awaited != mount)
    return;
  switch (ph_rtsp_mount_get_state_any (mount)) {
  case PH_RTSP_MOUNT_WAITING:
    break;
  case PH_RTSP_MOUNT_READY:
    go_on_with_held (self);
    break;
  case PH_RTSP_MOUNT_DARK:
    refuse_held (self);
    break;
  }
}

/* ---- the connection ------------------------------------------------------------------------- */

static gboolean
send_answers_on_rtsp (GstRTSPClient *client, GstRTSPMessage *messages, guint n_messages,
    gboolean is_last, gpointer user_data)
{
  PhRtspClient *self = PH_RTSP_CLIENT (client);

  return ph_rtsp_line_answer_any (self->line, messages, n_messages);
}

static GstRTSPResult
on_message_received (GstRTSPWatch *watch, GstRTSPMessage *message, gpointer user_data)
{
  PhRtspClient *self = user_data;

  ph_rtsp_intake_note_request_any (self->intake, get_socket (self));
  if (gst_rtsp_message_get_type (message) != GST_RTSP_MESSAGE_REQUEST)
    return gst_rtsp_client_handle_message (GST_RTSP_CLIENT (self), message);
  if (self->awaited == NULL && try_handle (self, message))
    return GST_RTSP_OK;
  if (g_queue_get_length (&self->held) < MAX_HELD) {
    hold_back (self, message);
    return GST_RTSP_OK;
  }
  end_connection (self);
  return GST_RTSP_ERROR;
}

static GstRTSPResult
on_message_sent (GstRTSPWatch *watch, guint id, gpointer user_data)
{
  PhRtspClient *self = user_data;

  ph_rtsp_line_note_sent_on_rtsp (self->line, id);
  for (guint i = 0; i < self->outboxes->len; i++)
    ph_rtsp_outbox_note_sent_on_rtsp (g_ptr_array_index (self->outboxes, i), id);
  return GST_RTSP_OK;
}

static GstRTSPResult
on_closed (GstRTSPWatch *watch, gpointer user_data)
{
  end_connection (user_data);
  return GST_RTSP_OK;
}

static GstRTSPResult
on_error (GstRTSPWatch *watch, GstRTSPResult result, GstRTSPMessage *message, guint id,
    gpointer user_data)
{
  PhRtspClient *self = user_data;
  gboolean is_request =
      message != NULL && gst_rtsp_message_get_type (message) == GST_RTSP_MESSAGE_REQUEST;

  if (is_request && result == GST_RTSP_ENOMEM)
    answer (self, message, GST_RTSP_STS_REQUEST_ENTITY_TOO_LARGE);
  else if (is_request && result == GST_RTSP_EPARSE)
    answer (self, message, GST_RTSP_STS_BAD_REQUEST);
  end_connection (self);
  return GST_RTSP_OK;
}

/* ---- RTSP over HTTP: two connections, a GET to read from and a POST to write to, are one ----- */

static gboolean
join_tunnel (PhRtspClient *self)
{
  GstRTSPConnection *connection = gst_rtsp_client_get_connection (GST_RTSP_CLIENT (self));
  const char *id = gst_rtsp_connection_get_tunnelid (connection);
  g_autoptr (PhRtspClient) other = NULL;

  if (id == NULL)
    return FALSE;
  other = g_hash_table_lookup (self->hall->tunnels, id);
  if (other == NULL) {
    g_hash_table_insert (self->hall->tunnels, g_strdup (id), g_object_ref (self));
    return TRUE;
  }
  g_object_ref (other);
  if (other->watch == NULL || other->tunnel == self->tunnel ||
      other->guard.wire != self->guard.wire)
    return FALSE;
  g_hash_table_remove (self->hall->tunnels, id);
  gst_rtsp_connection_do_tunnel (
      gst_rtsp_client_get_connection (GST_RTSP_CLIENT (other)), connection);
  gst_rtsp_watch_reset (self->watch);
  gst_rtsp_watch_reset (other->watch);
  ph_rtsp_intake_note_request_any (other->intake, get_socket (other));
  leave_connection (self);
  return TRUE;
}

static GstRTSPStatusCode
on_tunnel_get (GstRTSPWatch *watch, gpointer user_data)
{
  PhRtspClient *self = user_data;

  self->tunnel = TUNNEL_GET;
  ph_rtsp_intake_note_request_any (self->intake, get_socket (self));
  return join_tunnel (self) ? GST_RTSP_STS_OK : GST_RTSP_STS_SERVICE_UNAVAILABLE;
}

static GstRTSPResult
on_tunnel_post (GstRTSPWatch *watch, gpointer user_data)
{
  PhRtspClient *self = user_data;

  self->tunnel = TUNNEL_POST;
  return join_tunnel (self) ? GST_RTSP_OK : GST_RTSP_ERROR;
}

/* The POST may be made anew (RTSP over HTTP closes it at will). */
static GstRTSPResult
on_tunnel_lost (GstRTSPWatch *watch, gpointer user_data)
{
  PhRtspClient *self = user_data;

  self->tunnel = TUNNEL_GET;
  join_tunnel (self);
  return GST_RTSP_OK;
}

/* ---- every second ---------------------------------------------------------------------------- */

static gboolean
has_session (PhRtspClient *self)
{
  GList *sessions = gst_rtsp_client_session_filter (GST_RTSP_CLIENT (self), NULL, NULL);
  gboolean result = sessions != NULL;

  g_list_free_full (sessions, g_object_unref);
  return result;
}

static gboolean
is_stuck (PhRtspClient *self)
{
  for (guint i = 0; i < self->outboxes->len; i++)
    if (ph_rtsp_outbox_get_stuck_time_any (g_ptr_array_index (self->outboxes, i)) > MAX_STUCK)
      return TRUE;
  return FALSE;
}

void
ph_rtsp_client_tick_on_rtsp (PhRtspClient *self)
{
  G_GNUC_UNUSED g_autoptr (PhRtspClient) keep = g_object_ref (self);
  gint64 now = g_get_monotonic_time ();

  if (self->awaited != NULL && now > self->awaited_since + MAX_WAIT)
    refuse_held (self);
  if (has_session (self) || self->awaited != NULL)
    self->idle_since = now;
  if (self->watch == NULL)
    return;
  if (g_source_is_destroyed ((GSource *)self->watch) || is_stuck (self) ||
      now > self->idle_since + MAX_IDLE)
    ph_rtsp_client_close_on_rtsp (self);
}

void
ph_rtsp_client_ask_again_on_rtsp (PhRtspClient *self, const PhUsers *users)
{
  if (self->watch != NULL && !ph_rtsp_guard_still_admits_on_rtsp (&self->guard, users))
    ph_rtsp_client_close_on_rtsp (self);
}

/* ---- the object ----------------------------------------------------------------------------- */

static GstRTSPWatchFuncs watch_funcs = {
  .message_received = on_message_received,
  .message_sent = on_message_sent,
  .closed = on_closed,
  .tunnel_start = on_tunnel_get,
  .tunnel_complete = on_tunnel_post,
  .error_full = on_error,
  .tunnel_lost = on_tunnel_lost,
};

static guint
get_request_time (PhRtspClient *self)
{
  if (self->guard.gate == NULL)
    return MAX_IDLE / G_TIME_SPAN_SECOND;
  return self->is_refused ? REFUSED_TIME : ph_gate_get_request_time_any (self->guard.gate);
}

/* FALSE: it is not even worth an answer. */
static gboolean
try_take_place (PhRtspClient *self, PhGate *gate)
{
  PhLimiter *connections = ph_gate_get_connections_any (gate);
  PhLimiterAnswer room = ph_limiter_ask_any (connections, self->guard.peer);

  if (room != PH_LIMITER_OVERRUN)
    self->place = ph_limiter_take_any (connections, self->guard.peer);
  self->is_refused = room != PH_LIMITER_ROOM;
  if (self->is_refused)
    ph_gate_note_limit_any (gate, "RTSP", "connections", self->guard.peer, room);
  return self->place != NULL;
}

PhRtspClient *
ph_rtsp_client_new_on_rtsp (GstRTSPConnection *connection, PhRtspWire wire, const PhRtspHall *hall)
{
  PhRtspClient *self = g_object_new (PH_TYPE_RTSP_CLIENT, "post-session-timeout", -1, NULL);
  GstRTSPClient *client = GST_RTSP_CLIENT (self);

  self->hall = hall;
  self->mounts = ph_viewers_must_save_any (hall->viewers, gst_rtsp_connection_get_ip (connection))
                     ? hall->saving_mounts
                     : hall->mounts;
  ph_rtsp_guard_init (&self->guard, hall->gate, connection, wire);
  self->since = self->idle_since = g_get_monotonic_time ();
  if (hall->gate != NULL && !try_take_place (self, hall->gate)) {
    gst_rtsp_connection_free (connection);
    g_object_unref (self);
    return NULL;
  }
  self->intake = ph_rtsp_intake_new (
      gst_rtsp_connection_get_read_socket (connection), get_request_time (self), self->since);
  gst_rtsp_client_set_session_pool (client, hall->sessions);
  gst_rtsp_client_set_mount_points (client, self->mounts);
  gst_rtsp_client_set_thread_pool (client, hall->threads);
  gst_rtsp_client_set_content_length_limit (client, MAX_BODY);
  gst_rtsp_client_set_connection (client, connection);
  self->watch = gst_rtsp_watch_new (connection, &watch_funcs, g_object_ref (self), g_object_unref);
  self->line = ph_rtsp_line_new (self->watch);
  gst_rtsp_watch_set_send_backlog (self->watch, MAX_ANSWERS, 0);
  gst_rtsp_client_set_send_messages_func (client, send_answers_on_rtsp, NULL, NULL);
  gst_rtsp_watch_attach (self->watch, hall->context);
  return self;
}

PhRtspIntake *
ph_rtsp_client_get_intake_on_rtsp (PhRtspClient *self)
{
  return self->intake;
}

static void
ph_rtsp_client_finalize (GObject *object)
{
  PhRtspClient *self = PH_RTSP_CLIENT (object);

  g_queue_clear_full (&self->held, (GDestroyNotify)free_message);
  g_clear_pointer (&self->place, ph_limiter_place_free_any);
  g_clear_pointer (&self->intake, ph_rtsp_intake_unref_any);
  ph_rtsp_guard_clear (&self->guard);
  g_ptr_array_unref (self->outboxes);
  g_clear_pointer (&self->line, ph_rtsp_line_unref_any);
  G_OBJECT_CLASS (ph_rtsp_client_parent_class)->finalize (object);
}

static void
ph_rtsp_client_init (PhRtspClient *self)
{
  g_queue_init (&self->held);
  self->outboxes = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_rtsp_outbox_unref_any);
}

static void
ph_rtsp_client_class_init (PhRtspClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_rtsp_client_finalize;
  ph_rtsp_client_answer_for_media (GST_RTSP_CLIENT_CLASS (klass));
}
