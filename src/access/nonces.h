/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nonces for Digest (RFC 7616, sections 3.3 and 5.4). They are not kept: each holds the time it was
 * made and a message authentication code under a key of this process. So a nonce stays good when
 * its client comes back on another connection or by another protocol, and strangers that ask for
 * any number of nonces cost no memory. Any thread. */
#pragma once

#include <glib.h>

typedef struct _PhNonces PhNonces;

typedef enum {
  PH_NONCE_FRESH,
  PH_NONCE_STALE, /* too old, or of a Porthole that was stopped */
  PH_NONCE_USED /* with this count before */
} PhNonceState;

/* lifetime: seconds. max_used: nonces whose counts are remembered. */
PhNonces *ph_nonces_new (guint lifetime, guint max_used);
void ph_nonces_free (PhNonces *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhNonces, ph_nonces_free)

/* now_us: monotonic, of one clock in all calls. Hexadecimal digits; free with g_free. */
char *ph_nonces_make_any (PhNonces *self, gint64 now_us);
/* nonce may be anything. */
PhNonceState ph_nonces_check_any (PhNonces *self, const char *nonce, gint64 now_us);

/* The same, and each count is fresh only once. For requests of whom the password is known to be
 * right, so that only users take memory. Counts may come in any order, as parallel requests do, but
 * not more than 64 behind the highest. When there are more nonces in use than max_used, those made
 * before the one that is forgotten become stale. */
PhNonceState ph_nonces_use_any (PhNonces *self, const char *nonce, guint32 count, gint64 now_us);
