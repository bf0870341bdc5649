/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/server.h"

#include "base/socket.h"
#include "http/acme.h"
#include "http/connection.h"
#include "http/cors.h"
#include "http/link-path.h"
#include "http/listener.h"
#include "http/own-host.h"
#include "http/reach.h"
#include "http/size.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LONGEST_TARGET 2048 /* bytes of path and query */

struct _PhHttpServer {
  PhHttpServed served; /* nullable */
  gpointer served_data;
  SoupServer *soup;
  const PhRoute *routes;
  guint n_routes;
  gpointer owners;
  GPtrArray *cameras; /* element-type PhCamera */
  PhEnded *ended; /* nullable; unowned */
  const PhHttpConfig *config;
  GPtrArray *sockets; /* element-type GSocket; nullable */
  GPtrArray *tls_sockets; /* the same */
  GHashTable *listeners; /* GSocket to PhListener, which holds a reference on it */
  GTlsCertificate *certificate; /* nullable */
  int quiet_end; /* of listen_quietly() */
  PhViewers *viewers; /* nullable */
  PhHttpGuard guard;
  gboolean has_guard;
  PhGate *gate; /* nullable */
  guint n_changes; /* of what requests are judged by */
  guint port;
  guint tls_port;
};

/* Other pages may not frame ours, nor guess at content types, nor learn our paths. A page with
 * scripts brings its own policy (http/page.c). Browsers play what is opened by itself (live.mp4) in
 * a page of their own, under its policy. */
static void
set_common_headers (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_message_headers_replace (headers, "Server", "Porthole");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace (headers, "X-Frame-Options", "SAMEORIGIN");
  soup_message_headers_replace (headers, "Referrer-Policy", "no-referrer");
  soup_message_headers_replace (headers, "Content-Security-Policy",
      "default-src 'none'; media-src 'self'; frame-ancestors 'self'");
}

static void
close_or_keep (SoupServerMessage *message)
{
  if (!ph_http_connection_may_be_kept (message))
    soup_message_headers_replace (
        soup_server_message_get_response_headers (message), "Connection", "close");
}

static void
on_request_headers (SoupServerMessage *message, gpointer user_data)
{
  close_or_keep (message);
}

static void
on_request_started (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  set_common_headers (message);
  ph_http_connection_begin (message);
  g_signal_connect (message, "got-headers", G_CALLBACK (on_request_headers), NULL);
  ph_http_size_watch (message);
}

/* What lets one look stays out of the log. */
static void
on_request_finished (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  GUri *uri = soup_server_message_get_uri (message);
  const char *asked = uri != NULL ? g_uri_get_path (uri) : NULL;
  g_autofree char *path = ph_link_path_redact_any (asked);
  gboolean is_proof = asked != NULL && g_str_has_prefix (asked, PH_REACH_PREFIX);

  g_debug ("%s %s: %u", soup_server_message_get_method (message),
      is_proof ? PH_REACH_PREFIX "…" : path, soup_server_message_get_status (message));
}

static gboolean
check_target (PhHttpServer *self, SoupServerMessage *message, const char *path)
{
  const char *const *names = (const char *const *)self->config->hostnames;
  GUri *uri = soup_server_message_get_uri (message);
  const char *query = g_uri_get_query (uri);
  gsize length = strlen (g_uri_get_path (uri)) + (query != NULL ? strlen (query) : 0);

  if (length > LONGEST_TARGET) {
    ph_request_reply_format (message, SOUP_STATUS_REQUEST_URI_TOO_LONG,
        "The address is longer than %d bytes", LONGEST_TARGET);
    return FALSE;
  }
  if (!ph_acme_is_challenge_any (path) && !ph_own_host_is (g_uri_get_host (uri), names)) {
    ph_request_reply_text (message, SOUP_STATUS_MISDIRECTED_REQUEST,
        "This server does not go by that name; use its address, localhost, this machine's name or "
        "one of http.hostnames");
    return FALSE;
  }
  return TRUE;
}

static PhCamera *
find_camera (PhHttpServer *self, const char *name)
{
  for (guint i = 0; i < self->cameras->len; i++) {
    PhCamera *camera = g_ptr_array_index (self->cameras, i);

    if (g_str_equal (ph_camera_get_config (camera)->name, name))
      return camera;
  }
  return NULL;
}

/* Relative, so that it holds below any path a proxy puts in front. */
static void
redirect_to_slash (SoupServerMessage *message, const char *name)
{
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));
  g_autofree char *location = g_strconcat (name, "/", query != NULL ? "?" : NULL, query, NULL);

  soup_server_message_set_status (message, SOUP_STATUS_PERMANENT_REDIRECT, NULL);
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Location", location);
}

/* A proxy that ended TLS says so; to send its client on would go round in circles. */
static gboolean
must_go_to_tls (PhHttpServer *self, SoupServerMessage *message, const char *path)
{
  const char *forwarded = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "X-Forwarded-Proto");
  const char *method = soup_server_message_get_method (message);
  GSocketAddress *remote = soup_server_message_get_remote_address (message);

  return self->config->redirect && self->tls_port != 0 && forwarded == NULL &&
         !ph_acme_is_challenge_any (path) &&
         (method == SOUP_METHOD_GET || method == SOUP_METHOD_HEAD) &&
         g_str_equal (g_uri_get_scheme (soup_server_message_get_uri (message)), "http") &&
         G_IS_INET_SOCKET_ADDRESS (remote) &&
         !g_inet_address_get_is_loopback (
             g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
}

static void
redirect_to_tls (PhHttpServer *self, SoupServerMessage *message)
{
  GUri *uri = soup_server_message_get_uri (message);
  g_autofree char *location = g_uri_join (SOUP_HTTP_URI_FLAGS, "https", NULL, g_uri_get_host (uri),
      self->tls_port, g_uri_get_path (uri), g_uri_get_query (uri), NULL);

  ph_request_reply_text (message, SOUP_STATUS_TEMPORARY_REDIRECT, "Go on by HTTPS");
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Location", location);
}

static void
reply_allow (SoupServerMessage *message, const char *allow)
{
  if (soup_server_message_get_method (message) == SOUP_METHOD_OPTIONS)
    soup_server_message_set_status (message, SOUP_STATUS_NO_CONTENT, NULL);
  else
    ph_request_reply_format (
        message, SOUP_STATUS_METHOD_NOT_ALLOWED, "Only these methods work here: %s", allow);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Allow", allow);
}

static void
run_handler (
    PhHttpServer *self, PhRequest *request, const PhRoute *route, const PhRouteMatch *match)
{
  if (self->served != NULL)
    self->served (request->message, self->served_data);
  if (route->is_endless && !ph_http_guard_has_room (request->guard, request->message))
    return;
  if (self->has_guard && self->guard.admitted != NULL)
    self->guard.admitted (request->message, route->permission, match->name, self->guard.user_data);
  route->handler (request, G_STRUCT_MEMBER (gpointer, self->owners, route->owner));
}

static void
serve_match (PhHttpServer *self, PhRequest *request, PhRouteResult result, PhRouteMatch *match)
{
  const PhRoute *route = &self->routes[match->index];
  SoupServerMessage *message = request->message;

  /* The guard first: its answer must not tell whether there is such a camera. */
  if (!ph_http_guard_allows (request->guard, message, route->permission, match->name))
    self->guard.refuse (message, route->permission, match->name, self->guard.user_data);
  else if (match->name != NULL && request->camera == NULL)
    ph_request_reply_text (message, SOUP_STATUS_NOT_FOUND, "There is no camera of this name");
  else if (result == PH_ROUTE_ADD_SLASH)
    redirect_to_slash (message, match->name);
  else if (result == PH_ROUTE_WRONG_METHOD)
    reply_allow (message, match->allow);
  else
    run_handler (self, request, route, match);
}

static void
find_route (PhHttpServer *self, PhRequest *request, const char *path, PhRouteMatch *match,
    PhRouteResult *result)
{
  const char *method = soup_server_message_get_method (request->message);

  *result = ph_route_find (self->routes, self->n_routes, method, path, match);
  request->rest = match->rest;
  if (match->name != NULL)
    request->camera = find_camera (self, match->name);
  if (match->name == NULL || request->camera != NULL || *result != PH_ROUTE_FOUND ||
      !self->routes[match->index].has_ended_cameras || self->ended == NULL)
    return;
  request->camera = ph_ended_find (self->ended, match->name);
  request->is_over = TRUE;
}

/* What a handler is asked for without a stream's name is that of the link. */
static GHashTable *
add_stream (GHashTable *query, const char *stream)
{
  GHashTable *with_stream = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer key, value;

  if (query != NULL) {
    g_hash_table_iter_init (&iter, query);
    while (g_hash_table_iter_next (&iter, &key, &value))
      g_hash_table_insert (with_stream, key, value);
  }
  g_hash_table_insert (with_stream, (gpointer) "stream", (gpointer)stream);
  return with_stream;
}

/* rest: "hls/STREAM/FILE". */
static gboolean
is_of_stream (const char *rest, const char *stream)
{
  const char *slash = strchr (rest, '/');
  gsize length = strlen (stream);

  return slash != NULL && strncmp (slash + 1, stream, length) == 0 && slash[1 + length] == '/';
}

static gboolean
keeps_to (PhRequest *request, PhRouteLink where, const char *stream)
{
  const char *asked =
      request->query != NULL ? g_hash_table_lookup (request->query, "stream") : NULL;

  if (where == PH_ROUTE_STREAM_IN_PATH)
    return is_of_stream (request->rest, stream);
  return asked == NULL || g_str_equal (asked, stream);
}

static void
serve_link (PhHttpServer *self, PhRequest *request, const char *token, const char *path)
{
  g_auto (PhRouteMatch) match = { 0 };
  const char *stream = NULL;
  g_autoptr (GHashTable) query = NULL;
  const PhRoute *route;
  PhRouteResult result;

  find_route (self, request, path, &match, &result);
  route = &self->routes[match.index];
  if (result != PH_ROUTE_FOUND || route->link == PH_ROUTE_NO_LINK || request->camera == NULL ||
      self->guard.shows_by_link == NULL ||
      !self->guard.shows_by_link (
          request->message, token, match.name, &stream, self->guard.user_data) ||
      (stream != NULL && !keeps_to (request, route->link, stream))) {
    ph_request_reply_text (request->message, SOUP_STATUS_NOT_FOUND,
        "This link shows nothing: it has ended, was revoked, or was never one");
    return;
  }
  if (stream != NULL && route->link == PH_ROUTE_STREAM_IN_QUERY)
    request->query = query = add_stream (request->query, stream);
  run_handler (self, request, route, &match);
}

static void
serve (PhHttpServer *self, PhRequest *request, const char *path)
{
  g_auto (PhRouteMatch) match = { 0 };
  PhRouteResult result;

  find_route (self, request, path, &match, &result);
  if (result == PH_ROUTE_NONE)
    ph_request_reply_text (
        request->message, SOUP_STATUS_NOT_FOUND, "There is nothing at this address");
  else
    serve_match (self, request, result, &match);
}

static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer data)
{
  PhHttpServer *self = data;
  const char *const *origins = (const char *const *)self->config->cors;
  g_autofree char *token = NULL;
  g_autofree char *plain_path = NULL;
  PhRequest request = { .message = message,
    .query = query,
    .guard = self->has_guard ? &self->guard : NULL,
    .viewers = self->viewers,
    .n_changes = &self->n_changes };

  set_common_headers (message);
  close_or_keep (message);
  ph_cors_allow (message, origins);
  /* Nothing here is served in ranges, and libsoup's own handling multiplies the body by as many as
   * are asked for. */
  soup_message_headers_remove (soup_server_message_get_request_headers (message), "Range");
  if (!check_target (self, message, path) || ph_cors_try_answer (message, origins))
    return;
  if (must_go_to_tls (self, message, path)) {
    redirect_to_tls (self, message);
    return;
  }

  if (ph_link_path_split_any (path, &token, &plain_path))
    serve_link (self, &request, token, plain_path);
  else
    serve (self, &request, path);
}

/* libsoup keeps connections only while it listens itself, so it does, to one nobody can reach. Real
 * ones are accepted here, where they can be counted and looked after (connection.h). */
static void
listen_quietly (PhHttpServer *self)
{
  int ends[2];
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  self->quiet_end = -1;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == -1)
    return;
  self->quiet_end = ends[1];
  socket = g_socket_new_from_fd (ends[0], &error);
  if (socket == NULL || !soup_server_listen_socket (self->soup, socket, 0, &error))
    g_warning ("connections cannot be kept: %s", error->message);
}

void
ph_http_server_set_ended (PhHttpServer *self, PhEnded *ended)
{
  self->ended = ended;
}

PhHttpServer *
ph_http_server_new (const PhRoute *routes, guint n_routes, gpointer owners, GPtrArray *cameras)
{
  PhHttpServer *self = g_new0 (PhHttpServer, 1);

  self->routes = routes;
  self->n_routes = n_routes;
  self->owners = owners;
  self->cameras = g_ptr_array_ref (cameras);
  self->soup = soup_server_new (NULL, NULL);
  self->listeners = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)ph_listener_free);
  listen_quietly (self);
  g_signal_connect (self->soup, "request-started", G_CALLBACK (on_request_started), self);
  g_signal_connect (self->soup, "request-finished", G_CALLBACK (on_request_finished), self);
  soup_server_add_handler (self->soup, NULL, on_request, self, NULL);
  return self;
}

void
ph_http_server_free (PhHttpServer *self)
{
  g_signal_handlers_disconnect_by_data (self->soup, self);
  soup_server_remove_handler (self->soup, NULL);
  g_hash_table_unref (self->listeners);
  soup_server_disconnect (self->soup);
  g_object_unref (self->soup);
  if (self->quiet_end != -1)
    close (self->quiet_end);
  g_clear_object (&self->certificate);
  g_clear_pointer (&self->sockets, g_ptr_array_unref);
  g_clear_pointer (&self->tls_sockets, g_ptr_array_unref);
  g_ptr_array_unref (self->cameras);
  g_free (self);
}

void
ph_http_server_set_viewers (PhHttpServer *self, PhViewers *viewers)
{
  self->viewers = viewers;
}

void
ph_http_server_set_guard (PhHttpServer *self, const PhHttpGuard *guard)
{
  self->guard = *guard;
  self->has_guard = TRUE;
  self->n_changes++;
}

void
ph_http_server_set_gate (PhHttpServer *self, PhGate *gate)
{
  self->gate = gate;
}

void
ph_http_server_set_config (PhHttpServer *self, const PhHttpConfig *config)
{
  self->config = config;
  self->n_changes++;
}

void
ph_http_server_note_change (PhHttpServer *self)
{
  self->n_changes++;
}

static gboolean
has_socket (GPtrArray *sockets, GSocket *socket)
{
  return sockets != NULL && g_ptr_array_find (sockets, socket, NULL);
}

static void
on_accepted (GSocket *socket, gpointer user_data)
{
  PhHttpServer *self = user_data;

  ph_http_connection_accept (socket, NULL, self->soup, self->gate);
}

static void
on_accepted_tls (GSocket *socket, gpointer user_data)
{
  PhHttpServer *self = user_data;

  if (self->certificate != NULL)
    ph_http_connection_accept (socket, self->certificate, self->soup, self->gate);
}

/* place: where the array is kept. */
static void
replace_sockets (PhHttpServer *self, GPtrArray **place, GPtrArray *sockets, PhListenerFunc accepted)
{
  g_autoptr (GPtrArray) before = g_steal_pointer (place);

  for (guint i = 0; before != NULL && i < before->len; i++)
    if (!has_socket (sockets, g_ptr_array_index (before, i)))
      g_hash_table_remove (self->listeners, g_ptr_array_index (before, i));
  for (guint i = 0; sockets != NULL && i < sockets->len; i++) {
    GSocket *socket = g_ptr_array_index (sockets, i);

    if (!has_socket (before, socket))
      g_hash_table_insert (self->listeners, socket, ph_listener_new (socket, accepted, self));
  }
  *place = sockets != NULL ? g_ptr_array_ref (sockets) : NULL;
}

void
ph_http_server_set_sockets (PhHttpServer *self, GPtrArray *sockets, GPtrArray *tls_sockets)
{
  replace_sockets (self, &self->sockets, sockets, on_accepted);
  replace_sockets (self, &self->tls_sockets, tls_sockets, on_accepted_tls);
  self->port = sockets != NULL ? ph_listen_get_port (sockets) : 0;
  self->tls_port = tls_sockets != NULL ? ph_listen_get_port (tls_sockets) : 0;
}

void
ph_http_server_set_certificate (PhHttpServer *self, GTlsCertificate *certificate)
{
  g_set_object (&self->certificate, certificate);
}

guint
ph_http_server_get_tls_port (PhHttpServer *self)
{
  return self->tls_port;
}

guint
ph_http_server_get_port (PhHttpServer *self)
{
  return self->port;
}

void
ph_http_server_set_served (PhHttpServer *self, PhHttpServed served, gpointer user_data)
{
  self->served = served;
  self->served_data = user_data;
}
