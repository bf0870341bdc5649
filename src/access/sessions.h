/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who has logged in with a browser. Kept in memory only: after a restart everybody logs in anew.
 * Main thread only; time is passed in, of one monotonic clock. */
#pragma once

#include "access/users.h"

/* The cookie with the id. One name for each way in, because a browser that has a cookie from HTTPS
 * keeps HTTP from replacing it. */
#define PH_SESSION_COOKIE "porthole"
#define PH_SESSION_COOKIE_SECURE "__Secure-porthole"

typedef struct {
  guint idle_s; /* without a request */
  guint lifetime_s; /* in any case */
  guint max_per_user; /* beyond it the one idle for longest ends */
} PhSessionLimits;

typedef struct _PhSessions PhSessions;

PhSessions *ph_sessions_new (const PhSessionLimits *limits);
/* Holds for the sessions there are as well. */
void ph_sessions_set_limits (PhSessions *self, const PhSessionLimits *limits);
void ph_sessions_free (PhSessions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSessions, ph_sessions_free)

/* The id, of 192 random bits, as a token; never the one that came with the log-in, so that nobody
 * can give a victim an id of his own. Free with ph_secret_free. */
char *ph_sessions_open (PhSessions *self, const PhUser *user, gint64 now_us);

/* The user of a session that goes on, owned by users, and the session is no longer idle. NULL:
 * there is no such session, it is over, or the user's entry is another one by now. id may be any
 * text. */
const PhUser *ph_sessions_find (
    PhSessions *self, const PhUsers *users, const char *id, gint64 now_us);

/* Log-out. */
void ph_sessions_close (PhSessions *self, const char *id);

guint ph_sessions_get_n (PhSessions *self);
