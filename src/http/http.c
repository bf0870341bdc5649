/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/http.h"

#include "http/access-guard.h"
#include "http/acme.h"
#include "http/camera-api.h"
#include "http/doctor-api.h"
#include "http/ended.h"
#include "http/hls.h"
#include "http/link-api.h"
#include "http/login.h"
#include "http/metrics.h"
#include "http/mjpeg.h"
#include "http/mp4.h"
#include "http/page.h"
#include "http/reach.h"
#include "http/route-list.h"
#include "http/server.h"
#include "http/settings-api.h"
#include "http/snapshot.h"
#include "http/viewer-api.h"

struct _PhHttp {
  PhHttpConfig *config;
  PhHttpServer *server;
  PhAccessGuard *access; /* nullable */
  PhTls *tls; /* nullable */
  PhAcme *acme;
  PhLinks *links;
  PhLinkApi *link_api;
  PhReach *reach;
  PhDoctorApi *doctor_api;
  PhLogin *login;
  PhApi *api;
  PhViewers *viewers; /* unowned; nullable */
  PhSettingsApi *settings;
  PhEvents *events;
  PhMetrics *metrics;
  PhPage *page;
  PhPictures *pictures;
  PhMjpeg *mjpeg;
  PhSnapshot *snapshot;
  PhFmp4Set *fmp4s;
  PhMp4 *mp4;
  PhHls *hls;
  PhEnded *ended;
};

#define OWNER(member) G_STRUCT_OFFSET (PhHttp, member)

/* Who may do what, and where: every route there is. The first row that fits counts. */
static const PhRoute routes[] = {
  { "/", "GET", PH_PERMISSION_VIEW, ph_page_handle_index, OWNER (page) },
  { "/assets/*", "GET", PH_PERMISSION_OPEN, ph_page_handle_asset, OWNER (page) },
  { "/healthz", "GET", PH_PERMISSION_OPEN, ph_api_handle_health, OWNER (api) },
  { "/metrics", "GET", PH_PERMISSION_ADMIN, ph_metrics_handle, OWNER (metrics) },
  { "/.well-known/acme-challenge/*", "GET", PH_PERMISSION_OPEN, ph_acme_handle, OWNER (acme) },
  { "/login", "GET", PH_PERMISSION_OPEN, ph_login_handle_page, OWNER (login) },
  { "/login", "POST", PH_PERMISSION_OPEN, ph_login_handle_form, OWNER (login) },
  { "/logout", "POST", PH_PERMISSION_OPEN, ph_login_handle_log_out, OWNER (login) },
  { "/api/v1/session", "GET", PH_PERMISSION_OPEN, ph_login_handle_session, OWNER (login) },
  { "/api/v1/cameras", "GET", PH_PERMISSION_VIEW, ph_api_handle_cameras, OWNER (api) },
  { "/api/v1/cameras/NAME", "GET", PH_PERMISSION_VIEW, ph_api_handle_camera, OWNER (api) },
  { "/api/v1/cameras/NAME/links", "GET", PH_PERMISSION_LINK, ph_link_api_handle_list,
      OWNER (link_api) },
  { "/api/v1/cameras/NAME/links", "POST", PH_PERMISSION_LINK, ph_link_api_handle_make,
      OWNER (link_api) },
  { "/api/v1/cameras/NAME/links/*", "DELETE", PH_PERMISSION_LINK, ph_link_api_handle_revoke,
      OWNER (link_api) },
  { "/api/v1/cameras", "POST", PH_PERMISSION_ADMIN, ph_camera_api_handle_add, OWNER (settings) },
  { "/api/v1/cameras/NAME", "PATCH", PH_PERMISSION_ADMIN, ph_camera_api_handle_patch,
      OWNER (settings) },
  { "/api/v1/cameras/NAME", "DELETE", PH_PERMISSION_ADMIN, ph_camera_api_handle_remove,
      OWNER (settings) },
  { "/api/v1/cameras/NAME/restart", "POST", PH_PERMISSION_ADMIN, ph_api_handle_restart,
      OWNER (api) },
  { "/api/v1/events", "GET", PH_PERMISSION_VIEW, ph_events_handle, OWNER (events) },
  { "/api/v1/viewers", "GET", PH_PERMISSION_ADMIN, ph_viewer_api_handle_list, OWNER (viewers) },
  { "/api/v1/viewers/*", "DELETE", PH_PERMISSION_ADMIN, ph_viewer_api_handle_end, OWNER (viewers) },
  { "/api/v1/settings", "GET", PH_PERMISSION_ADMIN, ph_settings_api_handle_show, OWNER (settings) },
  { "/api/v1/settings", "PATCH", PH_PERMISSION_ADMIN, ph_settings_api_handle_patch,
      OWNER (settings) },
  { "/api/v1/reload", "POST", PH_PERMISSION_ADMIN, ph_settings_api_handle_reload,
      OWNER (settings) },
  { "/api/v1/openapi.json", "GET", PH_PERMISSION_OPEN, ph_page_handle_openapi, OWNER (page) },
  { "/reach/*", "GET", PH_PERMISSION_OPEN, ph_reach_handle, OWNER (reach) },
  { "/api/v1/doctor", "GET", PH_PERMISSION_ADMIN, ph_doctor_api_handle_get, OWNER (doctor_api) },
  { "/api/v1/doctor", "POST", PH_PERMISSION_ADMIN, ph_doctor_api_handle_post, OWNER (doctor_api) },
  { "/api/v1/*", "GET", PH_PERMISSION_ADMIN, ph_api_handle_report, OWNER (api) },
  { "/api/v1/*", "POST", PH_PERMISSION_ADMIN, ph_api_handle_action, OWNER (api) },
  { "/NAME/", "GET", PH_PERMISSION_VIEW, ph_page_handle_camera, OWNER (page) },
  { "/NAME/index.m3u8", "GET", PH_PERMISSION_VIEW, ph_hls_handle_playlist, OWNER (hls),
      PH_ROUTE_STREAM_IN_QUERY, .has_ended_cameras = TRUE },
  { "/NAME/hls/*", "GET", PH_PERMISSION_VIEW, ph_hls_handle_file, OWNER (hls),
      PH_ROUTE_STREAM_IN_PATH, .has_ended_cameras = TRUE },
  { "/NAME/live.mp4", "GET", PH_PERMISSION_VIEW, ph_mp4_handle, OWNER (mp4),
      PH_ROUTE_STREAM_IN_QUERY, .is_endless = TRUE },
  { "/NAME/mjpeg", "GET", PH_PERMISSION_VIEW, ph_mjpeg_handle, OWNER (mjpeg),
      PH_ROUTE_STREAM_IN_QUERY, .is_endless = TRUE },
  { "/NAME/snapshot.jpg", "GET", PH_PERMISSION_VIEW, ph_snapshot_handle, OWNER (snapshot),
      PH_ROUTE_STREAM_IN_QUERY },
};

static void
add_certificate_end (PhMetricsText *text, gpointer user_data)
{
  PhHttp *self = user_data;
  g_autoptr (GDateTime) end =
      self->tls != NULL ? g_tls_certificate_get_not_valid_after (ph_tls_get_certificate (self->tls))
                        : NULL;

  if (end == NULL)
    return;
  ph_metrics_text_begin (text, "porthole_certificate_not_after_timestamp_seconds", PH_METRIC_GAUGE,
      "seconds", "When the certificate ends, since 1970");
  ph_metrics_text_add (text, g_date_time_to_unix (end), NULL);
}

static void
add_certificate (JsonBuilder *builder, gpointer user_data)
{
  PhTls *tls = ((PhHttp *)user_data)->tls;

  json_builder_begin_object (builder);
  if (tls != NULL) {
    json_builder_set_member_name (builder, "self_signed");
    json_builder_add_boolean_value (builder, ph_tls_is_self_signed (tls));
    json_builder_set_member_name (builder, "fingerprint");
    json_builder_add_string_value (builder, ph_tls_get_fingerprint (tls));
    json_builder_set_member_name (builder, "days_left");
    json_builder_add_int_value (builder, ph_tls_get_days_left (tls));
  }
  json_builder_end_object (builder);
}

static void
on_served (SoupServerMessage *message, gpointer user_data)
{
  ph_reach_note_visit (((PhHttp *)user_data)->reach, message);
}

/* HLS before the fragments it is made of. */
static void
drop_fragments (PhHttp *self, PhFeed *feed)
{
  ph_hls_drop_feed (self->hls, feed);
  ph_mp4_drop_feed (self->mp4, feed);
  ph_fmp4_set_drop (self->fmp4s, feed);
}

static void
forget_camera (PhCamera *camera, gpointer user_data)
{
  for (guint i = 0; i < ph_camera_get_n_feeds (camera); i++)
    drop_fragments (user_data, ph_camera_get_feed (camera, i));
}

PhHttp *
ph_http_new (const PhHttpConfig *config, GPtrArray *cameras, guint rtsp_port)
{
  PhHttp *self = g_new0 (PhHttp, 1);

  self->config = ph_http_config_dup (config);
  self->api = ph_api_new (cameras, rtsp_port);
  ph_api_add_report (self->api, "certificate", add_certificate, self);
  self->metrics = ph_metrics_new (cameras);
  ph_metrics_add_source (self->metrics, add_certificate_end, self);
  self->settings = ph_settings_api_new ();
  self->events = ph_events_new ();
  self->page = ph_page_new ();
  self->login = ph_login_new ();
  self->acme = ph_acme_new (config->acme_webroot);
  self->links = ph_links_new (NULL);
  self->link_api = ph_link_api_new ();
  self->reach = ph_reach_new ();
  self->doctor_api = ph_doctor_api_new ();
  self->pictures = ph_pictures_new ();
  self->mjpeg = ph_mjpeg_new (self->pictures, config->mjpeg_max_age);
  self->snapshot = ph_snapshot_new (self->pictures);
  self->fmp4s = ph_fmp4_set_new ();
  self->mp4 = ph_mp4_new (self->fmp4s, config->mp4_max_age);
  self->hls = ph_hls_new (self->fmp4s, self->config);
  self->ended = ph_ended_new (forget_camera, self);
  self->server = ph_http_server_new (routes, G_N_ELEMENTS (routes), self, cameras);
  ph_http_server_set_ended (self->server, self->ended);
  ph_http_server_set_config (self->server, self->config);
  ph_http_server_set_served (self->server, on_served, self);
  return self;
}

/* Viewers first, while there is a server to say goodbye with. */
void
ph_http_free (PhHttp *self)
{
  if (self->tls != NULL)
    g_signal_handlers_disconnect_by_data (self->tls, self);
  g_clear_object (&self->tls);
  ph_events_free (self->events);
  ph_ended_free (self->ended);
  ph_hls_free (self->hls);
  ph_mp4_free (self->mp4);
  ph_fmp4_set_free (self->fmp4s);
  ph_snapshot_free (self->snapshot);
  ph_mjpeg_free (self->mjpeg);
  ph_pictures_free (self->pictures);
  ph_doctor_api_free (self->doctor_api);
  ph_http_server_free (self->server);
  ph_settings_api_free (self->settings);
  ph_page_free (self->page);
  ph_login_free (self->login);
  ph_acme_free (self->acme);
  ph_link_api_free (self->link_api);
  ph_reach_free (self->reach);
  g_clear_pointer (&self->access, ph_access_guard_free);
  ph_metrics_free (self->metrics);
  ph_links_free (self->links);
  ph_api_free (self->api);
  ph_http_config_free (self->config);
  g_free (self);
}

void
ph_http_set_config (PhHttp *self, const PhHttpConfig *config)
{
  PhHttpConfig *before = self->config;

  self->config = ph_http_config_dup (config);
  ph_http_server_set_config (self->server, self->config);
  ph_hls_set_config (self->hls, self->config);
  ph_mp4_set_max_age (self->mp4, self->config->mp4_max_age);
  ph_mjpeg_set_max_age (self->mjpeg, self->config->mjpeg_max_age);
  ph_acme_set_webroot (self->acme, self->config->acme_webroot);
  ph_http_config_free (before);
}

void
ph_http_set_viewers (PhHttp *self, PhViewers *viewers)
{
  self->viewers = viewers;
  ph_http_server_set_viewers (self->server, viewers);
}

PhEvents *
ph_http_get_events (PhHttp *self)
{
  return self->events;
}

void
ph_http_set_settings (PhHttp *self, const PhSettingsOwner *owner)
{
  ph_settings_api_set_owner (self->settings, owner);
}

void
ph_http_set_rtsp_ports (PhHttp *self, guint port, guint tls_port)
{
  ph_api_set_rtsp_ports (self->api, port, tls_port);
}

void
ph_http_add_metrics (PhHttp *self, PhMetricsSource source, gpointer user_data)
{
  ph_metrics_add_source (self->metrics, source, user_data);
}

static void
on_certificate_changed (PhTls *tls, gpointer user_data)
{
  PhHttp *self = user_data;

  ph_http_server_set_certificate (self->server, ph_tls_get_certificate (tls));
}

void
ph_http_set_tls (PhHttp *self, PhTls *tls)
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
ph_http_set_sockets (PhHttp *self, GPtrArray *sockets, GPtrArray *tls_sockets)
{
  ph_http_server_set_sockets (self->server, sockets, tls_sockets);
}

void
ph_http_end_camera (PhHttp *self, PhCamera *camera)
{
  guint longest = 0;

  for (guint i = 0; i < ph_camera_get_n_feeds (camera); i++) {
    guint seconds = ph_hls_end_feed (self->hls, ph_camera_get_feed (camera, i));

    longest = MAX (longest, seconds);
  }
  if (longest > 0)
    ph_ended_add (self->ended, camera, longest);
}

void
ph_http_drop_feed (PhHttp *self, PhFeed *feed)
{
  if (ph_ended_has_feed (self->ended, feed))
    ph_mp4_drop_feed (self->mp4, feed);
  else
    drop_fragments (self, feed);
  ph_snapshot_drop_feed (self->snapshot, feed);
  ph_mjpeg_drop_feed (self->mjpeg, feed);
}

guint
ph_http_get_tls_port (PhHttp *self)
{
  return ph_http_server_get_tls_port (self->server);
}

guint
ph_http_get_port (PhHttp *self)
{
  return ph_http_server_get_port (self->server);
}

void
ph_http_set_guard (PhHttp *self, const PhHttpGuard *guard)
{
  ph_http_server_set_guard (self->server, guard);
}

void
ph_http_set_access (PhHttp *self, PhGate *gate, const PhAccessConfig *config)
{
  PhHttpGuard guard;

  if (self->access != NULL) {
    ph_access_guard_set_config (self->access, config);
    ph_http_server_note_change (self->server);
    return;
  }
  self->access = ph_access_guard_new (gate, self->links, config);
  guard = ph_access_guard_get (self->access);
  ph_login_set_access (self->login, self->access);
  ph_link_api_set_access (self->link_api, self->access, self->links);
  ph_reach_set_access (self->reach, self->access);
  ph_http_set_guard (self, &guard);
  ph_http_server_set_gate (self->server, gate);
}

const PhRoute *
ph_http_get_routes (guint *n_routes)
{
  *n_routes = G_N_ELEMENTS (routes);
  return routes;
}

PhApi *
ph_http_get_api (PhHttp *self)
{
  return self->api;
}

PhReach *
ph_http_get_reach (PhHttp *self)
{
  return self->reach;
}

PhDoctorApi *
ph_http_get_doctor_api (PhHttp *self)
{
  return self->doctor_api;
}
