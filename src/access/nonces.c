/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/nonces.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

/* milliseconds · random · code */
#define TIME_DIGITS 16
#define RANDOM_BYTES 8
#define CODE_BYTES 12
#define SIGNED_DIGITS (TIME_DIGITS + 2 * RANDOM_BYTES)
#define NONCE_DIGITS (SIGNED_DIGITS + 2 * CODE_BYTES)

#define WINDOW 64

struct _PhNonces {
  guint8 key[32];
  gint64 lifetime_ms;
  guint max_used;

  struct {
    GMutex lock;
    GHashTable *used; /* nonce -> Use */
    GQueue order; /* of the same nonces, the first used first */
    gint64 oldest_ms; /* nonces made then or before are stale */
  } shared;
};

typedef struct {
  guint32 highest;
  guint64 seen; /* bit i: highest - i */
} Use;

PhNonces *
ph_nonces_new (guint lifetime, guint max_used)
{
  PhNonces *self = g_new0 (PhNonces, 1);

  if (gnutls_rnd (GNUTLS_RND_KEY, self->key, sizeof self->key) < 0)
    g_critical ("the system gives no random numbers");
  self->lifetime_ms = lifetime * G_GINT64_CONSTANT (1000);
  self->max_used = max_used;
  g_mutex_init (&self->shared.lock);
  self->shared.used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->shared.oldest_ms = G_MININT64;
  return self;
}

void
ph_nonces_free (PhNonces *self)
{
  g_queue_clear (&self->shared.order);
  g_hash_table_unref (self->shared.used);
  g_mutex_clear (&self->shared.lock);
  explicit_bzero (self->key, sizeof self->key);
  g_free (self);
}

static void
append_hexadecimal (GString *text, const guint8 *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
}

static void
append_code (PhNonces *self, GString *nonce)
{
  guint8 code[32];

  gnutls_hmac_fast (
      GNUTLS_MAC_SHA256, self->key, sizeof self->key, nonce->str, SIGNED_DIGITS, code);
  append_hexadecimal (nonce, code, CODE_BYTES);
}

char *
ph_nonces_make_any (PhNonces *self, gint64 now_us)
{
  GString *nonce = g_string_sized_new (NONCE_DIGITS);
  guint8 random[RANDOM_BYTES];

  gnutls_rnd (GNUTLS_RND_NONCE, random, sizeof random);
  g_string_append_printf (nonce, "%016" G_GINT64_MODIFIER "x", now_us / 1000);
  append_hexadecimal (nonce, random, sizeof random);
  append_code (self, nonce);
  return g_string_free (nonce, FALSE);
}

static gboolean
is_ours (PhNonces *self, const char *nonce)
{
  g_autoptr (GString) expected = g_string_sized_new (NONCE_DIGITS);

  if (strnlen (nonce, NONCE_DIGITS + 1) != NONCE_DIGITS)
    return FALSE;
  g_string_append_len (expected, nonce, SIGNED_DIGITS);
  append_code (self, expected);
  return gnutls_memcmp (expected->str, nonce, NONCE_DIGITS) == 0;
}

/* Of one that is ours. */
static gint64
get_time_ms (const char *nonce)
{
  g_autofree char *digits = g_strndup (nonce, TIME_DIGITS);

  return (gint64)g_ascii_strtoull (digits, NULL, 16);
}

static PhNonceState
check_locked (PhNonces *self, const char *nonce, gint64 now_us)
{
  gint64 time_ms = is_ours (self, nonce) ? get_time_ms (nonce) : G_MININT64;

  if (time_ms <= self->shared.oldest_ms || now_us / 1000 - time_ms > self->lifetime_ms)
    return PH_NONCE_STALE;
  return PH_NONCE_FRESH;
}

PhNonceState
ph_nonces_check_any (PhNonces *self, const char *nonce, gint64 now_us)
{
  PhNonceState state;

  g_mutex_lock (&self->shared.lock);
  state = check_locked (self, nonce, now_us);
  g_mutex_unlock (&self->shared.lock);
  return state;
}

static void
forget_first_locked (PhNonces *self)
{
  char *nonce = g_queue_pop_head (&self->shared.order);

  self->shared.oldest_ms = MAX (self->shared.oldest_ms, get_time_ms (nonce));
  g_hash_table_remove (self->shared.used, nonce);
}

static Use *
ensure_use_locked (PhNonces *self, const char *nonce)
{
  Use *use = g_hash_table_lookup (self->shared.used, nonce);
  char *key = NULL;

  if (use != NULL)
    return use;
  if (g_hash_table_size (self->shared.used) >= self->max_used)
    forget_first_locked (self);
  use = g_new0 (Use, 1);
  key = g_strdup (nonce);
  g_hash_table_insert (self->shared.used, key, use);
  g_queue_push_tail (&self->shared.order, key);
  return use;
}

/* The window of RFC 4303, section 3.4.3. */
static gboolean
take_count (Use *use, guint32 count)
{
  guint32 step;

  if (count > use->highest) {
    step = count - use->highest;
    use->seen = step < WINDOW ? use->seen << step : 0;
    use->highest = count;
  }
  step = use->highest - count;
  if (count == 0 || step >= WINDOW || (use->seen >> step & 1) != 0)
    return FALSE;
  use->seen |= G_GUINT64_CONSTANT (1) << step;
  return TRUE;
}

PhNonceState
ph_nonces_use_any (PhNonces *self, const char *nonce, guint32 count, gint64 now_us)
{
  PhNonceState state;

  g_mutex_lock (&self->shared.lock);
  state = check_locked (self, nonce, now_us);
  if (state == PH_NONCE_FRESH && !take_count (ensure_use_locked (self, nonce), count))
    state = PH_NONCE_USED;
  g_mutex_unlock (&self->shared.lock);
  return state;
}
