/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The proof from outside: /reach/TOKEN, an address that works once, for ten minutes, and tells
 * nothing but that somebody came; and who came from outside the last time, by whatever address.
 * Main thread. */
#pragma once

#include "http/access-guard.h"
#include "http/request.h"

#define PH_REACH_PREFIX "/reach/"

typedef struct _PhReach PhReach;

typedef struct {
  /* Whether peer is of this place, and proves nothing. */
  gboolean (*is_inside) (GInetAddress *peer, gpointer user_data);
  /* Somebody used the one-time address from outside. */
  void (*proven) (gpointer user_data);
  /* Somebody came from outside, by whatever address; not more often than every 10 minutes. */
  void (*visited) (gpointer user_data);
  gpointer user_data;
} PhReachOwner;

PhReach *ph_reach_new (void);
void ph_reach_free (PhReach *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhReach, ph_reach_free)

/* access is kept, not copied. */
void ph_reach_set_access (PhReach *self, PhAccessGuard *access);
/* Without an owner nobody comes from outside. */
void ph_reach_set_owner (PhReach *self, const PhReachOwner *owner);

/* "/reach/TOKEN" with 128 random bits (RFC 4648, section 5), the same until it is used or ends at
 * *expires, seconds since 1970. Secret; owned by self. */
const char *ph_reach_ensure_path (PhReach *self, gint64 *expires);

/* Whoever sent message was served. */
void ph_reach_note_visit (PhReach *self, SoupServerMessage *message);
/* As it was when Porthole ended: visitor is referenced, at seconds since 1970. */
void ph_reach_restore_visitor (PhReach *self, GInetAddress *visitor, gint64 at);
/* NULL: nobody yet. at: seconds since 1970. Owned by self. */
GInetAddress *ph_reach_get_visitor (PhReach *self, gint64 *at);

/* user_data is the PhReach. */
void ph_reach_handle (PhRequest *request, gpointer user_data);
