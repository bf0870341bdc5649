/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is remembered of one name and one family of addresses, also over a crash or a restart: what
 * the provider has taken, what it said last, and how long it must be left alone. Plain data; the
 * rules are in remote/ddns-rules.h. All times are seconds since 1970. Main thread. */
#pragma once

#include "remote/ddns-account.h"
#include "remote/ddns-answer.h"

typedef struct {
  char *wanted; /* the address to be published; NULL: there is none */
  char *accepted; /* the one the provider took last; nullable */
  gint64 accepted_at;
  char *record; /* what the provider calls it, where that has to be asked for; nullable */
  gboolean is_contradicted; /* DNS has kept saying something else */

  gboolean has_verdict; /* the provider was asked at least once */
  PhDdnsVerdict verdict; /* of the last answer */
  char *answer; /* in words; nullable */
  gint64 answered_at;

  gboolean is_stopped; /* until the user does something */
  gint64 not_before; /* own patience; the user may cut it short */
  gint64 limit_until; /* what the provider demands; nobody cuts it short */
  gint64 no_refresh_until;
  guint n_failures; /* calls in a row without success */
  guint n_too_many; /* HTTP 429 in a row */
  guint n_abuse; /* "abuse" in a row */
  guint n_unchanged; /* "nochg" in a row */
  GArray *asked; /* gint64, times of the calls of the last day, the oldest first */
  GArray *changed; /* gint64, times of the updates of the last hour */
  gint64 look_at; /* when DNS is asked next whether it has what was published */
  gint64 looked_at; /* when it last told; 0: not yet */
  char *resolved; /* what it told: addresses, spaces between; "": none; nullable: not yet */
  char *look_error; /* why it could not tell the last time; nullable */
  gint64 differs_since; /* from what was published; 0: it does not */
  gint64 contradicted_at; /* when that had lasted for so long that it was sent again */
  gint64 saved_at;

  guint64 n_answers[PH_N_DDNS_VERDICTS]; /* since this was loaded: not kept on the disk */
} PhDdnsState;

PhDdnsState *ph_ddns_state_new (void);
void ph_ddns_state_free (PhDdnsState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDdnsState, ph_ddns_state_free)

/* Forgets what DNS told, which says nothing of an address that has just been published. */
void ph_ddns_state_forget_dns (PhDdnsState *self);

/* What folder remembers of account and family: nothing when the provider, the user or the name has
 * changed; all but that it was stopped and has to wait when the password has. A file that cannot be
 * read counts as none, with a warning. Never NULL. Blocks on the disk. */
PhDdnsState *ph_ddns_state_load (const char *folder, const PhDdnsAccount *account, PhFamily family);

/* Whole or not at all, and on the disk when it returns (see ph_state_write()). now is kept as
 * saved_at. Errors: PH_ERROR_UNAVAILABLE. */
gboolean ph_ddns_state_save (PhDdnsState *self, const char *folder, const PhDdnsAccount *account,
    PhFamily family, gint64 now, GError **error);
