/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/rooms.h"

#include "access/certificate.h"
#include "base/state.h"
#include "main/event-sources.h"
#include "remote/gateway.h"

/* How long cameras may take to close their devices when the program ends. */
#define CLOSING_PATIENCE_MS 1000

/* Where nothing can be kept it is counted all the same. */
static PhDataUse *
open_data_use (GPtrArray *cameras)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = ph_state_make_folder (&error);

  if (folder == NULL)
    g_message ("data use is not kept: %s", error->message);
  return ph_data_use_new (folder, cameras);
}

/* All who come by the public address from inside seem to be the router. Element-type
 * GInetAddressMask. */
static GPtrArray *
list_routers (void)
{
  const GSocketFamily families[] = { G_SOCKET_FAMILY_IPV4, G_SOCKET_FAMILY_IPV6 };
  GPtrArray *routers = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < G_N_ELEMENTS (families); i++) {
    g_autoptr (PhGateway) gateway = ph_gateway_find (families[i], NULL);

    if (gateway != NULL)
      g_ptr_array_add (routers, g_inet_address_mask_new (gateway->router,
                                    8 * g_inet_address_get_native_size (gateway->router), NULL));
  }
  return routers;
}

PhRooms *
ph_rooms_new (const PhConfig *config, PhUsers *users)
{
  PhRooms *self = g_new0 (PhRooms, 1);
  g_autoptr (GPtrArray) routers = list_routers ();

  self->gate = ph_gate_new (users, config->access, routers);
  self->cameras = g_ptr_array_new_with_free_func (g_object_unref);
  self->leaving = g_ptr_array_new_with_free_func (g_object_unref);
  self->viewers = ph_viewers_new ();
  self->rtsp = ph_rtsp_server_new (self->gate, self->viewers);
  self->http = ph_http_new (config->http, self->cameras, config->rtsp->port);
  self->remote = ph_remote_new ();
  ph_api_add_report (ph_http_get_api (self->http), "remote", ph_remote_report, self->remote);
  self->outside = ph_outside_new (ph_remote_get_public_address (self->remote));
  ph_event_sources_add_address (
      ph_http_get_events (self->http), ph_remote_get_public_address (self->remote));
  ph_outside_add_to_api (self->outside, ph_http_get_api (self->http));
  ph_http_add_metrics (self->http, ph_remote_add_metrics, self->remote);
  ph_http_add_metrics (self->http, ph_outside_add_metrics, self->outside);
  ph_http_set_viewers (self->http, self->viewers);
  ph_event_sources_add_viewers (ph_http_get_events (self->http), self->viewers);
  self->pushes = ph_pushes_new ();
  ph_api_add_report (ph_http_get_api (self->http), "push", ph_pushes_report, self->pushes);
  ph_http_add_metrics (self->http, ph_pushes_add_metrics, self->pushes);
  self->data_use = open_data_use (self->cameras);
  ph_data_use_set_viewers (self->data_use, self->viewers);
  ph_event_sources_add_data_use (ph_http_get_events (self->http), self->data_use);
  ph_api_add_report (ph_http_get_api (self->http), "data-use", ph_data_use_report, self->data_use);
  ph_http_add_metrics (self->http, ph_data_use_add_metrics, self->data_use);
  self->diagnosis = ph_diagnosis_new (self->http, self->remote, self->outside);
  return self;
}

/* ---- what can fail --------------------------------------------------------------------------- */

static char **
list_names (const PhConfig *config)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) own = ph_certificate_list_own_names ();

  g_strv_builder_addv (names, (const char **)own);
  g_strv_builder_addv (names, (const char **)config->http->hostnames);
  return g_strv_builder_end (names);
}

static PhTls *
open_tls (const PhConfig *config, GError **error)
{
  gboolean is_own = config->tls->certificate == NULL;
  g_autofree char *folder = is_own ? ph_state_make_folder (error) : g_strdup ("");
  g_auto (GStrv) names = list_names (config);

  if (folder == NULL)
    return NULL;
  return ph_tls_new (config->tls, folder, (const char *const *)names, error);
}

/* One that comes from the same files as before is only looked at; it is taken later. */
static gboolean
is_still_good (const PhTlsConfig *config, GError **error)
{
  g_autoptr (GTlsCertificate) certificate =
      config->certificate != NULL ? ph_certificate_load (config->certificate, config->key, error)
                                  : NULL;

  return certificate != NULL || config->certificate == NULL;
}

/* Only those who log in have anything to hide. */
static gboolean
maybe_open_tls (PhRooms *self, const PhConfig *config, PhTls **tls, GError **error)
{
  gboolean is_same = self->tls != NULL && ph_tls_has_files_of (self->tls, config->tls);

  if (config->access->users->len == 0)
    return TRUE;
  if (is_same && is_still_good (config->tls, error))
    *tls = g_object_ref (self->tls);
  else if (!is_same)
    *tls = open_tls (config, error);
  return *tls != NULL;
}

/* ---- cameras --------------------------------------------------------------------------------- */

static GPtrArray *
list_feeds (GPtrArray *cameras)
{
  GPtrArray *feeds = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_feed_unref_any);

  for (guint i = 0; i < cameras->len; i++) {
    PhCamera *camera = g_ptr_array_index (cameras, i);

    for (guint j = 0; j < ph_camera_get_n_feeds (camera); j++)
      g_ptr_array_add (feeds, ph_feed_ref_any (ph_camera_get_feed (camera, j)));
  }
  return feeds;
}

static PhCamera *
try_take_camera (GPtrArray *cameras, const char *name)
{
  for (guint i = 0; i < cameras->len; i++)
    if (g_str_equal (ph_camera_get_config (g_ptr_array_index (cameras, i))->name, name))
      return g_ptr_array_steal_index (cameras, i);
  return NULL;
}

static PhCamera *
make_camera (PhRooms *self, const PhCameraConfig *config)
{
  PhCamera *camera = ph_camera_new (config);

  ph_events_follow_camera (ph_http_get_events (self->http), camera);
  return camera;
}

/* Those that are in config no more are left in before. */
static void
take_cameras (PhRooms *self, const PhConfig *config, GPtrArray *before)
{
  for (guint i = 0; i < config->cameras->len; i++) {
    const PhCameraConfig *camera_config = g_ptr_array_index (config->cameras, i);
    PhCamera *camera = try_take_camera (before, camera_config->name);

    if (camera != NULL)
      ph_camera_set_config (camera, camera_config);
    else
      camera = make_camera (self, camera_config);
    g_ptr_array_add (self->cameras, camera);
  }
}

static void
drop_feeds_gone (PhRooms *self, GPtrArray *feeds_before)
{
  g_autoptr (GPtrArray) feeds = list_feeds (self->cameras);

  for (guint i = 0; i < feeds_before->len; i++) {
    PhFeed *feed = g_ptr_array_index (feeds_before, i);

    if (!g_ptr_array_find (feeds, feed, NULL))
      ph_http_drop_feed (self->http, feed);
  }
}

static void
forget_stopped (PhRooms *self)
{
  for (guint i = self->leaving->len; i > 0; i--)
    if (ph_camera_is_stopped (g_ptr_array_index (self->leaving, i - 1)))
      g_ptr_array_remove_index (self->leaving, i - 1);
}

static void
let_go (PhRooms *self, GPtrArray *cameras)
{
  forget_stopped (self);
  for (guint i = 0; i < cameras->len; i++) {
    PhCamera *camera = g_ptr_array_index (cameras, i);

    ph_events_unfollow_camera (ph_http_get_events (self->http), camera);
    ph_camera_stop (camera);
    if (!ph_camera_is_stopped (camera))
      g_ptr_array_add (self->leaving, g_object_ref (camera));
  }
}

/* self->cameras stays the same array, which http looks at. What was sent of feeds that go could not
 * be seen afterwards. */
static void
apply_cameras (PhRooms *self, const PhConfig *config)
{
  g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) feeds_before = list_feeds (self->cameras);

  ph_data_use_look (self->data_use, g_get_real_time () / G_USEC_PER_SEC);
  while (self->cameras->len > 0)
    g_ptr_array_add (before, g_ptr_array_steal_index (self->cameras, 0));
  take_cameras (self, config, before);
  ph_rtsp_server_set_cameras (self->rtsp, self->cameras);
  ph_pushes_set_cameras (self->pushes, self->cameras);
  for (guint i = 0; i < before->len; i++)
    ph_http_end_camera (self->http, g_ptr_array_index (before, i));
  drop_feeds_gone (self, feeds_before);
  let_go (self, before);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void
apply_listeners (PhRooms *self, PhTls *tls, PhListeners *listeners)
{
  GPtrArray **sockets = listeners->sockets;

  ph_http_set_tls (self->http, tls);
  ph_rtsp_server_set_tls (self->rtsp, tls);
  ph_http_set_sockets (self->http, sockets[PH_LISTENER_HTTP], sockets[PH_LISTENER_HTTPS]);
  if (sockets[PH_LISTENER_RTSP] != self->listeners.sockets[PH_LISTENER_RTSP] ||
      sockets[PH_LISTENER_RTSPS] != self->listeners.sockets[PH_LISTENER_RTSPS])
    ph_rtsp_server_set_sockets (self->rtsp, sockets[PH_LISTENER_RTSP], sockets[PH_LISTENER_RTSPS]);
  ph_http_set_rtsp_ports (
      self->http, ph_rtsp_server_get_port (self->rtsp), ph_rtsp_server_get_tls_port (self->rtsp));
  if (tls != NULL && tls == self->tls)
    ph_tls_reload (tls);
  g_set_object (&self->tls, tls);
  ph_listeners_clear (&self->listeners);
  self->listeners = *listeners;
  *listeners = (PhListeners){ 0 };
}

static void
apply_remote (PhRooms *self, const PhConfig *config)
{
  PhRemoteServer server = { .has_users = config->access->users->len > 0,
    .listen = config->http->listen,
    .https = ph_http_get_tls_port (self->http),
    .rtsps = ph_rtsp_server_get_tls_port (self->rtsp),
    .http = ph_http_get_port (self->http),
    .rtsp = ph_rtsp_server_get_port (self->rtsp) };

  ph_remote_apply (self->remote, config->remote, &server);
}

static void
warn_of_who_may_look (const PhConfig *config, const PhUsers *users)
{
  g_autofree char *file = config->file != NULL ? g_shell_quote (config->file) : NULL;

  if (ph_config_get_listen_scope (config) == PH_LISTEN_LOOPBACK && ph_config_is_for_others (config))
    g_warning ("there are no users, so this machine alone may look, whatever http.listen and "
               "rtsp.listen say; to let others in, type: porthole user NAME --write --config %s",
        file != NULL ? file : "porthole.json, and start Porthole with the same --config");
  if (ph_users_lets_strangers_look_any (users))
    g_warning ("whoever reaches this machine may look without a password, as \"anonymous\" in the "
               "settings says");
}

/* Users before cameras: nobody sees a new one who may not. */
gboolean
ph_rooms_apply (PhRooms *self, PhConfig *config, PhUsers *users, PhChanges *changes, GError **error)
{
  g_autoptr (PhTls) tls = NULL;
  g_auto (PhListeners) listeners = { 0 };
  g_autoptr (PhDdns) ddns = ph_outside_prepare (config, error);
  g_autoptr (GPtrArray) routers = list_routers ();

  if (ddns == NULL || !maybe_open_tls (self, config, &tls, error) ||
      !ph_listeners_open (&listeners, config, &self->listeners, self->config, error))
    return FALSE;
  if (changes != NULL)
    ph_changes_find (changes, self->config, config);
  ph_gate_set_users_any (self->gate, users);
  ph_gate_set_config_any (self->gate, config->access, routers);
  ph_http_set_access (self->http, self->gate, config->access);
  ph_http_set_config (self->http, config->http);
  ph_rtsp_server_set_config (self->rtsp, config->rtsp);
  apply_cameras (self, config);
  apply_listeners (self, tls, &listeners);
  apply_remote (self, config);
  ph_data_use_set_allowance (self->data_use, config->remote->allowance);
  ph_outside_apply (self->outside, config, g_steal_pointer (&ddns));
  warn_of_who_may_look (config, users);
  ph_diagnosis_apply (self->diagnosis, config, self->tls);
  g_clear_pointer (&self->config, ph_config_unref);
  self->config = ph_config_ref (config);
  return TRUE;
}

/* ---- the end --------------------------------------------------------------------------------- */

static gboolean
are_stopped (GPtrArray *cameras)
{
  for (guint i = 0; i < cameras->len; i++)
    if (!ph_camera_is_stopped (g_ptr_array_index (cameras, i)))
      return FALSE;
  return TRUE;
}

static gboolean
on_patience_over (gpointer is_over)
{
  *(gboolean *)is_over = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
warn_of_hanging (GPtrArray *cameras)
{
  for (guint i = 0; i < cameras->len; i++)
    if (!ph_camera_is_stopped (g_ptr_array_index (cameras, i)))
      g_warning ("%s: its driver does not answer, so it is left as it is",
          ph_camera_get_config (g_ptr_array_index (cameras, i))->name);
}

/* A driver that hangs does not keep the program. What hangs in it keeps its memory. */
static void
stop_cameras (PhRooms *self)
{
  gboolean is_over = FALSE;
  guint timer = g_timeout_add (CLOSING_PATIENCE_MS, on_patience_over, &is_over);

  for (guint i = 0; i < self->cameras->len; i++)
    ph_camera_stop (g_ptr_array_index (self->cameras, i));
  while (!is_over && !(are_stopped (self->cameras) && are_stopped (self->leaving)))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  warn_of_hanging (self->cameras);
  warn_of_hanging (self->leaving);
}

void
ph_rooms_free (PhRooms *self)
{
  ph_diagnosis_free (self->diagnosis);
  ph_outside_free (self->outside);
  ph_remote_free (self->remote);
  ph_viewers_set_listener (self->viewers, NULL, NULL);
  for (guint i = 0; i < self->cameras->len; i++)
    ph_events_unfollow_camera (
        ph_http_get_events (self->http), g_ptr_array_index (self->cameras, i));
  ph_http_free (self->http);
  ph_rtsp_server_free (self->rtsp);
  ph_pushes_free (self->pushes);
  ph_data_use_set_listener (self->data_use, NULL, NULL);
  ph_data_use_free (self->data_use);
  stop_cameras (self);
  g_ptr_array_unref (self->cameras);
  g_ptr_array_unref (self->leaving);
  ph_listeners_clear (&self->listeners);
  g_clear_object (&self->tls);
  ph_viewers_free (self->viewers);
  ph_gate_free (self->gate);
  g_clear_pointer (&self->config, ph_config_unref);
  g_free (self);
}
