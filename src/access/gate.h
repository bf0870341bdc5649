/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where RTSP and HTTP ask who somebody is and what that one may do: users, Digest and Basic, and
 * the throttle in one. Any thread.
 *
 * Each refusal is one log line, for people and for fail2ban (data/fail2ban/porthole.conf):
 *   access: refused 192.0.2.7: wrong password for user "anna" (RTSP) */
#pragma once

#include "access/digest.h"
#include "access/grants.h"
#include "access/limiter.h"

#include <gio/gio.h>

typedef struct _PhGate PhGate;

/* A request that is to be let in or not. All belongs to the caller. */
typedef struct {
  const char *protocol; /* "RTSP", "HTTP": for the log */
  const char *method;
  const char *uri; /* as it stands in the request line */
  const char *authorization; /* the header; nullable */
  GInetAddress *peer; /* the one behind a trusted proxy */
  gboolean is_private; /* by TLS, or from this machine: a password may come in clear */
  PhUriRule uri_rule;
  gboolean
      is_once; /* the same nonce count is taken once only: for requests that change something */
} PhAttempt;

typedef enum {
  PH_GATE_NOBODY, /* no credentials: let in as anonymous, or ask for them (401) */
  PH_GATE_KNOWN, /* the name is right */
  PH_GATE_STALE, /* right, but ask again with a new nonce (401, stale) */
  PH_GATE_WRONG, /* 401 */
  PH_GATE_WAIT /* nothing was looked at, the peer is delayed or banned (429 with Retry-After) */
} PhGateAnswer;

/* users is referenced, config only read. exempt (element-type GInetAddressMask; nullable): who is
 * never delayed nor banned beside 127.0.0.1 and ::1; the router is one, since all who come by its
 * public address from inside seem to be it. */
PhGate *ph_gate_new (PhUsers *users, const PhAccessConfig *config, GPtrArray *exempt);
void ph_gate_free (PhGate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhGate, ph_gate_free)

/* After a reload of the settings. Nobody need be told: within a second RTSP and HTTP end what those
 * see who may no longer, and sessions whose user is another one by now. */
void ph_gate_set_users_any (PhGate *self, PhUsers *users);
void ph_gate_set_config_any (PhGate *self, const PhAccessConfig *config, GPtrArray *exempt);
/* Unref with ph_users_unref_any. */
PhUsers *ph_gate_ref_users_any (PhGate *self);

/* now_us: g_get_monotonic_time (). name: with PH_GATE_KNOWN the user's, free with g_free; NULL
 * otherwise. wait_s: with PH_GATE_WAIT how long, at least 1. */
PhGateAnswer ph_gate_ask_any (
    PhGate *self, const PhAttempt *attempt, gint64 now_us, char **name, guint *wait_s);

/* The same for a log-in form; of attempt only protocol and peer count. Never PH_GATE_STALE. */
PhGateAnswer ph_gate_log_in_any (PhGate *self, const PhAttempt *attempt, const char *name,
    const char *password, gint64 now_us, guint *wait_s);

/* The WWW-Authenticate headers for a 401, in this order; free with g_strfreev. */
char **ph_gate_make_challenges_any (
    PhGate *self, const PhAttempt *attempt, PhGateAnswer answer, gint64 now_us);

/* What there may be at one time; owned by self. */
PhLimiter *ph_gate_get_connections_any (PhGate *self);
PhLimiter *ph_gate_get_viewers_any (PhGate *self);
/* Seconds in which a request must have come whole. */
guint ph_gate_get_request_time_any (PhGate *self);

/* Says in the log, once in a few seconds at most, that there was no room for the peer. what:
 * "connections", "viewers". */
void ph_gate_note_limit_any (PhGate *self, const char *protocol, const char *what,
    GInetAddress *peer, PhLimiterAnswer answer);

/* name: from ph_gate_ask_any or a session; NULL: anonymous. Of somebody who is no user any more:
 * no more than anonymous. See ph_grant_allows_any. */
gboolean ph_gate_allows_any (
    PhGate *self, const char *name, PhPermission permission, const char *camera);
