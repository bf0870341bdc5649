/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Slows down who guesses passwords, then bans it for a while. Counted for the peer, an IPv4 address
 * or an IPv6 /64. While many peers guess at one name, each of them has fewer tries at it; but a
 * peer that never failed may always try, so nobody can lock a user out from elsewhere. Memory is
 * bounded whatever the number of peers: the one not heard of for longest is forgotten. Not
 * thread-safe; time is passed in, of one monotonic clock. */
#pragma once

#include <gio/gio.h>

typedef struct {
  guint free_failures; /* without any delay */
  guint failures; /* until the ban */
  guint ban_s;
  guint max_delay_s; /* the first is a second, each next one twice the last */
  guint window_s; /* without a failure after which all is forgotten */
  guint name_failures; /* at one name, from whomever: then one failure of a peer is enough */
  guint max_peers; /* remembered */
  guint max_names;
} PhThrottleLimits;

/* All but failures and ban_s. */
extern const PhThrottleLimits ph_throttle_default_limits;

typedef struct _PhThrottle PhThrottle;

/* exempt (element-type GInetAddressMask; nullable): who is never delayed nor banned. */
PhThrottle *ph_throttle_new (const PhThrottleLimits *limits, GPtrArray *exempt);
/* For failures from now on. max_peers and max_names stay what they are. */
void ph_throttle_set_limits (PhThrottle *self, const PhThrottleLimits *limits, GPtrArray *exempt);
void ph_throttle_free (PhThrottle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhThrottle, ph_throttle_free)

/* How long the peer must wait until it may try a password; 0: now. *is_banned (nullable) tells a
 * ban from a delay. */
gint64 ph_throttle_get_wait_us (
    PhThrottle *self, GInetAddress *peer, gint64 now_us, gboolean *is_banned);

/* A wrong password. name: of a user; NULL: of nobody. The same answer as get_wait_us from now on.
 */
gint64 ph_throttle_note_failure (
    PhThrottle *self, GInetAddress *peer, const char *name, gint64 now_us, gboolean *is_banned);

/* A right one: the peer mistyped before, if all its failures were at this name. One who knows one
 * password may not guess at others' by using its own in between. */
void ph_throttle_note_success (PhThrottle *self, GInetAddress *peer, const char *name);

guint ph_throttle_get_n_peers (PhThrottle *self);
guint ph_throttle_get_n_names (PhThrottle *self);
