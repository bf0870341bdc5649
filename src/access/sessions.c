/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/sessions.h"

#include <gnutls/crypto.h>
#include <string.h>

#define ID_BYTES 24
#define ID_DIGITS 32

struct _PhSessions {
  PhSessionLimits limits;
  GHashTable *by_hash; /* SHA-256 of the id -> Session: to look for one does not tell how near a
                          guess was, and a dump of the memory has none to use */
};

typedef struct {
  char *name;
  char *fingerprint;
  gint64 opened_us;
  gint64 used_us;
} Session;

static void
free_session (gpointer data)
{
  Session *session = data;

  g_free (session->name);
  g_free (session->fingerprint);
  g_free (session);
}

PhSessions *
ph_sessions_new (const PhSessionLimits *limits)
{
  PhSessions *self = g_new0 (PhSessions, 1);

  self->limits = *limits;
  self->by_hash = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_session);
  return self;
}

void
ph_sessions_set_limits (PhSessions *self, const PhSessionLimits *limits)
{
  self->limits = *limits;
}

void
ph_sessions_free (PhSessions *self)
{
  g_hash_table_unref (self->by_hash);
  g_free (self);
}

static gboolean
is_over (PhSessions *self, const Session *session, gint64 now_us)
{
  return now_us - session->used_us >= self->limits.idle_s * G_TIME_SPAN_SECOND ||
         now_us - session->opened_us >= self->limits.lifetime_s * G_TIME_SPAN_SECOND;
}

/* Ends what is over, and the longest idle one of name while there are too many. */
static void
make_room (PhSessions *self, const char *name, gint64 now_us)
{
  GHashTableIter iter;
  Session *session;
  const char *hash;
  const char *idlest = NULL;
  gint64 idlest_us = G_MAXINT64;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->by_hash);
  while (g_hash_table_iter_next (&iter, (gpointer *)&hash, (gpointer *)&session)) {
    if (is_over (self, session, now_us)) {
      g_hash_table_iter_remove (&iter);
    } else if (strcmp (session->name, name) == 0) {
      n++;
      if (session->used_us < idlest_us) {
        idlest = hash;
        idlest_us = session->used_us;
      }
    }
  }
  if (n >= self->limits.max_per_user && idlest != NULL)
    g_hash_table_remove (self->by_hash, idlest);
}

static char *
make_id (void)
{
  guint8 bytes[ID_BYTES];
  char *id;

  gnutls_rnd (GNUTLS_RND_KEY, bytes, sizeof bytes);
  id = g_base64_encode (bytes, sizeof bytes); /* of three times eight: without "=" */
  explicit_bzero (bytes, sizeof bytes);
  return g_strdelimit (g_strdelimit (id, "+", '-'), "/", '_');
}

static char *
hash_id (const char *id)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, id, -1);
}

char *
ph_sessions_open (PhSessions *self, const PhUser *user, gint64 now_us)
{
  Session *session = g_new0 (Session, 1);
  char *id = make_id ();

  make_room (self, user->name, now_us);
  session->name = g_strdup (user->name);
  session->fingerprint = ph_user_make_fingerprint_any (user);
  session->opened_us = session->used_us = now_us;
  g_hash_table_insert (self->by_hash, hash_id (id), session);
  return id;
}

static gboolean
is_of (const Session *session, const PhUser *user)
{
  g_autofree char *fingerprint = user != NULL ? ph_user_make_fingerprint_any (user) : NULL;

  return fingerprint != NULL && ph_hash_is_equal_any (session->fingerprint, fingerprint);
}

const PhUser *
ph_sessions_find (PhSessions *self, const PhUsers *users, const char *id, gint64 now_us)
{
  g_autofree char *hash = strnlen (id, ID_DIGITS + 1) == ID_DIGITS ? hash_id (id) : NULL;
  Session *session = hash != NULL ? g_hash_table_lookup (self->by_hash, hash) : NULL;
  const PhUser *user = session != NULL ? ph_users_find_any (users, session->name) : NULL;

  if (session == NULL)
    return NULL;
  if (is_over (self, session, now_us) || !is_of (session, user)) {
    g_hash_table_remove (self->by_hash, hash);
    return NULL;
  }
  session->used_us = now_us;
  return user;
}

void
ph_sessions_close (PhSessions *self, const char *id)
{
  g_autofree char *hash = strnlen (id, ID_DIGITS + 1) == ID_DIGITS ? hash_id (id) : NULL;

  if (hash != NULL)
    g_hash_table_remove (self->by_hash, hash);
}

guint
ph_sessions_get_n (PhSessions *self)
{
  return g_hash_table_size (self->by_hash);
}
