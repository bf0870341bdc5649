/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/access-guard.h"

#include "access/cookie.h"
#include "access/forwarded.h"
#include "access/network.h"
#include "access/sessions.h"
#include "base/secret-file.h"
#include "http/ongoing.h"
#include "http/origin.h"
#include "http/request.h"

#include <string.h>

#define MAX_SESSIONS_PER_USER 32
#define NO_ROOM_RETRY_AFTER "10" /* seconds */
#define CAMERA_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

struct _PhAccessGuard {
  PhGate *gate;
  PhLinks *links;
  PhSessions *sessions;
  PhOngoing *ongoing;
  GPtrArray *trusted; /* element-type GInetAddressMask: proxies */
  GInetAddress *nowhere; /* 0.0.0.0 */
  guint session_lifetime_s;
};

/* An attempt with what it points to. */
typedef struct {
  PhAttempt attempt;
  char *target;
  GInetAddress *peer;
} Asked;

static G_DEFINE_QUARK (ph - http - caller, caller)
static G_DEFINE_QUARK (ph - http - viewer, viewer)

static void
free_caller (gpointer data)
{
  PhCaller *caller = data;

  g_free (caller->name);
  g_free (caller->link_id);
  g_free (caller->link_stream);
  ph_users_unref_any (caller->users);
  g_free (caller);
}

static const char *
get_header (SoupServerMessage *message, const char *name)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (message), name);
}

/* One who hung up before he was looked at has no address any more. */
static GInetAddress *
get_neighbour (PhAccessGuard *self, SoupServerMessage *message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);

  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return self->nowhere;
  return g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
}

/* Whether the one who looks came by TLS, perhaps to a proxy. */
static gboolean
is_tls (PhAccessGuard *self, SoupServerMessage *message)
{
  const char *scheme = g_uri_get_scheme (soup_server_message_get_uri (message));

  return ph_forwarded_is_tls_any (self->trusted, get_neighbour (self, message),
      g_str_equal (scheme, "https"), get_header (message, "X-Forwarded-Proto"));
}

static gboolean
is_safe (SoupServerMessage *message)
{
  const char *method = soup_server_message_get_method (message);

  return method == SOUP_METHOD_GET || method == SOUP_METHOD_HEAD || method == SOUP_METHOD_OPTIONS;
}

/* As in the request line: libsoup keeps the percent-encoding. */
static char *
make_target (SoupServerMessage *message)
{
  GUri *uri = soup_server_message_get_uri (message);
  const char *query = g_uri_get_query (uri);

  return g_strconcat (g_uri_get_path (uri), query != NULL ? "?" : NULL, query, NULL);
}

static void
asked_init (Asked *self, PhAccessGuard *guard, SoupServerMessage *message)
{
  const char *forwarded = soup_message_headers_get_list (
      soup_server_message_get_request_headers (message), "X-Forwarded-For");
  gboolean with_tls = is_tls (guard, message);

  self->target = make_target (message);
  self->peer =
      ph_forwarded_find_peer_any (guard->trusted, get_neighbour (guard, message), forwarded);
  self->attempt = (PhAttempt){
    .protocol = with_tls ? "HTTPS" : "HTTP",
    .method = soup_server_message_get_method (message),
    .uri = self->target,
    .authorization = get_header (message, "Authorization"),
    .peer = self->peer,
    .is_private = with_tls || (forwarded == NULL && g_inet_address_get_is_loopback (self->peer)),
    .uri_rule = PH_URI_SAME,
    .is_once = !is_safe (message),
  };
}

static void
asked_clear (Asked *self)
{
  g_clear_pointer (&self->target, g_free);
  g_clear_object (&self->peer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asked, asked_clear)

static const char *
get_cookie_name (PhAccessGuard *self, SoupServerMessage *message)
{
  return is_tls (self, message) ? PH_SESSION_COOKIE_SECURE : PH_SESSION_COOKIE;
}

/* Free with ph_secret_free. */
static char *
find_session_id (PhAccessGuard *self, SoupServerMessage *message)
{
  const char *header = get_header (message, "Cookie");

  return header != NULL ? ph_cookie_find_any (header, get_cookie_name (self, message)) : NULL;
}

/* NULL: there is none, or it is over. Owned by users. */
static const PhUser *
find_session (PhAccessGuard *self, SoupServerMessage *message, const PhUsers *users)
{
  char *id = find_session_id (self, message);
  const PhUser *user =
      id != NULL ? ph_sessions_find (self->sessions, users, id, g_get_monotonic_time ()) : NULL;

  ph_secret_free (id);
  return user;
}

static PhCaller *
add_caller (PhAccessGuard *self, SoupServerMessage *message)
{
  PhCaller *caller = g_new0 (PhCaller, 1);

  caller->users = ph_gate_ref_users_any (self->gate);
  g_object_set_qdata_full (G_OBJECT (message), caller_quark (), caller, free_caller);
  return caller;
}

static gboolean
try_session (PhAccessGuard *self, SoupServerMessage *message, PhCaller *caller)
{
  g_autoptr (PhUsers) users = ph_gate_ref_users_any (self->gate);
  const PhUser *user = find_session (self, message, users);

  if (user == NULL)
    return FALSE;
  caller->answer = PH_GATE_KNOWN;
  caller->name = g_strdup (user->name);
  return TRUE;
}

/* A browser adds the cookie, and a password that it has once asked for, to what other sites' pages
 * send as well. */
gboolean
ph_access_guard_is_forged (SoupServerMessage *message)
{
  PhOrigin origin = ph_origin_find_any (get_header (message, "Sec-Fetch-Site"),
      get_header (message, "Origin"), get_header (message, "Host"));

  if (is_safe (message))
    return FALSE;
  return origin == PH_ORIGIN_FOREIGN ||
         (origin == PH_ORIGIN_UNSAID && get_header (message, "Cookie") != NULL);
}

GInetAddress *
ph_access_guard_find_peer (PhAccessGuard *self, SoupServerMessage *message)
{
  const char *forwarded = soup_message_headers_get_list (
      soup_server_message_get_request_headers (message), "X-Forwarded-For");

  return ph_forwarded_find_peer_any (self->trusted, get_neighbour (self, message), forwarded);
}

const PhCaller *
ph_access_guard_get_caller (PhAccessGuard *self, SoupServerMessage *message)
{
  PhCaller *caller = g_object_get_qdata (G_OBJECT (message), caller_quark ());
  g_auto (Asked) asked = { 0 };

  if (caller != NULL)
    return caller;
  caller = add_caller (self, message);
  caller->has_session = try_session (self, message, caller);
  caller->is_forged = ph_access_guard_is_forged (message);
  if (caller->has_session || caller->is_forged)
    return caller;
  asked_init (&asked, self, message);
  caller->answer = ph_gate_ask_any (
      self->gate, &asked.attempt, g_get_monotonic_time (), &caller->name, &caller->wait_s);
  return caller;
}

/* Whoever sends a name and a password is not served as if it had not: it would not notice that they
 * are wrong. */
static gboolean
allows (SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data)
{
  PhAccessGuard *self = user_data;
  const PhCaller *caller = ph_access_guard_get_caller (self, message);

  if (caller->is_forged || (caller->answer != PH_GATE_KNOWN && caller->answer != PH_GATE_NOBODY))
    return FALSE;
  return ph_gate_allows_any (self->gate, caller->name, permission, camera);
}

static gboolean
wants_page (SoupServerMessage *message)
{
  const char *accept =
      soup_message_headers_get_list (soup_server_message_get_request_headers (message), "Accept");

  return soup_server_message_get_method (message) == SOUP_METHOD_GET && accept != NULL &&
         strstr (accept, "text/html") != NULL;
}

/* Relative, so that it holds below any path a proxy puts in front. */
static void
send_to_log_in (SoupServerMessage *message, const char *camera)
{
  const char *path = g_uri_get_path (soup_server_message_get_uri (message));
  g_autoptr (GString) location = g_string_new (NULL);

  for (const char *p = path + 1; *p != '\0'; p++)
    if (*p == '/')
      g_string_append (location, "../");
  g_string_append (location, "login");
  if (camera != NULL && camera[strspn (camera, CAMERA_LETTERS)] == '\0')
    g_string_append_printf (location, "?to=%s", camera);
  ph_request_reply_text (message, SOUP_STATUS_SEE_OTHER, "Log in first");
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Location", location->str);
}

/* Of a page whose session is over: asked for a password by HTTP, the browser would put its own
 * question in front of the page. */
static gboolean
comes_from_page (SoupServerMessage *message)
{
  const char *cookies = get_header (message, "Cookie");

  return get_header (message, "Sec-Fetch-Mode") != NULL ||
         (cookies != NULL && strstr (cookies, PH_SESSION_COOKIE) != NULL);
}

static void
ask_who (PhAccessGuard *self, SoupServerMessage *message, PhGateAnswer answer)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_auto (Asked) asked = { 0 };
  g_auto (GStrv) challenges = NULL;

  asked_init (&asked, self, message);
  ph_request_reply_text (message, SOUP_STATUS_UNAUTHORIZED,
      answer == PH_GATE_WRONG ? "The name or the password is wrong" : "Log in first");
  if (comes_from_page (message))
    return;
  challenges =
      ph_gate_make_challenges_any (self->gate, &asked.attempt, answer, g_get_monotonic_time ());
  for (guint i = 0; challenges[i] != NULL; i++)
    soup_message_headers_append (headers, "WWW-Authenticate", challenges[i]);
}

static void
reply_wait (SoupServerMessage *message, guint wait_s)
{
  g_autofree char *seconds = g_strdup_printf ("%u", wait_s);

  ph_request_reply_format (message, PH_STATUS_TOO_MANY_REQUESTS,
      "Too many wrong passwords came from your address; try again in %s s", seconds);
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Retry-After", seconds);
}

static void
refuse (SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data)
{
  PhAccessGuard *self = user_data;
  const PhCaller *caller = ph_access_guard_get_caller (self, message);

  if (caller->is_forged)
    ph_request_reply_text (message, SOUP_STATUS_FORBIDDEN, "Another site's page may not do that");
  else if (caller->answer == PH_GATE_WAIT)
    reply_wait (message, caller->wait_s);
  else if (caller->answer == PH_GATE_NOBODY && wants_page (message))
    send_to_log_in (message, camera);
  else if (caller->answer != PH_GATE_KNOWN)
    ask_who (self, message, caller->answer);
  else if (camera != NULL &&
           !ph_gate_allows_any (self->gate, caller->name, PH_PERMISSION_VIEW, camera))
    ph_request_reply_text (message, SOUP_STATUS_NOT_FOUND, "There is no camera of this name");
  else
    ph_request_reply_text (message, SOUP_STATUS_FORBIDDEN, "Only an admin may do that");
}

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* A link may do no more than whoever made it. */
static gboolean
is_link_backed (PhAccessGuard *self, const PhLink *link)
{
  return ph_gate_allows_any (self->gate, link->user, PH_PERMISSION_LINK, link->camera);
}

static gboolean
shows_by_link (SoupServerMessage *message, const char *token, const char *camera,
    const char **stream, gpointer user_data)
{
  PhAccessGuard *self = user_data;
  const PhLink *link = ph_links_find (self->links, token, camera, get_now ());
  PhCaller *caller;

  if (link == NULL || !is_link_backed (self, link))
    return FALSE;
  caller = add_caller (self, message);
  caller->link_id = g_strdup (link->id);
  *stream = caller->link_stream = g_strdup (link->stream);
  return TRUE;
}

/* RFC 9111, section 5.2.2.7. What answers may add for how long it keeps. */
static void
keep_from_shared_caches (SoupServerMessage *message)
{
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Cache-Control", "private");
}

static void
admitted (
    SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data)
{
  PhAccessGuard *self = user_data;
  g_autoptr (PhUsers) users = ph_gate_ref_users_any (self->gate);

  if (permission != PH_PERMISSION_OPEN)
    ph_ongoing_add (self->ongoing, message, permission, camera, users);
  if (camera != NULL && !ph_gate_allows_any (self->gate, NULL, PH_PERMISSION_VIEW, camera))
    keep_from_shared_caches (message);
}

static void
free_place (gpointer place)
{
  ph_limiter_place_free_any (place);
}

static void
reply_no_room (SoupServerMessage *message, PhLimiterAnswer answer)
{
  gboolean is_peer = answer == PH_LIMITER_PEER_FULL;

  ph_request_reply_text (message,
      is_peer ? PH_STATUS_TOO_MANY_REQUESTS : SOUP_STATUS_SERVICE_UNAVAILABLE,
      is_peer ? "Too many viewers are at your address" : "There are too many viewers");
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Retry-After", NO_ROOM_RETRY_AFTER);
}

static gboolean
has_room (SoupServerMessage *message, gpointer user_data)
{
  PhAccessGuard *self = user_data;
  PhLimiter *viewers = ph_gate_get_viewers_any (self->gate);
  g_auto (Asked) asked = { 0 };
  PhLimiterAnswer answer;

  asked_init (&asked, self, message);
  answer = ph_limiter_ask_any (viewers, asked.peer);
  if (answer != PH_LIMITER_ROOM) {
    ph_gate_note_limit_any (self->gate, asked.attempt.protocol, "viewers", asked.peer, answer);
    reply_no_room (message, answer);
    return FALSE;
  }
  g_object_set_qdata_full (
      G_OBJECT (message), viewer_quark (), ph_limiter_take_any (viewers, asked.peer), free_place);
  return TRUE;
}

/* A stream that runs is use of its session, so that it does not become idle. */
static gboolean
may_go_on (const PhOngoingRequest *request, gpointer user_data)
{
  PhAccessGuard *self = user_data;
  const PhCaller *caller = ph_access_guard_get_caller (self, request->message);
  g_autoptr (PhUsers) users = ph_gate_ref_users_any (self->gate);
  const PhUser *user = caller->name != NULL ? ph_users_find_any (users, caller->name) : NULL;
  const PhLink *link =
      caller->link_id != NULL ? ph_links_get (self->links, caller->link_id, get_now ()) : NULL;

  if (caller->link_id != NULL)
    return link != NULL && is_link_backed (self, link);
  if (caller->name != NULL && !ph_users_agree_any (request->users, users, caller->name))
    return FALSE;
  if (caller->has_session && find_session (self, request->message, users) == NULL)
    return FALSE;
  return ph_grant_allows_any (users, user, request->permission, request->camera);
}

/* Whoever has a session uses it with each request, and whoever has none was asked for a password
 * that still holds as long as the users agree. */
static gboolean
may_repeat (
    SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data)
{
  const PhCaller *caller = ph_access_guard_get_caller (user_data, message);
  const PhOngoingRequest request = { message, permission, (char *)camera, caller->users };

  return may_go_on (&request, user_data);
}

static PhSessionLimits
make_limits (const PhAccessConfig *config)
{
  return (PhSessionLimits){
    .idle_s = config->session_idle,
    .lifetime_s = config->session_lifetime,
    .max_per_user = MAX_SESSIONS_PER_USER,
  };
}

void
ph_access_guard_set_config (PhAccessGuard *self, const PhAccessConfig *config)
{
  PhSessionLimits limits = make_limits (config);

  g_clear_pointer (&self->trusted, g_ptr_array_unref);
  self->trusted = ph_network_parse_list_any ((const char *const *)config->trusted_proxies);
  self->session_lifetime_s = config->session_lifetime;
  ph_sessions_set_limits (self->sessions, &limits);
}

PhAccessGuard *
ph_access_guard_new (PhGate *gate, PhLinks *links, const PhAccessConfig *config)
{
  PhAccessGuard *self = g_new0 (PhAccessGuard, 1);
  PhSessionLimits limits = make_limits (config);

  self->gate = gate;
  self->links = links;
  self->nowhere = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  self->sessions = ph_sessions_new (&limits);
  self->ongoing = ph_ongoing_new (may_go_on, self);
  ph_access_guard_set_config (self, config);
  return self;
}

void
ph_access_guard_free (PhAccessGuard *self)
{
  ph_ongoing_free (self->ongoing);
  ph_sessions_free (self->sessions);
  g_ptr_array_unref (self->trusted);
  g_object_unref (self->nowhere);
  g_free (self);
}

static void
identify (SoupServerMessage *message, char **peer, char **user, gpointer user_data)
{
  PhAccessGuard *self = user_data;
  g_auto (Asked) asked = { 0 };

  asked_init (&asked, self, message);
  *peer = g_inet_address_to_string (asked.peer);
  *user = g_strdup (ph_access_guard_get_caller (self, message)->name);
}

PhHttpGuard
ph_access_guard_get (PhAccessGuard *self)
{
  return (
      PhHttpGuard){ allows, refuse, self, shows_by_link, admitted, has_room, identify, may_repeat };
}

gboolean
ph_access_guard_lets_strangers_look (PhAccessGuard *self)
{
  g_autoptr (PhUsers) users = ph_gate_ref_users_any (self->gate);

  return ph_users_lets_strangers_look_any (users);
}

gboolean
ph_access_guard_has_users (PhAccessGuard *self)
{
  g_autoptr (PhUsers) users = ph_gate_ref_users_any (self->gate);

  return !ph_users_is_empty_any (users);
}

static void
set_cookie (PhAccessGuard *self, SoupServerMessage *message, const char *value, guint max_age)
{
  char *cookie =
      ph_cookie_make_any (get_cookie_name (self, message), value, max_age, is_tls (self, message));

  soup_message_headers_append (
      soup_server_message_get_response_headers (message), "Set-Cookie", cookie);
  ph_secret_free (cookie);
}

static void
open_session (PhAccessGuard *self, SoupServerMessage *message, const char *name)
{
  g_autoptr (PhUsers) users = ph_gate_ref_users_any (self->gate);
  char *id =
      ph_sessions_open (self->sessions, ph_users_find_any (users, name), g_get_monotonic_time ());

  set_cookie (self, message, id, self->session_lifetime_s);
  ph_secret_free (id);
}

PhGateAnswer
ph_access_guard_log_in (PhAccessGuard *self, SoupServerMessage *message, const char *name,
    const char *password, guint *wait_s)
{
  g_auto (Asked) asked = { 0 };
  PhGateAnswer answer;

  asked_init (&asked, self, message);
  answer = ph_gate_log_in_any (
      self->gate, &asked.attempt, name, password, g_get_monotonic_time (), wait_s);
  if (answer == PH_GATE_KNOWN)
    open_session (self, message, name);
  return answer;
}

void
ph_access_guard_log_out (PhAccessGuard *self, SoupServerMessage *message)
{
  char *id = find_session_id (self, message);

  if (id != NULL)
    ph_sessions_close (self->sessions, id);
  ph_secret_free (id);
  ph_ongoing_ask_again (self->ongoing);
  set_cookie (self, message, "", 0);
}

gboolean
ph_access_guard_allows (
    PhAccessGuard *self, SoupServerMessage *message, PhPermission permission, const char *camera)
{
  return allows (message, permission, camera, self);
}

void
ph_access_guard_ask_again (PhAccessGuard *self)
{
  ph_ongoing_ask_again (self->ongoing);
}
