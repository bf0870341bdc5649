/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts what peers have at one time (connections, viewers), in all and for each peer, so that none
 * takes the share of the others. A peer is what the throttle takes for one: an IPv4 address or an
 * IPv6 /64. Remembers only peers that have something, so its memory is bounded by the number in
 * all. Any thread. */
#pragma once

#include <gio/gio.h>

typedef struct _PhLimiter PhLimiter;

typedef enum {
  PH_LIMITER_ROOM,
  PH_LIMITER_PEER_FULL, /* this peer has its share */
  PH_LIMITER_FULL, /* there are too many in all */
  PH_LIMITER_OVERRUN /* twice as many as there may be: not even worth an answer */
} PhLimiterAnswer;

/* exempt (element-type GInetAddressMask; nullable): peers that only the number in all limits. */
PhLimiter *ph_limiter_new (guint max, guint max_per_peer, GPtrArray *exempt);
/* From now on; what is there already stays. */
void ph_limiter_set_any (PhLimiter *self, guint max, guint max_per_peer, GPtrArray *exempt);
PhLimiter *ph_limiter_ref_any (PhLimiter *self);
void ph_limiter_unref_any (PhLimiter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhLimiter, ph_limiter_unref_any)

/* Whether the peer may have one more. */
PhLimiterAnswer ph_limiter_ask_any (PhLimiter *self, GInetAddress *peer);

/* One that a peer has; counted as long as it is not freed, however many there are. */
typedef struct _PhLimiterPlace PhLimiterPlace;
PhLimiterPlace *ph_limiter_take_any (PhLimiter *self, GInetAddress *peer);
void ph_limiter_place_free_any (PhLimiterPlace *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhLimiterPlace, ph_limiter_place_free_any)

/* How many there are. */
guint ph_limiter_get_n_any (PhLimiter *self);
guint ph_limiter_get_n_peers_any (PhLimiter *self);
