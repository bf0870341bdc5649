/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/app.h"

#include "access/certificate.h"
#include "access/gate.h"
#include "base/state.h"
#include "camera/camera.h"
#include "http/http.h"
#include "rtsp/server.h"
#include "web-resources.h"

struct _PhApp {
  PhConfig *config;
  PhGate *gate;
  PhTls *tls; /* nullable: nobody logs in */
  GPtrArray *cameras; /* element-type PhCamera */
  PhRtspServer *rtsp;
  PhHttp *http;
};

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

/* Only those who log in have anything to hide. */
static gboolean
maybe_open_tls (PhApp *self, GError **error)
{
  if (self->config->access->users->len == 0)
    return TRUE;
  self->tls = open_tls (self->config, error);
  return self->tls != NULL;
}

static gboolean
listen_http (PhApp *self, GError **error)
{
  PhListenScope scope = ph_config_get_listen_scope (self->config);

  return ph_http_listen (self->http, scope, error) &&
         (self->tls == NULL || ph_http_listen_tls (self->http, self->tls, scope, error));
}

PhApp *
ph_app_new (PhConfig *config, PhUsers *users, GError **error)
{
  g_autoptr (PhApp) self = g_new0 (PhApp, 1);

  web_register_resource ();
  self->config = ph_config_ref (config);
  self->gate = ph_gate_new (users, config->access->failures, config->access->ban, NULL);
  self->cameras = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < config->cameras->len; i++)
    g_ptr_array_add (self->cameras, ph_camera_new (g_ptr_array_index (config->cameras, i)));
  if (!maybe_open_tls (self, error))
    return NULL;
  self->rtsp = ph_rtsp_server_new (config->rtsp, ph_config_get_listen_scope (config), self->cameras,
      self->gate, self->tls, error);
  if (self->rtsp == NULL)
    return NULL;
  self->http = ph_http_new (config->http, self->cameras, ph_rtsp_server_get_port (self->rtsp));
  ph_http_set_access (self->http, self->gate, config->access);
  if (!listen_http (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
log_certificate (PhApp *self)
{
  g_message ("or https://127.0.0.1:%u/", ph_http_get_tls_port (self->http));
  if (ph_tls_is_self_signed (self->tls))
    g_message ("browsers warn of Porthole's own certificate; its SHA-256 fingerprint is %s",
        ph_tls_get_fingerprint (self->tls));
}

void
ph_app_log_urls (PhApp *self)
{
  g_message ("open http://127.0.0.1:%u/ in a browser", ph_http_get_port (self->http));
  if (self->tls != NULL)
    log_certificate (self);
  for (guint i = 0; i < self->config->cameras->len; i++) {
    const PhCameraConfig *camera = g_ptr_array_index (self->config->cameras, i);

    g_message ("open rtsp://127.0.0.1:%u/%s in VLC or an NVR", ph_rtsp_server_get_port (self->rtsp),
        camera->name);
    if (self->tls != NULL)
      g_message (
          "or rtsps://127.0.0.1:%u/%s", ph_rtsp_server_get_tls_port (self->rtsp), camera->name);
  }
}

gboolean
ph_app_is_alive (PhApp *self, double limit_s)
{
  for (guint i = 0; i < self->cameras->len; i++) {
    PhCamera *camera = g_ptr_array_index (self->cameras, i);

    if (ph_camera_get_opening_time (camera) > limit_s) {
      g_warning ("%s: opening it has taken %.0f seconds and may never end",
          ph_camera_get_config (camera)->name, ph_camera_get_opening_time (camera));
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
is_planning (PhApp *self)
{
  for (guint i = 0; i < self->cameras->len; i++)
    if (ph_camera_is_planning (g_ptr_array_index (self->cameras, i)))
      return TRUE;
  return FALSE;
}

void
ph_app_free (PhApp *self)
{
  g_clear_pointer (&self->http, ph_http_free);
  g_clear_pointer (&self->rtsp, ph_rtsp_server_free);
  for (guint i = 0; i < self->cameras->len; i++)
    ph_camera_stop (g_ptr_array_index (self->cameras, i));
  while (is_planning (self))
    g_main_context_iteration (NULL, TRUE);
  g_ptr_array_unref (self->cameras);
  g_clear_object (&self->tls);
  ph_gate_free (self->gate);
  ph_config_unref (self->config);
  g_free (self);
}
