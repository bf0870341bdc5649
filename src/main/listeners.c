/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/listeners.h"

typedef struct {
  const char *section, *key;
  const char *listen;
  guint port;
  PhListenScope scope;
  gboolean is_wanted;
} Place;

/* Only those who log in have anything to hide. */
static Place
find_place (const PhConfig *config, PhListener listener)
{
  gboolean is_http = listener == PH_LISTENER_HTTP || listener == PH_LISTENER_HTTPS;
  gboolean is_tls = listener == PH_LISTENER_HTTPS || listener == PH_LISTENER_RTSPS;
  guint port = is_http ? config->http->port : config->rtsp->port;
  guint tls_port = is_http ? config->http->tls_port : config->rtsp->tls_port;

  return (Place){
    .section = is_http ? "http" : "rtsp",
    .key = is_tls ? "tls_port" : "port",
    .listen = is_http ? config->http->listen : config->rtsp->listen,
    .port = is_tls ? tls_port : port,
    .scope = ph_config_get_listen_scope (config),
    .is_wanted = !is_tls || config->access->users->len > 0,
  };
}

static gboolean
is_same (const Place *a, const Place *b)
{
  return g_str_equal (a->listen, b->listen) && a->port == b->port && a->scope == b->scope;
}

static GPtrArray *
list_all (const PhListeners *self)
{
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; i < PH_N_LISTENERS; i++)
    for (guint j = 0; self->sockets[i] != NULL && j < self->sockets[i]->len; j++)
      g_ptr_array_add (all, g_ptr_array_index (self->sockets[i], j));
  return all;
}

gboolean
ph_listeners_open (PhListeners *self, const PhConfig *config, const PhListeners *before,
    const PhConfig *before_config, GError **error)
{
  g_autoptr (GPtrArray) own = list_all (before);
  g_auto (PhListeners) opened = { 0 };

  for (guint i = 0; i < PH_N_LISTENERS; i++) {
    Place place = find_place (config, i);
    Place old = find_place (before_config != NULL ? before_config : config, i);

    if (!place.is_wanted)
      continue;
    if (before->sockets[i] != NULL && is_same (&place, &old))
      opened.sockets[i] = g_ptr_array_ref (before->sockets[i]);
    else
      opened.sockets[i] = ph_listen_open_beside (
          own, place.section, place.key, place.listen, place.port, place.scope, error);
    if (opened.sockets[i] == NULL)
      return FALSE;
  }
  *self = opened;
  opened = (PhListeners){ 0 };
  return TRUE;
}

void
ph_listeners_clear (PhListeners *self)
{
  for (guint i = 0; i < PH_N_LISTENERS; i++)
    g_clear_pointer (&self->sockets[i], g_ptr_array_unref);
}
