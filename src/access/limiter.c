/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/limiter.h"

#include "access/network.h"

struct _PhLimiter {
  struct {
    GMutex lock;
    guint max;
    guint max_per_peer;
    GPtrArray *exempt; /* element-type GInetAddressMask; nullable */
    GHashTable *peers; /* key -> Peer */
    guint n;
  } shared;
};

typedef struct {
  char *key;
  guint n;
} Peer;

struct _PhLimiterPlace {
  PhLimiter *limiter;
  Peer *peer;
};

static void
free_peer (gpointer data)
{
  Peer *peer = data;

  g_free (peer->key);
  g_free (peer);
}

PhLimiter *
ph_limiter_new (guint max, guint max_per_peer, GPtrArray *exempt)
{
  PhLimiter *self = g_atomic_rc_box_new0 (PhLimiter);

  self->shared.max = max;
  self->shared.max_per_peer = max_per_peer;
  self->shared.exempt = exempt != NULL ? g_ptr_array_ref (exempt) : NULL;
  g_mutex_init (&self->shared.lock);
  self->shared.peers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_peer);
  return self;
}

PhLimiter *
ph_limiter_ref_any (PhLimiter *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
ph_limiter_set_any (PhLimiter *self, guint max, guint max_per_peer, GPtrArray *exempt)
{
  g_mutex_lock (&self->shared.lock);
  self->shared.max = max;
  self->shared.max_per_peer = max_per_peer;
  g_clear_pointer (&self->shared.exempt, g_ptr_array_unref);
  self->shared.exempt = exempt != NULL ? g_ptr_array_ref (exempt) : NULL;
  g_mutex_unlock (&self->shared.lock);
}

static void
clear_limiter (gpointer data)
{
  PhLimiter *self = data;

  g_clear_pointer (&self->shared.exempt, g_ptr_array_unref);
  g_hash_table_unref (self->shared.peers);
  g_mutex_clear (&self->shared.lock);
}

void
ph_limiter_unref_any (PhLimiter *self)
{
  g_atomic_rc_box_release_full (self, clear_limiter);
}

PhLimiterAnswer
ph_limiter_ask_any (PhLimiter *self, GInetAddress *peer)
{
  g_autofree char *key = ph_network_make_peer_key_any (peer);
  PhLimiterAnswer answer = PH_LIMITER_ROOM;
  const Peer *known;
  gboolean is_exempt;
  guint n_known;

  g_mutex_lock (&self->shared.lock);
  is_exempt = self->shared.exempt != NULL && ph_network_has_any (self->shared.exempt, peer);
  known = g_hash_table_lookup (self->shared.peers, key);
  n_known = known != NULL && !is_exempt ? known->n : 0;
  if (self->shared.n >= 2 * self->shared.max || n_known >= 2 * self->shared.max_per_peer)
    answer = PH_LIMITER_OVERRUN;
  else if (self->shared.n >= self->shared.max)
    answer = PH_LIMITER_FULL;
  else if (n_known >= self->shared.max_per_peer)
    answer = PH_LIMITER_PEER_FULL;
  g_mutex_unlock (&self->shared.lock);
  return answer;
}

static Peer *
ensure_peer (PhLimiter *self, char *key)
{
  Peer *peer = g_hash_table_lookup (self->shared.peers, key);

  if (peer != NULL)
    return peer;
  peer = g_new0 (Peer, 1);
  peer->key = g_strdup (key);
  g_hash_table_insert (self->shared.peers, peer->key, peer);
  return peer;
}

PhLimiterPlace *
ph_limiter_take_any (PhLimiter *self, GInetAddress *peer)
{
  g_autofree char *key = ph_network_make_peer_key_any (peer);
  PhLimiterPlace *place = g_new0 (PhLimiterPlace, 1);

  place->limiter = ph_limiter_ref_any (self);
  g_mutex_lock (&self->shared.lock);
  place->peer = ensure_peer (self, key);
  place->peer->n++;
  self->shared.n++;
  g_mutex_unlock (&self->shared.lock);
  return place;
}

void
ph_limiter_place_free_any (PhLimiterPlace *place)
{
  PhLimiter *self = place->limiter;

  g_mutex_lock (&self->shared.lock);
  self->shared.n--;
  if (--place->peer->n == 0)
    g_hash_table_remove (self->shared.peers, place->peer->key);
  g_mutex_unlock (&self->shared.lock);
  ph_limiter_unref_any (self);
  g_free (place);
}

guint
ph_limiter_get_n_any (PhLimiter *self)
{
  guint n;

  g_mutex_lock (&self->shared.lock);
  n = self->shared.n;
  g_mutex_unlock (&self->shared.lock);
  return n;
}

guint
ph_limiter_get_n_peers_any (PhLimiter *self)
{
  guint n;

  g_mutex_lock (&self->shared.lock);
  n = g_hash_table_size (self->shared.peers);
  g_mutex_unlock (&self->shared.lock);
  return n;
}
