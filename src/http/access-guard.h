/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks access/ who sends a request, once for each, and what that one may do: by the cookie of a
 * session, else by Digest or Basic, else without a name. Main thread. */
#pragma once

#include "access/gate.h"
#include "access/links.h"
#include "http/guard.h"

typedef struct {
  PhGateAnswer answer;
  char *name; /* with PH_GATE_KNOWN */
  guint wait_s; /* with PH_GATE_WAIT */
  gboolean has_session; /* it is the cookie that says who it is */
  gboolean is_forged; /* another site's page may have had the browser send it */
  PhUsers *users; /* those it was judged by */
  char *link_id, *link_stream; /* who came by a signed link has nothing else; nullable */
} PhCaller;

typedef struct _PhAccessGuard PhAccessGuard;

/* gate and links are kept, not copied; config is only read. */
PhAccessGuard *ph_access_guard_new (PhGate *gate, PhLinks *links, const PhAccessConfig *config);
void ph_access_guard_set_config (PhAccessGuard *self, const PhAccessConfig *config);
void ph_access_guard_free (PhAccessGuard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhAccessGuard, ph_access_guard_free)

/* Good as long as self. */
PhHttpGuard ph_access_guard_get (PhAccessGuard *self);

/* Where message comes from, behind trusted proxies; 0.0.0.0 of who hung up. Unref with
 * g_object_unref. */
GInetAddress *ph_access_guard_find_peer (PhAccessGuard *self, SoupServerMessage *message);
/* Owned by the message. */
const PhCaller *ph_access_guard_get_caller (PhAccessGuard *self, SoupServerMessage *message);
/* Whether another site's page may have had the browser send it, with all that a browser adds; of
 * message that changes something. */
gboolean ph_access_guard_is_forged (SoupServerMessage *message);
/* Whether somebody on another machine may look at any camera without a password. */
gboolean ph_access_guard_lets_strangers_look (PhAccessGuard *self);
/* Whether there is anybody who could log in. */
gboolean ph_access_guard_has_users (PhAccessGuard *self);

/* With PH_GATE_KNOWN the answer to message sets the cookie of a new session. wait_s: with
 * PH_GATE_WAIT, whole seconds. Never PH_GATE_STALE nor PH_GATE_NOBODY. */
PhGateAnswer ph_access_guard_log_in (PhAccessGuard *self, SoupServerMessage *message,
    const char *name, const char *password, guint *wait_s);
/* Ends the session of message's cookie, if there is one, with what runs for it, and takes the
 * cookie back. */
void ph_access_guard_log_out (PhAccessGuard *self, SoupServerMessage *message);

/* Whether whoever sent message may do that; also for what is not what it asks for. */
gboolean ph_access_guard_allows (
    PhAccessGuard *self, SoupServerMessage *message, PhPermission permission, const char *camera);
/* Ends at once what runs for who may no longer look. */
void ph_access_guard_ask_again (PhAccessGuard *self);
