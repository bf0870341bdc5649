/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/app.h"

#include "camera/camera.h"
#include "http/http.h"
#include "web-resources.h"

struct _PhApp {
  PhConfig *config;
  GPtrArray *cameras; /* element-type PhCamera */
  PhHttp *http;
};

PhApp *
ph_app_new (PhConfig *config, GError **error)
{
  g_autoptr (PhApp) self = g_new0 (PhApp, 1);

  web_register_resource ();
  self->config = ph_config_ref (config);
  self->cameras = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < config->cameras->len; i++)
    g_ptr_array_add (self->cameras, ph_camera_new (g_ptr_array_index (config->cameras, i)));
  self->http = ph_http_new (config->http, self->cameras, config->rtsp->port);
  if (!ph_http_listen (self->http, ph_config_get_listen_scope (config), error))
    return NULL;
  return g_steal_pointer (&self);
}

void
ph_app_log_urls (PhApp *self)
{
  g_message ("open http://127.0.0.1:%u/ in a browser", ph_http_get_port (self->http));
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
  for (guint i = 0; i < self->cameras->len; i++)
    ph_camera_stop (g_ptr_array_index (self->cameras, i));
  while (is_planning (self))
    g_main_context_iteration (NULL, TRUE);
  g_ptr_array_unref (self->cameras);
  ph_config_unref (self->config);
  g_free (self);
}
