/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

/* Until accepting is tried again after it failed. */
#define ACCEPT_AGAIN_MS 500
/* What the kernel may hold unsent for a viewer, in bytes: on a thin line it is part of the age of
 * what is seen, half a second of 300 kbit/s. */
#define MAX_UNSENT 16384
/* What it may hold unread: gst-rtsp-server reads a request to its end before it does anything else
 * for anybody, so one who sends without end must run dry now and then. */
#define MAX_UNREAD 8192

struct _PhRtspListener {
  GMainContext *context;
  PhRtspListenerFunc take;
  gpointer user_data;
  int has_new_sockets; /* atomic boolean */

  /* any thread, under lock */
  struct {
    GMutex lock;
    GTlsCertificate *certificate; /* nullable */
    GPtrArray *sockets, *tls_sockets; /* element-type GSocket: to listen on; nullable */
  } shared;

  /* rtsp thread */
  struct {
    GPtrArray *sockets, *tls_sockets; /* element-type GSocket; nullable */
    GPtrArray *sources; /* element-type GSource, each with its socket */
    GSource *accept_again; /* NULL but while listening is paused */
  } rtsp;
};

/* ---- accepting ------------------------------------------------------------------------------ */

static void listen_to_all_on_rtsp (PhRtspListener *self);

static gboolean
on_accept_again_on_rtsp (gpointer user_data)
{
  PhRtspListener *self = user_data;

  g_clear_pointer (&self->rtsp.accept_again, g_source_unref);
  listen_to_all_on_rtsp (self);
  return G_SOURCE_REMOVE;
}

/* No descriptor is left, most likely. Whoever waits makes the sockets ready all the time: without a
 * pause nothing else would be done for those who are here. */
static void
pause_on_rtsp (PhRtspListener *self)
{
  g_ptr_array_set_size (self->rtsp.sources, 0);
  if (self->rtsp.accept_again != NULL)
    return;
  self->rtsp.accept_again = g_timeout_source_new (ACCEPT_AGAIN_MS);
  g_source_set_callback (self->rtsp.accept_again, on_accept_again_on_rtsp, self, NULL);
  g_source_attach (self->rtsp.accept_again, self->context);
}

/* NULL: not now. */
static GstRTSPConnection *
try_accept_on_rtsp (PhRtspListener *self, GSocket *listening)
{
  GstRTSPConnection *connection = NULL;
  GSocket *socket;

  if (gst_rtsp_connection_accept (listening, &connection, NULL) != GST_RTSP_OK) {
    pause_on_rtsp (self);
    return NULL;
  }
  socket = gst_rtsp_connection_get_read_socket (connection);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, MAX_UNSENT, NULL);
  g_socket_set_keepalive (socket, TRUE);
  return connection;
}

static gboolean
on_connection_on_rtsp (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  PhRtspListener *self = user_data;
  GstRTSPConnection *connection = try_accept_on_rtsp (self, socket);

  if (connection != NULL)
    self->take (connection, PH_RTSP_WIRE_PLAIN, self->user_data);
  return G_SOURCE_CONTINUE;
}

static GTlsCertificate *
ref_certificate_any (PhRtspListener *self)
{
  GTlsCertificate *certificate;

  g_mutex_lock (&self->shared.lock);
  certificate = g_object_ref (self->shared.certificate);
  g_mutex_unlock (&self->shared.lock);
  return certificate;
}

/* The handshake itself comes with the first bytes that are read, and blocks nobody. Nobody is asked
 * for a certificate, so none needs all the authorities of the system in its memory: megabytes. */
static gboolean
start_tls_on_rtsp (PhRtspListener *self, GstRTSPConnection *connection)
{
  g_autoptr (GTlsCertificate) certificate = ref_certificate_any (self);
  GTlsConnection *tls = gst_rtsp_connection_get_tls (connection, NULL);

  if (tls == NULL)
    return FALSE;
  g_tls_connection_set_database (tls, NULL);
  g_tls_connection_set_certificate (tls, certificate);
  return TRUE;
}

static gboolean
on_tls_connection_on_rtsp (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  PhRtspListener *self = user_data;
  GstRTSPConnection *connection = try_accept_on_rtsp (self, socket);

  if (connection == NULL)
    return G_SOURCE_CONTINUE;
  if (start_tls_on_rtsp (self, connection))
    self->take (connection, PH_RTSP_WIRE_TLS, self->user_data);
  else
    gst_rtsp_connection_free (connection);
  return G_SOURCE_CONTINUE;
}

/* ---- listening ------------------------------------------------------------------------------ */

static void
free_source (gpointer data)
{
  g_source_destroy (data);
  g_source_unref (data);
}

static void
listen_on_rtsp (PhRtspListener *self, GPtrArray *sockets, GSocketSourceFunc func)
{
  for (guint i = 0; sockets != NULL && i < sockets->len; i++) {
    GSocket *socket = g_ptr_array_index (sockets, i);
    GSource *source = g_socket_create_source (socket, G_IO_IN, NULL);

    /* Those of connections are made with it. */
    g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, MAX_UNREAD, NULL);
    g_source_set_callback (source, G_SOURCE_FUNC (func), self, NULL);
    g_source_attach (source, self->context);
    g_ptr_array_add (self->rtsp.sources, source);
  }
}

static void
listen_to_all_on_rtsp (PhRtspListener *self)
{
  g_ptr_array_set_size (self->rtsp.sources, 0);
  listen_on_rtsp (self, self->rtsp.sockets, on_connection_on_rtsp);
  listen_on_rtsp (self, self->rtsp.tls_sockets, on_tls_connection_on_rtsp);
}

/* A socket is closed with its last reference, which is that of its source or of the array here. */
void
ph_rtsp_listener_follow_on_rtsp (PhRtspListener *self)
{
  if (!g_atomic_int_compare_and_exchange (&self->has_new_sockets, TRUE, FALSE))
    return;
  ph_rtsp_listener_close_on_rtsp (self);
  g_mutex_lock (&self->shared.lock);
  self->rtsp.sockets = g_steal_pointer (&self->shared.sockets);
  self->rtsp.tls_sockets = g_steal_pointer (&self->shared.tls_sockets);
  g_mutex_unlock (&self->shared.lock);
  listen_to_all_on_rtsp (self);
}

void
ph_rtsp_listener_close_on_rtsp (PhRtspListener *self)
{
  if (self->rtsp.accept_again != NULL)
    g_source_destroy (self->rtsp.accept_again);
  g_clear_pointer (&self->rtsp.accept_again, g_source_unref);
  g_ptr_array_set_size (self->rtsp.sources, 0);
  g_clear_pointer (&self->rtsp.sockets, g_ptr_array_unref);
  g_clear_pointer (&self->rtsp.tls_sockets, g_ptr_array_unref);
}

/* ---- the object ----------------------------------------------------------------------------- */

static void
replace_sockets (GPtrArray **place, GPtrArray *sockets)
{
  g_clear_pointer (place, g_ptr_array_unref);
  *place = sockets != NULL ? g_ptr_array_ref (sockets) : NULL;
}

void
ph_rtsp_listener_set_sockets_any (PhRtspListener *self, GPtrArray *sockets, GPtrArray *tls_sockets)
{
  g_mutex_lock (&self->shared.lock);
  replace_sockets (&self->shared.sockets, sockets);
  replace_sockets (&self->shared.tls_sockets, tls_sockets);
  g_mutex_unlock (&self->shared.lock);
  g_atomic_int_set (&self->has_new_sockets, TRUE);
  g_main_context_wakeup (self->context);
}

void
ph_rtsp_listener_set_certificate_any (PhRtspListener *self, GTlsCertificate *certificate)
{
  g_mutex_lock (&self->shared.lock);
  g_set_object (&self->shared.certificate, certificate);
  g_mutex_unlock (&self->shared.lock);
}

PhRtspListener *
ph_rtsp_listener_new (GMainContext *context, PhRtspListenerFunc take, gpointer user_data)
{
  PhRtspListener *self = g_new0 (PhRtspListener, 1);

  g_mutex_init (&self->shared.lock);
  self->context = g_main_context_ref (context);
  self->take = take;
  self->user_data = user_data;
  self->rtsp.sources = g_ptr_array_new_with_free_func (free_source);
  return self;
}

void
ph_rtsp_listener_free (PhRtspListener *self)
{
  g_ptr_array_unref (self->rtsp.sources);
  replace_sockets (&self->shared.sockets, NULL);
  replace_sockets (&self->shared.tls_sockets, NULL);
  g_clear_object (&self->shared.certificate);
  g_mutex_clear (&self->shared.lock);
  g_main_context_unref (self->context);
  g_free (self);
}
