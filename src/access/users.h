/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who may log in: the users of the settings with their passwords resolved, as hashes only. One
 * immutable, reference-counted snapshot; reading needs no lock; any thread. */
#pragma once

#include "access/hash.h"
#include "config/config.h"

typedef struct _PhUsers PhUsers;

/* H (name:realm:password) of RFC 7616, section 3.4.2. */
typedef struct {
  char *hash[PH_N_HASHES]; /* NULL: not known */
} PhUserSecret;

typedef struct {
  char *name;
  PhRole role;
  GPtrArray *cameras; /* element-type GPatternSpec */
  /* element-type PhUserSecret. The first is the password's own; the others are of its
   * percent-encoded spellings, because some recorders pass on what stood in a URL as it stood
   * there. Known only where the password is. */
  GPtrArray *secrets;
} PhUser;

/* Reads password files and systemd credentials (porthole.user.NAME in $CREDENTIALS_DIRECTORY).
 * Blocks on the disk. NULL with PH_ERROR_SETTINGS, and in problems (nullable; element-type char *)
 * a sentence for each fault: a file that is missing, empty, or that everybody may read. */
PhUsers *ph_users_new (const PhConfig *config, GPtrArray **problems, GError **error);
PhUsers *ph_users_ref_any (PhUsers *self);
void ph_users_unref_any (PhUsers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhUsers, ph_users_unref_any)

gboolean ph_users_is_empty_any (const PhUsers *self);
/* Without users and anonymous cameras Porthole serves this machine only, and whoever is on it may
 * do everything. */
gboolean ph_users_is_open_any (const PhUsers *self);
/* NULL when there is none of this name; owned by self. name may be anything. */
const PhUser *ph_users_find_any (const PhUsers *self, const char *name);
/* Whether somebody on another machine may look at any camera without a password. */
gboolean ph_users_lets_strangers_look_any (const PhUsers *self);
/* Whether anybody may look at this camera without a password; camera NULL: at any of them. */
gboolean ph_users_is_anonymous_any (const PhUsers *self, const char *camera);

/* Whether passwords in clear are taken without TLS too. */
gboolean ph_users_allows_plain_basic_any (const PhUsers *self);

/* For a password in clear. user NULL: FALSE, after the same time. */
gboolean ph_user_has_password_any (const PhUser *user, const char *password);
gboolean ph_user_is_granted_any (const PhUser *user, const char *camera);
/* Differs when the password or the role did; free with g_free. */
char *ph_user_make_fingerprint_any (const PhUser *user);
/* Whether name is the same user in both, with the same password and role: who was let in by before
 * need not be asked again. Which cameras it may see is another question. */
gboolean ph_users_agree_any (const PhUsers *before, const PhUsers *now, const char *name);
