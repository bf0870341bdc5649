/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/server.h"

#include "base/mailbox.h"
#include "rtsp/client.h"
#include "rtsp/listener.h"
#include "rtsp/mount-points.h"

#define TICK_MS 1000
/* Until settings say otherwise. */
#define MAX_AGE_MS 1000
/* Viewers who are to be sent away by hand. */
#define MAX_ENDING 1024

struct _PhRtspServer {
  PhRtspListener *listener;
  PhRtspMountPoints *mount_points;
  guint port;
  guint tls_port; /* 0: there is no TLS */
  PhTls *tls; /* nullable */
  GThread *thread; /* NULL once stopped */

  int is_stopping; /* atomic boolean */
  PhMailbox *to_rtsp;

  /* either thread, under lock */
  struct {
    GMutex lock;
    GPtrArray *intakes; /* element-type PhRtspIntake; of all clients */
  } shared;

  /* rtsp thread; the main thread before it starts and after it ended */
  struct {
    PhRtspCommon common;
    GPtrArray *clients; /* element-type PhRtspClient */
    GSource *tick; /* NULL while there are no clients */
    GSource *intake_tick; /* the same, but in the main thread */
    PhUsers *users; /* nullable: those whom the clients were last asked about */
  } rtsp;
};

/* ---- the rtsp thread ------------------------------------------------------------------------ */

/* What began rightly may go on for days, and its settings not. */
static void
follow_users_on_rtsp (PhRtspServer *self)
{
  PhGate *gate = self->rtsp.common.gate;
  g_autoptr (PhUsers) users = gate != NULL ? ph_gate_ref_users_any (gate) : NULL;

  if (users == self->rtsp.users)
    return;
  for (guint i = self->rtsp.clients->len; i > 0; i--)
    ph_rtsp_client_ask_again_on_rtsp (g_ptr_array_index (self->rtsp.clients, i - 1), users);
  g_clear_pointer (&self->rtsp.users, ph_users_unref_any);
  self->rtsp.users = g_steal_pointer (&users);
}

static gboolean
on_tick_on_rtsp (gpointer user_data)
{
  PhRtspServer *self = user_data;

  follow_users_on_rtsp (self);
  for (guint i = self->rtsp.clients->len; i > 0; i--)
    ph_rtsp_client_tick_on_rtsp (g_ptr_array_index (self->rtsp.clients, i - 1));
  gst_rtsp_session_pool_cleanup (self->rtsp.common.sessions);
  return G_SOURCE_CONTINUE;
}

/* In the main thread: the rtsp thread may be the one that is kept busy. */
static gboolean
on_intake_tick (gpointer user_data)
{
  PhRtspServer *self = user_data;
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&self->shared.lock);
  for (guint i = 0; i < self->shared.intakes->len; i++)
    ph_rtsp_intake_check_any (g_ptr_array_index (self->shared.intakes, i), now);
  g_mutex_unlock (&self->shared.lock);
  return G_SOURCE_CONTINUE;
}

static void
add_intake_any (PhRtspServer *self, PhRtspIntake *intake)
{
  g_mutex_lock (&self->shared.lock);
  g_ptr_array_add (self->shared.intakes, ph_rtsp_intake_ref_any (intake));
  g_mutex_unlock (&self->shared.lock);
}

static void
remove_intake_any (PhRtspServer *self, PhRtspIntake *intake)
{
  g_mutex_lock (&self->shared.lock);
  g_ptr_array_remove_fast (self->shared.intakes, intake);
  g_mutex_unlock (&self->shared.lock);
}

/* Not the session pool's own source: that one looks at every session whenever any socket stirs. */
static void
ensure_tick_on_rtsp (PhRtspServer *self)
{
  if (self->rtsp.tick != NULL)
    return;
  self->rtsp.tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (self->rtsp.tick, on_tick_on_rtsp, self, NULL);
  g_source_attach (self->rtsp.tick, self->rtsp.common.context);
  self->rtsp.intake_tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (self->rtsp.intake_tick, on_intake_tick, self, NULL);
  g_source_attach (self->rtsp.intake_tick, NULL);
}

static void
stop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
stop_tick_on_rtsp (PhRtspServer *self)
{
  stop_source (&self->rtsp.tick);
  stop_source (&self->rtsp.intake_tick);
}

static void
on_client_closed_on_rtsp (PhRtspClient *client, gpointer owner)
{
  PhRtspServer *self = owner;

  remove_intake_any (self, ph_rtsp_client_get_intake_on_rtsp (client));
  g_ptr_array_remove_fast (self->rtsp.clients, client);
  if (self->rtsp.clients->len == 0)
    stop_tick_on_rtsp (self);
}

static void
on_connection_on_rtsp (GstRTSPConnection *connection, PhRtspWire wire, gpointer user_data)
{
  PhRtspServer *self = user_data;
  PhRtspClient *client = ph_rtsp_client_new_on_rtsp (connection, wire, &self->rtsp.common);

  if (client == NULL)
    return;
  g_ptr_array_add (self->rtsp.clients, client);
  add_intake_any (self, ph_rtsp_client_get_intake_on_rtsp (client));
  ensure_tick_on_rtsp (self);
}

/* Mailbox to_rtsp. */
static void
on_mount_news_on_rtsp (gpointer item, gpointer user_data)
{
  PhRtspServer *self = user_data;
  g_autoptr (PhRtspMount) mount = item;

  ph_rtsp_mount_take_news_on_rtsp (mount);
  for (guint i = self->rtsp.clients->len; i > 0; i--)
    ph_rtsp_client_take_news_on_rtsp (g_ptr_array_index (self->rtsp.clients, i - 1), mount);
}

static void
close_all_on_rtsp (PhRtspServer *self)
{
  ph_rtsp_listener_close_on_rtsp (self->listener);
  while (self->rtsp.clients->len > 0)
    ph_rtsp_client_close_on_rtsp (g_ptr_array_index (self->rtsp.clients, 0));
  g_hash_table_remove_all (self->rtsp.common.tunnels);
  ph_mailbox_close (self->to_rtsp);
  ph_mailbox_close (self->rtsp.common.ending);
}

static gpointer
run_on_rtsp (gpointer user_data)
{
  PhRtspServer *self = user_data;
  GMainContext *context = self->rtsp.common.context;

  g_main_context_push_thread_default (context);
  while (!g_atomic_int_get (&self->is_stopping)) {
    ph_rtsp_listener_follow_on_rtsp (self->listener);
    g_main_context_iteration (context, TRUE);
  }
  close_all_on_rtsp (self);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* ---- the server ----------------------------------------------------------------------------- */

/* Mailbox ending. */
static void
on_end_on_rtsp (gpointer item, gpointer user_data)
{
  g_autoptr (PhRtspClient) client = item;

  ph_rtsp_client_close_on_rtsp (client);
}

static void
prepare_common (PhRtspServer *self)
{
  PhRtspCommon *common = &self->rtsp.common;

  common->context = g_main_context_new ();
  common->sessions = gst_rtsp_session_pool_new ();
  common->threads = gst_rtsp_thread_pool_new ();
  common->tunnels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  common->ending =
      ph_mailbox_new (common->context, MAX_ENDING, on_end_on_rtsp, self, g_object_unref);
  common->max_age_ms = MAX_AGE_MS;
  common->closed = on_client_closed_on_rtsp;
  common->owner = self;
  self->rtsp.clients = g_ptr_array_new_with_free_func (g_object_unref);
}

void
ph_rtsp_server_set_config (PhRtspServer *self, const PhRtspConfig *config)
{
  g_atomic_int_set (&self->rtsp.common.max_age_ms, (guint)(config->max_age * 1000));
  ph_rtsp_mount_points_set_config (self->mount_points, config);
}

void
ph_rtsp_server_set_cameras (PhRtspServer *self, GPtrArray *cameras)
{
  ph_rtsp_mount_points_set_cameras (self->mount_points, cameras);
}

static void
on_certificate_changed (PhTls *tls, gpointer user_data)
{
  PhRtspServer *self = user_data;

  ph_rtsp_listener_set_certificate_any (self->listener, ph_tls_get_certificate (tls));
}

void
ph_rtsp_server_set_tls (PhRtspServer *self, PhTls *tls)
{
  if (tls == NULL || tls == self->tls)
    return;
  if (self->tls != NULL)
    g_signal_handlers_disconnect_by_data (self->tls, self);
  g_set_object (&self->tls, tls);
  g_signal_connect (tls, "changed", G_CALLBACK (on_certificate_changed), self);
  on_certificate_changed (tls, self);
}

void
ph_rtsp_server_set_sockets (PhRtspServer *self, GPtrArray *sockets, GPtrArray *tls_sockets)
{
  self->port = sockets != NULL ? ph_listen_get_port (sockets) : 0;
  self->tls_port = tls_sockets != NULL ? ph_listen_get_port (tls_sockets) : 0;
  ph_rtsp_listener_set_sockets_any (self->listener, sockets, tls_sockets);
}

/* The mailbox of mounts needs no limit: each is in it once at most. */
PhRtspServer *
ph_rtsp_server_new (PhGate *gate, PhViewers *viewers)
{
  PhRtspServer *self = g_new0 (PhRtspServer, 1);

  g_mutex_init (&self->shared.lock);
  self->shared.intakes = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_rtsp_intake_unref_any);
  prepare_common (self);
  self->rtsp.common.gate = gate;
  self->rtsp.common.viewers = viewers;
  self->to_rtsp = ph_mailbox_new (
      self->rtsp.common.context, G_MAXUINT, on_mount_news_on_rtsp, self, g_object_unref);
  self->listener = ph_rtsp_listener_new (self->rtsp.common.context, on_connection_on_rtsp, self);
  self->mount_points = ph_rtsp_mount_points_new (self->to_rtsp);
  self->rtsp.common.mounts = ph_rtsp_mount_points_get_all_any (self->mount_points);
  self->rtsp.common.saving_mounts = ph_rtsp_mount_points_get_smallest_any (self->mount_points);
  self->thread = g_thread_new ("rtsp", run_on_rtsp, self);
  return self;
}

guint
ph_rtsp_server_get_port (PhRtspServer *self)
{
  return self->port;
}

guint
ph_rtsp_server_get_tls_port (PhRtspServer *self)
{
  return self->tls_port;
}

void
ph_rtsp_server_stop (PhRtspServer *self)
{
  if (self->thread == NULL)
    return;
  g_atomic_int_set (&self->is_stopping, TRUE);
  g_main_context_wakeup (self->rtsp.common.context);
  g_thread_join (g_steal_pointer (&self->thread));
  ph_rtsp_mount_points_close (self->mount_points);
}

void
ph_rtsp_server_free (PhRtspServer *self)
{
  PhRtspCommon *common = &self->rtsp.common;

  ph_rtsp_server_stop (self);
  g_clear_pointer (&self->rtsp.users, ph_users_unref_any);
  g_ptr_array_unref (self->rtsp.clients);
  if (self->tls != NULL)
    g_signal_handlers_disconnect_by_data (self->tls, self);
  g_clear_object (&self->tls);
  ph_rtsp_listener_free (self->listener);
  g_ptr_array_unref (self->shared.intakes);
  g_mutex_clear (&self->shared.lock);
  g_hash_table_unref (common->tunnels);
  g_object_unref (common->sessions);
  ph_rtsp_mount_points_free (self->mount_points);
  g_object_unref (common->threads);
  ph_mailbox_unref_any (self->to_rtsp);
  ph_mailbox_unref_any (common->ending);
  g_main_context_unref (common->context);
  g_free (self);
}
