/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/throttle.h"

#include "access/network.h"

const PhThrottleLimits ph_throttle_default_limits = {
  .free_failures = 3,
  .failures = 10,
  .ban_s = 900,
  .max_delay_s = 30,
  .window_s = 3600,
  .name_failures = 50,
  .max_peers = 4096,
  .max_names = 1024,
};

typedef struct {
  char *key;
  GList link; /* in the table's order */
  guint n_failures;
  gint64 last_us;
  gint64 until_us; /* no try before */
  gboolean is_banned;
  char *name; /* all failures were at this one; NULL: at none in particular, or at several */
} Entry;

typedef struct {
  GHashTable *by_key; /* Entry's own key -> Entry */
  GQueue order; /* of Entry, the one not heard of for longest first */
  guint max;
} Table;

struct _PhThrottle {
  PhThrottleLimits limits;
  GPtrArray *exempt; /* element-type GInetAddressMask */
  Table peers;
  Table names;
};

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  g_free (entry->key);
  g_free (entry->name);
  g_free (entry);
}

static void
table_init (Table *self, guint max)
{
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_entry);
  g_queue_init (&self->order);
  self->max = max;
}

static void
table_remove (Table *self, Entry *entry)
{
  g_queue_unlink (&self->order, &entry->link);
  g_hash_table_remove (self->by_key, entry->key);
}

static Entry *
table_find (Table *self, const char *key)
{
  return g_hash_table_lookup (self->by_key, key);
}

/* The entry, now the one heard of last. */
static Entry *
table_ensure (Table *self, const char *key)
{
  Entry *entry = table_find (self, key);

  if (entry != NULL) {
    g_queue_unlink (&self->order, &entry->link);
  } else {
    if (g_hash_table_size (self->by_key) >= self->max)
      table_remove (self, g_queue_peek_head (&self->order));
    entry = g_new0 (Entry, 1);
    entry->key = g_strdup (key);
    entry->link.data = entry;
    g_hash_table_insert (self->by_key, entry->key, entry);
  }
  g_queue_push_tail_link (&self->order, &entry->link);
  return entry;
}

PhThrottle *
ph_throttle_new (const PhThrottleLimits *limits, GPtrArray *exempt)
{
  PhThrottle *self = g_new0 (PhThrottle, 1);

  self->limits = *limits;
  self->exempt = exempt != NULL ? g_ptr_array_ref (exempt) : g_ptr_array_new ();
  table_init (&self->peers, limits->max_peers);
  table_init (&self->names, limits->max_names);
  return self;
}

void
ph_throttle_set_limits (PhThrottle *self, const PhThrottleLimits *limits, GPtrArray *exempt)
{
  self->limits = *limits;
  g_ptr_array_unref (self->exempt);
  self->exempt = exempt != NULL ? g_ptr_array_ref (exempt) : g_ptr_array_new ();
}

void
ph_throttle_free (PhThrottle *self)
{
  g_hash_table_unref (self->peers.by_key);
  g_hash_table_unref (self->names.by_key);
  g_ptr_array_unref (self->exempt);
  g_free (self);
}

/* What was too long ago counts no more, nor does what a ban has paid for. */
static void
maybe_forgive (PhThrottle *self, Entry *entry, gint64 now_us)
{
  gboolean is_over = now_us - entry->last_us >= self->limits.window_s * G_TIME_SPAN_SECOND;

  if (entry->until_us > now_us || !(is_over || entry->is_banned))
    return;
  entry->n_failures = 0;
  entry->is_banned = FALSE;
  g_clear_pointer (&entry->name, g_free);
}

static gint64
get_wait (const Entry *entry, gint64 now_us, gboolean *is_banned)
{
  gint64 wait_us = entry != NULL ? MAX (0, entry->until_us - now_us) : 0;

  if (is_banned != NULL)
    *is_banned = wait_us > 0 && entry->is_banned;
  return wait_us;
}

/* Who is exempt may be of a network that has to wait. */
gint64
ph_throttle_get_wait_us (PhThrottle *self, GInetAddress *peer, gint64 now_us, gboolean *is_banned)
{
  g_autofree char *key = ph_network_make_peer_key_any (peer);
  const Entry *entry =
      ph_network_has_any (self->exempt, peer) ? NULL : table_find (&self->peers, key);

  return get_wait (entry, now_us, is_banned);
}

/* TRUE: so many failed at this name that a peer's first failure is one too many. */
static gboolean
count_name (PhThrottle *self, const char *name, gint64 now_us)
{
  Entry *entry = name != NULL ? table_ensure (&self->names, name) : NULL;

  if (entry == NULL)
    return FALSE;
  maybe_forgive (self, entry, now_us);
  entry->last_us = now_us;
  return ++entry->n_failures > self->limits.name_failures;
}

static void
note_name (Entry *entry, const char *name)
{
  if (entry->n_failures == 0)
    entry->name = g_strdup (name);
  else if (g_strcmp0 (entry->name, name) != 0)
    g_clear_pointer (&entry->name, g_free);
}

static gint64
get_delay_us (const PhThrottleLimits *limits, guint n_failures)
{
  guint step = n_failures - limits->free_failures;

  return MIN (G_GUINT64_CONSTANT (1) << MIN (step - 1, 31), limits->max_delay_s) *
         G_TIME_SPAN_SECOND;
}

gint64
ph_throttle_note_failure (
    PhThrottle *self, GInetAddress *peer, const char *name, gint64 now_us, gboolean *is_banned)
{
  g_autofree char *key = ph_network_make_peer_key_any (peer);
  gboolean is_name_hot = count_name (self, name, now_us);
  Entry *entry = NULL;

  if (!ph_network_has_any (self->exempt, peer)) {
    entry = table_ensure (&self->peers, key);
    maybe_forgive (self, entry, now_us);
    note_name (entry, name);
    entry->n_failures++;
    entry->last_us = now_us;
    entry->is_banned = is_name_hot || entry->n_failures >= self->limits.failures;
    if (entry->is_banned)
      entry->until_us = now_us + self->limits.ban_s * G_TIME_SPAN_SECOND;
    else if (entry->n_failures > self->limits.free_failures)
      entry->until_us = now_us + get_delay_us (&self->limits, entry->n_failures);
  }
  return get_wait (entry, now_us, is_banned);
}

void
ph_throttle_note_success (PhThrottle *self, GInetAddress *peer, const char *name)
{
  g_autofree char *key = ph_network_make_peer_key_any (peer);
  Entry *entry = table_find (&self->peers, key);

  if (entry != NULL && g_strcmp0 (entry->name, name) == 0)
    table_remove (&self->peers, entry);
}

guint
ph_throttle_get_n_peers (PhThrottle *self)
{
  return g_hash_table_size (self->peers.by_key);
}

guint
ph_throttle_get_n_names (PhThrottle *self)
{
  return g_hash_table_size (self->names.by_key);
}
