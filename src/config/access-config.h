/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the settings say about who may look, after checking. Plain data, immutable once loaded; any
 * thread. Passwords are resolved by access/users.h. */
#pragma once

#include <glib.h>

typedef enum { PH_ROLE_VIEWER, PH_ROLE_ADMIN } PhRole;

/* H (name:realm:password) of RFC 7616, section 3.4.2, in hexadecimal; one of them may be NULL. */
typedef struct {
  char *md5;
  char *sha256;
} PhDigestConfig;

typedef struct {
  char *name; /* of A-Z, a-z, 0-9 and "._@+-" */
  PhRole role;
  char **cameras; /* patterns of camera names with "*" and "?"; never NULL */
  /* At most one of these; none: a systemd credential. */
  char *password;
  char *password_file; /* absolute */
  PhDigestConfig *digest;
} PhUserConfig;

/* Whether name may be a user's; any text. */
gboolean ph_user_config_is_name (const char *name);
#define PH_USER_NAME_ALLOWED \
  "1 to 63 of the characters A-Z, a-z, 0-9, \".\", \"_\", \"@\", \"+\" and \"-\""

/* What may be there at one time, for RTSP and HTTP together. */
typedef struct {
  guint connections;
  guint connections_per_peer;
  guint viewers;
  guint viewers_per_peer;
  guint request_time; /* seconds until a request has come whole */
} PhLimitsConfig;

typedef struct {
  GPtrArray *users; /* element-type PhUserConfig; names unique */
  gboolean is_anonymous; /* anybody may look at every camera */
  gboolean basic_over_plain; /* passwords are taken without TLS too */
  char **trusted_proxies; /* addresses and networks; never NULL */
  guint failures; /* wrong passwords of one peer until it is banned */
  guint ban; /* seconds */
  guint session_idle; /* seconds */
  guint session_lifetime; /* seconds */
  PhLimitsConfig *limits;
} PhAccessConfig;

typedef struct {
  char *certificate; /* PEM file, absolute; NULL: Porthole makes its own */
  char *key; /* the same; both or neither */
} PhTlsConfig;
