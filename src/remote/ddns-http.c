/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-http.h"

#include "base/error.h"
#include "base/safe-url.h"
#include "base/secret-file.h"
#include "build-config.h"

#include <libsoup/soup.h>
#include <string.h>

/* No-IP: "Company Program/OS-Version contact" */
#define USER_AGENT "Porthole Porthole/Linux-" PH_VERSION
#define MAX_REDIRECTIONS 3

struct _PhDdnsHttp {
  SoupSession *sessions[3]; /* any family, IPv4, IPv6 */
};

typedef struct {
  PhDdnsHttp *http;
  PhDdnsRequest *request;
  SoupMessage *message;
  GCancellable *outer; /* nullable */
  gulong on_outer;
  GCancellable *own;
  guint deadline;
  gboolean is_late;
  guint n_redirections;
  char *body; /* PH_DDNS_HTTP_MAX_BYTES and a NUL */
  PhDdnsDone done;
  gpointer user_data;
} Call;

static void start (Call *call);

void
ph_ddns_request_free (PhDdnsRequest *self)
{
  g_free (self->method);
  ph_secret_free (self->url);
  ph_secret_free (self->body);
  g_free (self->content_type);
  ph_secret_free (self->authorization);
  g_free (self);
}

/* As curl reads them. Not GLib's own resolver: what that asks of a desktop can end a program where
 * there is none. */
static GProxyResolver *
make_proxy_resolver (void)
{
  const char *lower = g_getenv ("https_proxy"), *upper = g_getenv ("HTTPS_PROXY");
  const char *proxy = lower != NULL ? lower : upper;
  const char *no_proxy = g_getenv ("no_proxy");
  g_auto (GStrv) direct = g_strsplit_set (no_proxy != NULL ? no_proxy : "", ", ", -1);
  GProxyResolver *resolver = g_simple_proxy_resolver_new (NULL, direct);

  if (proxy != NULL && *proxy != '\0')
    g_simple_proxy_resolver_set_uri_proxy (G_SIMPLE_PROXY_RESOLVER (resolver), "https", proxy);
  return resolver;
}

/* Bound to the family's any-address, a session speaks that family only. */
static SoupSession *
make_session (const char *local, GTlsDatabase *authorities, const char *contact)
{
  g_autofree char *agent =
      g_strconcat (USER_AGENT, " ", contact != NULL ? contact : PH_CONTACT, NULL);
  g_autoptr (GSocketAddress) address =
      local != NULL ? g_inet_socket_address_new_from_string (local, 0) : NULL;
  g_autoptr (GProxyResolver) resolver = make_proxy_resolver ();
  SoupSession *session = soup_session_new_with_options ("proxy-resolver", resolver, "local-address",
      address, "user-agent", agent, "timeout", PH_DDNS_HTTP_TIMEOUT, NULL);

  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  if (authorities != NULL)
    soup_session_set_tls_database (session, authorities);
  return session;
}

static gboolean
open_authorities (const char *file, GTlsDatabase **authorities, GError **error)
{
  g_autoptr (GError) cause = NULL;

  *authorities = file != NULL ? g_tls_file_database_new (file, &cause) : NULL;
  if (cause == NULL)
    return TRUE;
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "remote.ca_file: %s cannot be used: %s", file,
      cause->message);
  return FALSE;
}

PhDdnsHttp *
ph_ddns_http_new (const char *ca_file, const char *contact, GError **error)
{
  const char *const locals[] = { NULL, "0.0.0.0", "::" };
  g_autoptr (GTlsDatabase) authorities = NULL;
  PhDdnsHttp *self;

  if (!open_authorities (ca_file, &authorities, error))
    return NULL;
  self = g_new0 (PhDdnsHttp, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (locals); i++)
    self->sessions[i] = make_session (locals[i], authorities, contact);
  return self;
}

void
ph_ddns_http_free (PhDdnsHttp *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->sessions); i++) {
    soup_session_abort (self->sessions[i]);
    g_object_unref (self->sessions[i]);
  }
  g_free (self);
}

static void
free_call (Call *call)
{
  if (call->on_outer != 0)
    g_cancellable_disconnect (call->outer, call->on_outer);
  g_clear_handle_id (&call->deadline, g_source_remove);
  g_clear_object (&call->outer);
  g_object_unref (call->own);
  g_clear_object (&call->message);
  ph_ddns_request_free (call->request);
  g_free (call->body);
  g_free (call);
}

static void
finish (Call *call, const PhDdnsReply *reply)
{
  if (call->outer == NULL || !g_cancellable_is_cancelled (call->outer))
    call->done (reply, call->user_data);
  free_call (call);
}

static void
fail (Call *call, const GError *error)
{
  PhDdnsReply reply = { .body = "", .retry_after = -1 };

  reply.failure = call->is_late ? "it took too long" : error->message;
  finish (call, &reply);
}

static gint64
read_retry_after (SoupMessage *message)
{
  const char *text =
      soup_message_headers_get_one (soup_message_get_response_headers (message), "Retry-After");
  guint64 seconds = 0;
  g_autoptr (GDateTime) date = NULL;

  if (text == NULL)
    return -1;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT32, &seconds, NULL))
    return (gint64)seconds;
  date = soup_date_time_new_from_http_string (text);
  return date != NULL ? MAX (0, g_date_time_to_unix (date) - g_get_real_time () / G_USEC_PER_SEC)
                      : -1;
}

static void
on_body_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;
  PhDdnsReply reply = { 0 };

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &length, &error)) {
    fail (call, error);
    return;
  }
  call->body[length] = '\0';
  text = g_utf8_make_valid (call->body, (gssize)strlen (call->body));
  reply.status = soup_message_get_status (call->message);
  reply.body = text;
  reply.retry_after = read_retry_after (call->message);
  finish (call, &reply);
}

static gboolean
is_same_server (GUri *one, GUri *other)
{
  return g_str_equal (g_uri_get_scheme (one), g_uri_get_scheme (other)) &&
         g_ascii_strcasecmp (g_uri_get_host (one), g_uri_get_host (other)) == 0 &&
         g_uri_get_port (one) == g_uri_get_port (other);
}

/* NULL: there is no redirection, or none that may be followed. */
static char *
find_redirection (Call *call)
{
  GUri *from = soup_message_get_uri (call->message);
  const char *location =
      soup_message_headers_get_one (soup_message_get_response_headers (call->message), "Location");
  g_autoptr (GUri) to = NULL;

  if (!SOUP_STATUS_IS_REDIRECTION (soup_message_get_status (call->message)) || location == NULL ||
      call->request->authorization != NULL || call->request->body != NULL ||
      call->n_redirections >= MAX_REDIRECTIONS)
    return NULL;
  to = g_uri_parse_relative (from, location, SOUP_HTTP_URI_FLAGS, NULL);
  return to != NULL && g_uri_get_host (to) != NULL && is_same_server (from, to)
             ? g_uri_to_string (to)
             : NULL;
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream =
      soup_session_send_finish (SOUP_SESSION (source), result, &error);
  char *redirection;

  if (stream == NULL) {
    fail (call, error);
    return;
  }
  redirection = find_redirection (call);
  if (redirection != NULL) {
    ph_secret_free (call->request->url);
    call->request->url = redirection;
    call->n_redirections++;
    start (call);
    return;
  }
  call->body = g_malloc (PH_DDNS_HTTP_MAX_BYTES + 1);
  g_input_stream_read_all_async (stream, call->body, PH_DDNS_HTTP_MAX_BYTES, G_PRIORITY_DEFAULT,
      call->own, on_body_read, call);
}

static SoupMessage *
make_message (const PhDdnsRequest *request)
{
  g_autoptr (GUri) uri =
      ph_safe_url_check (request->url)
          ? g_uri_parse (request->url, SOUP_HTTP_URI_FLAGS | G_URI_FLAGS_PARSE_RELAXED, NULL)
          : NULL;
  SoupMessage *message = uri != NULL ? soup_message_new_from_uri (request->method, uri) : NULL;
  SoupMessageHeaders *headers;

  if (message == NULL)
    return NULL;
  headers = soup_message_get_request_headers (message);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_NEW_CONNECTION);
  soup_message_headers_replace (headers, "Connection", "close");
  if (request->authorization != NULL)
    soup_message_headers_replace (headers, "Authorization", request->authorization);
  if (request->body != NULL) {
    g_autoptr (GBytes) bytes = g_bytes_new (request->body, strlen (request->body));
    soup_message_set_request_body_from_bytes (message, request->content_type, bytes);
  }
  return message;
}

static SoupSession *
choose_session (const Call *call)
{
  switch (call->request->family) {
  case G_SOCKET_FAMILY_IPV4:
    return call->http->sessions[1];
  case G_SOCKET_FAMILY_IPV6:
    return call->http->sessions[2];
  default:
    return call->http->sessions[0];
  }
}

static gboolean
on_refused (gpointer user_data)
{
  g_autoptr (GError) error = g_error_new_literal (
      PH_ERROR, PH_ERROR_FAILED, "what was to be called is " PH_SAFE_URL_ALLOWED " no longer");

  fail (user_data, error);
  return G_SOURCE_REMOVE;
}

static void
start (Call *call)
{
  g_clear_object (&call->message);
  call->message = make_message (call->request);
  if (call->message == NULL)
    g_idle_add (on_refused, call);
  else
    soup_session_send_async (
        choose_session (call), call->message, G_PRIORITY_DEFAULT, call->own, on_sent, call);
}

static gboolean
on_deadline (gpointer user_data)
{
  Call *call = user_data;

  call->deadline = 0;
  call->is_late = TRUE;
  g_cancellable_cancel (call->own);
  return G_SOURCE_REMOVE;
}

static void
on_outer_cancelled (GCancellable *outer, gpointer own)
{
  g_cancellable_cancel (own);
}

void
ph_ddns_http_send (PhDdnsHttp *self, PhDdnsRequest *request, GCancellable *cancellable,
    PhDdnsDone done, gpointer user_data)
{
  Call *call = g_new0 (Call, 1);

  call->http = self;
  call->request = request;
  call->done = done;
  call->user_data = user_data;
  call->own = g_cancellable_new ();
  if (cancellable != NULL) {
    call->outer = g_object_ref (cancellable);
    call->on_outer = g_cancellable_connect (
        cancellable, G_CALLBACK (on_outer_cancelled), g_object_ref (call->own), g_object_unref);
  }
  call->deadline = g_timeout_add_seconds (PH_DDNS_HTTP_TIMEOUT, on_deadline, call);
  start (call);
}
