/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/gate.h"

#include "access/network.h"
#include "access/nonces.h"
#include "access/throttle.h"
#include "base/error.h"
#include "base/json-text.h"

#include <string.h>

/* Long enough that a recorder which polls does not log in anew each time, and short enough that
 * what was overheard is soon worth nothing. */
#define NONCE_LIFETIME_S 600
#define MAX_NONCES 4096
/* Between two lines that say there is no room. */
#define LIMIT_LOG_INTERVAL (5 * G_TIME_SPAN_SECOND)

struct _PhGate {
  PhNonces *nonces;
  PhLimiter *connections;
  PhLimiter *viewers;
  int request_time; /* atomic; seconds */

  struct {
    GMutex lock;
    PhUsers *users;
    PhThrottle *throttle;
    gint64 limit_logged_us; /* monotonic */
  } shared;
};

static GPtrArray *
add_networks (GPtrArray *networks, GPtrArray *more)
{
  for (guint i = 0; more != NULL && i < more->len; i++)
    g_ptr_array_add (networks, g_object_ref (more->pdata[i]));
  return networks;
}

static GPtrArray *
make_own_networks (void)
{
  return ph_network_parse_list_any ((const char *const[]){ "127.0.0.1", "::1", NULL });
}

/* All who come through a proxy have connections of one address, its own; as viewers each has the
 * one that the proxy names. */
static void
limit (PhGate *self, const PhAccessConfig *config)
{
  const PhLimitsConfig *limits = config->limits;
  g_autoptr (GPtrArray) own = make_own_networks ();
  g_autoptr (GPtrArray) proxies =
      ph_network_parse_list_any ((const char *const *)config->trusted_proxies);
  g_autoptr (GPtrArray) neighbours = add_networks (make_own_networks (), proxies);

  ph_limiter_set_any (
      self->connections, limits->connections, limits->connections_per_peer, neighbours);
  ph_limiter_set_any (self->viewers, limits->viewers, limits->viewers_per_peer, own);
  g_atomic_int_set (&self->request_time, limits->request_time);
}

static PhThrottleLimits
make_throttle_limits (const PhAccessConfig *config)
{
  PhThrottleLimits limits = ph_throttle_default_limits;

  limits.failures = config->failures;
  limits.ban_s = config->ban;
  return limits;
}

PhGate *
ph_gate_new (PhUsers *users, const PhAccessConfig *config, GPtrArray *exempt)
{
  PhGate *self = g_new0 (PhGate, 1);
  PhThrottleLimits limits = make_throttle_limits (config);
  g_autoptr (GPtrArray) all_exempt = add_networks (make_own_networks (), exempt);

  self->connections = ph_limiter_new (0, 0, NULL);
  self->viewers = ph_limiter_new (0, 0, NULL);
  limit (self, config);
  self->nonces = ph_nonces_new (NONCE_LIFETIME_S, MAX_NONCES);
  g_mutex_init (&self->shared.lock);
  self->shared.users = ph_users_ref_any (users);
  self->shared.throttle = ph_throttle_new (&limits, all_exempt);
  return self;
}

void
ph_gate_free (PhGate *self)
{
  ph_nonces_free (self->nonces);
  ph_limiter_unref_any (self->connections);
  ph_limiter_unref_any (self->viewers);
  ph_users_unref_any (self->shared.users);
  ph_throttle_free (self->shared.throttle);
  g_mutex_clear (&self->shared.lock);
  g_free (self);
}

void
ph_gate_set_users_any (PhGate *self, PhUsers *users)
{
  PhUsers *old;

  g_mutex_lock (&self->shared.lock);
  old = self->shared.users;
  self->shared.users = ph_users_ref_any (users);
  g_mutex_unlock (&self->shared.lock);
  ph_users_unref_any (old);
}

void
ph_gate_set_config_any (PhGate *self, const PhAccessConfig *config, GPtrArray *exempt)
{
  PhThrottleLimits limits = make_throttle_limits (config);
  g_autoptr (GPtrArray) all_exempt = add_networks (make_own_networks (), exempt);

  limit (self, config);
  g_mutex_lock (&self->shared.lock);
  ph_throttle_set_limits (self->shared.throttle, &limits, all_exempt);
  g_mutex_unlock (&self->shared.lock);
}

PhUsers *
ph_gate_ref_users_any (PhGate *self)
{
  PhUsers *users;

  g_mutex_lock (&self->shared.lock);
  users = ph_users_ref_any (self->shared.users);
  g_mutex_unlock (&self->shared.lock);
  return users;
}

static guint
to_seconds (gint64 wait_us)
{
  return (guint)((wait_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

/* name: as it was given; nullable. */
static void
log_refusal (
    const PhAttempt *attempt, const char *why, const char *name, guint wait_s, gboolean is_banned)
{
  g_autofree char *peer = g_inet_address_to_string (attempt->peer);
  g_autofree char *quoted = name != NULL ? ph_json_text_quote (name) : NULL;
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_append_printf (line, "refused %s: %s", peer, why);
  if (quoted != NULL)
    g_string_append_printf (line, " for user %s", quoted);
  g_string_append_printf (line, " (%s)", attempt->protocol);
  if (wait_s > 0)
    g_string_append_printf (line, "; %s for %u s", is_banned ? "banned" : "not heard", wait_s);
  g_message ("%s", line->str);
}

static gboolean
must_wait (PhGate *self, const PhAttempt *attempt, const char *name, gint64 now_us, guint *wait_s)
{
  gboolean is_banned = FALSE;
  gint64 wait_us;

  g_mutex_lock (&self->shared.lock);
  wait_us = ph_throttle_get_wait_us (self->shared.throttle, attempt->peer, now_us, &is_banned);
  g_mutex_unlock (&self->shared.lock);
  if (wait_us == 0)
    return FALSE;
  *wait_s = to_seconds (wait_us);
  log_refusal (attempt, "too many wrong passwords", name, *wait_s, is_banned);
  return TRUE;
}

/* name: as it was given; user: who that is, if anybody. */
static PhGateAnswer
refuse_password (
    PhGate *self, const PhAttempt *attempt, const char *name, const PhUser *user, gint64 now_us)
{
  gboolean is_banned = FALSE;
  gint64 wait_us;

  g_mutex_lock (&self->shared.lock);
  wait_us = ph_throttle_note_failure (
      self->shared.throttle, attempt->peer, user != NULL ? user->name : NULL, now_us, &is_banned);
  g_mutex_unlock (&self->shared.lock);
  log_refusal (attempt, "wrong password", name, to_seconds (wait_us), is_banned);
  return PH_GATE_WRONG;
}

static PhGateAnswer
welcome (PhGate *self, const PhAttempt *attempt, const PhUser *user)
{
  g_mutex_lock (&self->shared.lock);
  ph_throttle_note_success (self->shared.throttle, attempt->peer, user->name);
  g_mutex_unlock (&self->shared.lock);
  return PH_GATE_KNOWN;
}

static PhGateAnswer
check_password (PhGate *self, const PhAttempt *attempt, const PhUsers *users, const char *name,
    const char *password, gint64 now_us)
{
  const PhUser *user = ph_users_find_any (users, name);

  if (!ph_user_has_password_any (user, password))
    return refuse_password (self, attempt, name, user, now_us);
  return welcome (self, attempt, user);
}

static PhGateAnswer
check_digest (PhGate *self, const PhAttempt *attempt, const PhUsers *users,
    const PhCredentials *credentials, gint64 now_us)
{
  const PhUser *user = ph_users_find_any (users, credentials->name);
  PhNonceState nonce;

  if (!ph_digest_is_right_any (credentials, user, attempt->method))
    return refuse_password (self, attempt, credentials->name, user, now_us);
  if (!ph_digest_uri_fits_any (credentials->uri, attempt->uri, attempt->uri_rule)) {
    log_refusal (attempt, "credentials of another request", credentials->name, 0, FALSE);
    return PH_GATE_WRONG;
  }
  if (attempt->is_once && credentials->qop != NULL)
    nonce = ph_nonces_use_any (
        self->nonces, credentials->nonce, ph_credentials_get_count_any (credentials), now_us);
  else
    nonce = ph_nonces_check_any (self->nonces, credentials->nonce, now_us);
  return nonce == PH_NONCE_FRESH ? welcome (self, attempt, user) : PH_GATE_STALE;
}

static PhGateAnswer
check (PhGate *self, const PhAttempt *attempt, const PhUsers *users,
    const PhCredentials *credentials, gint64 now_us)
{
  if (credentials->is_digest)
    return check_digest (self, attempt, users, credentials, now_us);
  if (!attempt->is_private && !ph_users_allows_plain_basic_any (users)) {
    log_refusal (attempt, "password in clear without TLS", credentials->name, 0, FALSE);
    return PH_GATE_WRONG;
  }
  return check_password (self, attempt, users, credentials->name, credentials->password, now_us);
}

/* NULL: none, or none that is meant for us. */
static PhCredentials *
read_credentials (const PhAttempt *attempt, PhGateAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhCredentials) credentials = NULL;

  *answer = PH_GATE_NOBODY;
  if (attempt->authorization == NULL)
    return NULL;
  credentials = ph_credentials_parse_any (attempt->authorization, &error);
  if (g_error_matches (error, PH_ERROR, PH_ERROR_FAILED)) {
    log_refusal (attempt, error->message, NULL, 0, FALSE);
    *answer = PH_GATE_WRONG;
  }
  if (credentials == NULL || (credentials->is_digest && strcmp (credentials->realm, PH_REALM) != 0))
    return NULL;
  return g_steal_pointer (&credentials);
}

PhGateAnswer
ph_gate_ask_any (PhGate *self, const PhAttempt *attempt, gint64 now_us, char **name, guint *wait_s)
{
  PhGateAnswer answer = PH_GATE_NOBODY;
  g_autoptr (PhUsers) users = ph_gate_ref_users_any (self);
  g_autoptr (PhCredentials) credentials =
      !ph_users_is_empty_any (users) ? read_credentials (attempt, &answer) : NULL;

  *name = NULL;
  *wait_s = 0;
  if (credentials == NULL)
    return answer;
  if (must_wait (self, attempt, credentials->name, now_us, wait_s))
    return PH_GATE_WAIT;
  answer = check (self, attempt, users, credentials, now_us);
  if (answer == PH_GATE_KNOWN)
    *name = g_strdup (credentials->name);
  return answer;
}

PhGateAnswer
ph_gate_log_in_any (PhGate *self, const PhAttempt *attempt, const char *name, const char *password,
    gint64 now_us, guint *wait_s)
{
  g_autoptr (PhUsers) users = ph_gate_ref_users_any (self);

  *wait_s = 0;
  if (must_wait (self, attempt, name, now_us, wait_s))
    return PH_GATE_WAIT;
  return check_password (self, attempt, users, name, password, now_us);
}

char **
ph_gate_make_challenges_any (
    PhGate *self, const PhAttempt *attempt, PhGateAnswer answer, gint64 now_us)
{
  g_autofree char *nonce = ph_nonces_make_any (self->nonces, now_us);
  g_autoptr (PhUsers) users = ph_gate_ref_users_any (self);

  return ph_digest_make_challenges_any (nonce, answer == PH_GATE_STALE,
      attempt->is_private || ph_users_allows_plain_basic_any (users));
}

PhLimiter *
ph_gate_get_connections_any (PhGate *self)
{
  return self->connections;
}

PhLimiter *
ph_gate_get_viewers_any (PhGate *self)
{
  return self->viewers;
}

guint
ph_gate_get_request_time_any (PhGate *self)
{
  return g_atomic_int_get (&self->request_time);
}

static gboolean
may_log_limit (PhGate *self)
{
  gint64 now_us = g_get_monotonic_time ();
  gboolean may_log;

  g_mutex_lock (&self->shared.lock);
  may_log = self->shared.limit_logged_us == 0 ||
            now_us - self->shared.limit_logged_us >= LIMIT_LOG_INTERVAL;
  if (may_log)
    self->shared.limit_logged_us = now_us;
  g_mutex_unlock (&self->shared.lock);
  return may_log;
}

void
ph_gate_note_limit_any (PhGate *self, const char *protocol, const char *what, GInetAddress *peer,
    PhLimiterAnswer answer)
{
  g_autofree char *text = g_inet_address_to_string (peer);

  if (may_log_limit (self))
    g_message ("refused %s: too many %s %s (%s)", text, what,
        answer == PH_LIMITER_PEER_FULL ? "of this address" : "in all", protocol);
}

gboolean
ph_gate_allows_any (PhGate *self, const char *name, PhPermission permission, const char *camera)
{
  g_autoptr (PhUsers) users = ph_gate_ref_users_any (self);
  const PhUser *user = name != NULL ? ph_users_find_any (users, name) : NULL;

  return ph_grant_allows_any (users, user, permission, camera);
}
