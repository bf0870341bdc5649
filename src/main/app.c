/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/app.h"

#include "access/gate.h"
#include "camera/camera.h"
#include "http/http.h"
#include "rtsp/server.h"
#include "web-resources.h"

struct _PhApp {
  PhConfig *config;
  PhGate *gate;
  GPtrArray *cameras; /* element-type PhCamera */
  PhRtspServer *rtsp;
  PhHttp *http;
};

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
  /* RTSP asks nobody who he is, so it is for this machine alone. */
  self->rtsp = ph_rtsp_server_new (config->rtsp, PH_LISTEN_LOOPBACK, self->cameras, error);
  if (self->rtsp == NULL)
    return NULL;
  self->http = ph_http_new (config->http, self->cameras, ph_rtsp_server_get_port (self->rtsp));
  ph_http_set_access (self->http, self->gate, config->access);
  if (!ph_http_listen (self->http, ph_config_get_listen_scope (config), error))
    return NULL;
  return g_steal_pointer (&self);
}

void
ph_app_log_urls (PhApp *self)
{
  g_message ("open http://127.0.0.1:%u/ in a browser", ph_http_get_port (self->http));
  for (guint i = 0; i < self->config->cameras->len; i++) {
    const PhCameraConfig *camera = g_ptr_array_index (self->config->cameras, i);

    g_message ("open rtsp://127.0.0.1:%u/%s in VLC or an NVR", ph_rtsp_server_get_port (self->rtsp),
        camera->name);
  }
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
  ph_gate_free (self->gate);
  ph_config_unref (self->config);
  g_free (self);
}
