/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/app.h"

#include "main/event-sources.h"
#include "main/reload.h"
#include "main/rooms.h"
#include "web-resources.h"

/* How often whoever listens is reminded of a certificate that ends soon. */
#define CERTIFICATE_SECONDS (24 * 3600)

struct _PhApp {
  PhRooms *rooms;
  PhReload *reload; /* NULL until everything runs */
  guint certificate_timer;
  PhService *service; /* nullable */
};

static void
on_reload_started (gpointer owner)
{
  PhApp *self = owner;

  if (self->service != NULL)
    ph_service_say_reloading (self->service);
}

static void
on_reload_finished (GPtrArray *problems, const PhChanges *changes, gpointer owner)
{
  PhApp *self = owner;

  ph_event_sources_tell_reload (ph_http_get_events (self->rooms->http), problems, changes);
  if (self->service != NULL)
    ph_service_say_ready (self->service);
}

static const PhConfig *
get_settings (gpointer owner)
{
  return ((PhApp *)owner)->rooms->config;
}

static void
reload (PhSettingsDone done, gpointer user_data, gpointer owner)
{
  ph_reload_request (((PhApp *)owner)->reload, done, user_data);
}

static gboolean
on_certificate_timer (gpointer user_data)
{
  PhApp *self = user_data;

  ph_event_sources_tell_certificate (ph_http_get_events (self->rooms->http), self->rooms->tls);
  return G_SOURCE_CONTINUE;
}

PhApp *
ph_app_new (PhConfig *config, PhUsers *users, const char *file, GPtrArray *seen, GError **error)
{
  g_autoptr (PhApp) self = g_new0 (PhApp, 1);
  PhReloadOwner owner = { on_reload_started, on_reload_finished, self };

  web_register_resource ();
  self->rooms = ph_rooms_new (config, users);
  if (!ph_rooms_apply (self->rooms, config, users, NULL, error))
    return NULL;
  on_certificate_timer (self);
  self->certificate_timer = g_timeout_add_seconds (CERTIFICATE_SECONDS, on_certificate_timer, self);
  self->reload = ph_reload_new (self->rooms, file, seen, &owner);
  ph_http_set_settings (self->rooms->http, &(PhSettingsOwner){ get_settings, reload, self });
  return g_steal_pointer (&self);
}

void
ph_app_set_service (PhApp *self, PhService *service)
{
  self->service = service;
}

void
ph_app_reload (PhApp *self)
{
  ph_reload_request (self->reload, NULL, NULL);
}

static void
log_certificate (PhApp *self)
{
  g_message ("or https://127.0.0.1:%u/", ph_http_get_tls_port (self->rooms->http));
  if (ph_tls_is_self_signed (self->rooms->tls))
    g_message ("browsers warn of Porthole's own certificate; its SHA-256 fingerprint is %s",
        ph_tls_get_fingerprint (self->rooms->tls));
}

void
ph_app_log_urls (PhApp *self)
{
  g_message ("open http://127.0.0.1:%u/ in a browser", ph_http_get_port (self->rooms->http));
  if (self->rooms->tls != NULL)
    log_certificate (self);
  for (guint i = 0; i < self->rooms->config->cameras->len; i++) {
    const PhCameraConfig *camera = g_ptr_array_index (self->rooms->config->cameras, i);

    g_message ("open rtsp://127.0.0.1:%u/%s in VLC or an NVR",
        ph_rtsp_server_get_port (self->rooms->rtsp), camera->name);
    if (self->rooms->tls != NULL)
      g_message ("or rtsps://127.0.0.1:%u/%s", ph_rtsp_server_get_tls_port (self->rooms->rtsp),
          camera->name);
  }
}

gboolean
ph_app_is_alive (PhApp *self, double limit_s)
{
  for (guint i = 0; i < self->rooms->cameras->len; i++) {
    PhCamera *camera = g_ptr_array_index (self->rooms->cameras, i);

    if (ph_camera_get_waiting_time (camera) > limit_s) {
      g_warning ("%s: its driver has not answered for %.0f seconds, and may never do",
          ph_camera_get_config (camera)->name, ph_camera_get_waiting_time (camera));
      return FALSE;
    }
  }
  return TRUE;
}

void
ph_app_free (PhApp *self)
{
  g_clear_handle_id (&self->certificate_timer, g_source_remove);
  g_clear_pointer (&self->reload, ph_reload_free);
  ph_rooms_free (self->rooms);
  g_free (self);
}
