/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/client.h"

#include "rtsp/client-private.h"
#include "rtsp/intake.h"
#include "rtsp/outbox.h"

/* Until a camera has its first picture. */
#define MAX_WAIT (10 * G_TIME_SPAN_SECOND)
/* A connection that plays nothing. */
#define MAX_IDLE (60 * G_TIME_SPAN_SECOND)
/* A viewer that takes nothing at all. */
#define MAX_STUCK (10 * G_TIME_SPAN_SECOND)
/* RTSP requests that have bodies have short ones. */
#define MAX_BODY 16384
/* Seconds for the request of one who is refused. */
#define REFUSED_TIME 2
/* Answers that may wait for one who asks but does not read. */
#define MAX_ANSWERS (1024 * 1024)

G_DEFINE_FINAL_TYPE (PhRtspClient, ph_rtsp_client, GST_TYPE_RTSP_CLIENT)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRTSPWatch, gst_rtsp_watch_unref)

static GSocket *
get_socket (PhRtspClient *self)
{
  return gst_rtsp_connection_get_read_socket (
      gst_rtsp_client_get_connection (GST_RTSP_CLIENT (self)));
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
    gst_rtsp_session_pool_remove (self->common->sessions, item->data);
  }
  g_list_free_full (sessions, g_object_unref);
}

static void
forget_tunnel (PhRtspClient *self)
{
  const char *id =
      gst_rtsp_connection_get_tunnelid (gst_rtsp_client_get_connection (GST_RTSP_CLIENT (self)));

  if (id != NULL && g_hash_table_lookup (self->common->tunnels, id) == self)
    g_hash_table_remove (self->common->tunnels, id);
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
  ph_rtsp_client_stop_waiting_on_rtsp (self);
  end_sessions (self);
  self->common->closed (self, self->common->owner);
}

/* However it comes to its end: by the peer, by an error, by us. */
void
ph_rtsp_client_close_on_rtsp (PhRtspClient *self)
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
    ph_rtsp_client_close_on_rtsp (self);
  if (self->awaited != mount)
    return;
  switch (ph_rtsp_mount_get_state_any (mount)) {
  case PH_RTSP_MOUNT_WAITING:
    break;
  case PH_RTSP_MOUNT_READY:
    ph_rtsp_client_go_on_with_held_on_rtsp (self);
    break;
  case PH_RTSP_MOUNT_DARK:
    ph_rtsp_client_refuse_held_on_rtsp (self);
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
  if (ph_rtsp_client_try_take_request_on_rtsp (self, message))
    return GST_RTSP_OK;
  ph_rtsp_client_close_on_rtsp (self);
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
  ph_rtsp_client_close_on_rtsp (user_data);
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
    ph_rtsp_client_answer_on_rtsp (self, message, GST_RTSP_STS_REQUEST_ENTITY_TOO_LARGE);
  else if (is_request && result == GST_RTSP_EPARSE)
    ph_rtsp_client_answer_on_rtsp (self, message, GST_RTSP_STS_BAD_REQUEST);
  ph_rtsp_client_close_on_rtsp (self);
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
  other = g_hash_table_lookup (self->common->tunnels, id);
  if (other == NULL) {
    g_hash_table_insert (self->common->tunnels, g_strdup (id), g_object_ref (self));
    return TRUE;
  }
  g_object_ref (other);
  if (other->watch == NULL || other->tunnel == self->tunnel ||
      other->guard.wire != self->guard.wire)
    return FALSE;
  g_hash_table_remove (self->common->tunnels, id);
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
    ph_rtsp_client_refuse_held_on_rtsp (self);
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
ph_rtsp_client_new_on_rtsp (
    GstRTSPConnection *connection, PhRtspWire wire, const PhRtspCommon *common)
{
  PhRtspClient *self = g_object_new (PH_TYPE_RTSP_CLIENT, "post-session-timeout", -1, NULL);
  GstRTSPClient *client = GST_RTSP_CLIENT (self);

  self->common = common;
  self->mounts = ph_viewers_must_save_any (common->viewers, gst_rtsp_connection_get_ip (connection))
                     ? common->saving_mounts
                     : common->mounts;
  ph_rtsp_guard_init (&self->guard, common->gate, connection, wire);
  self->since = self->idle_since = g_get_monotonic_time ();
  if (common->gate != NULL && !try_take_place (self, common->gate)) {
    gst_rtsp_connection_free (connection);
    g_object_unref (self);
    return NULL;
  }
  self->intake = ph_rtsp_intake_new (
      gst_rtsp_connection_get_read_socket (connection), get_request_time (self), self->since);
  gst_rtsp_client_set_session_pool (client, common->sessions);
  gst_rtsp_client_set_mount_points (client, self->mounts);
  gst_rtsp_client_set_thread_pool (client, common->threads);
  gst_rtsp_client_set_content_length_limit (client, MAX_BODY);
  gst_rtsp_client_set_connection (client, connection);
  self->watch = gst_rtsp_watch_new (connection, &watch_funcs, g_object_ref (self), g_object_unref);
  self->line = ph_rtsp_line_new (self->watch);
  gst_rtsp_watch_set_send_backlog (self->watch, MAX_ANSWERS, 0);
  gst_rtsp_client_set_send_messages_func (client, send_answers_on_rtsp, NULL, NULL);
  gst_rtsp_watch_attach (self->watch, common->context);
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

  ph_rtsp_client_forget_held_on_rtsp (self);
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
