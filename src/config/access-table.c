/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/tables.h"

#include "base/reader.h"
#include "config/access-config.h"

#include <gio/gio.h>
#include <string.h>

#define MAX_USERS 1000
#define MAX_PATTERNS 64
#define MAX_PROXIES 64

/* Short of what needs quoting in a header, a file name or a log line; ":" ends it in Basic. */
#define USER_NAME_PATTERN "^[A-Za-z0-9._@+-]+$"

#define USER_NAME_LENGTH 63

static const char *const roles[] = { "viewer", "admin", NULL };

static gboolean
is_network (const char *text)
{
  g_autoptr (GInetAddressMask) mask = g_inet_address_mask_new_from_string (text, NULL);

  return mask != NULL;
}

/* clang-format off */
#define AT(member) G_STRUCT_OFFSET (PhDigestConfig, member)
static const PhField digest_fields[] = {
  { "md5", PH_FIELD_TEXT, AT (md5), NULL, "MD5 of name:Porthole:password; most RTSP clients need it",
    PH_FIELD_PRIVATE, .pattern = "^[0-9a-fA-F]{32}$", .allowed = "32 hexadecimal digits" },
  { "sha256", PH_FIELD_TEXT, AT (sha256), NULL, "SHA-256 of name:Porthole:password",
    PH_FIELD_PRIVATE, .pattern = "^[0-9a-fA-F]{64}$", .allowed = "64 hexadecimal digits" },
  { NULL },
};
#undef AT

static const PhTable digest_table;

#define AT(member) G_STRUCT_OFFSET (PhUserConfig, member)
static const PhField user_fields[] = {
  { "name", PH_FIELD_TEXT, AT (name), NULL, "The user's name",
    PH_FIELD_REQUIRED, .max = USER_NAME_LENGTH, .pattern = USER_NAME_PATTERN,
    .allowed = PH_USER_NAME_ALLOWED },
  { "role", PH_FIELD_ENUM, AT (role), "\"viewer\"", "What the user may do: viewers look, admins may do everything",
    .choices = roles },
  { "cameras", PH_FIELD_TEXTS, AT (cameras), "[\"*\"]", "Cameras a viewer may see; \"*\" and \"?\" in a name stand for any characters",
    .max = MAX_PATTERNS, .pattern = "^[a-z0-9*?-]+$",
    .allowed = "a camera's name, in which \"*\" and \"?\" may stand for any characters" },
  { "password", PH_FIELD_TEXT, AT (password), NULL, "The password in clear; password_file or digest keep it out of this file",
    PH_FIELD_PRIVATE, .max = 255 },
  { "password_file", PH_FIELD_PATH, AT (password_file), NULL, "File with the password in its first line" },
  { "digest", PH_FIELD_TABLE, AT (digest), NULL, "Hashes of the password, as \"porthole user NAME\" makes them",
    .table = &digest_table },
  { NULL },
};
#undef AT

static const PhTable user_table;

#define AT(member) G_STRUCT_OFFSET (PhLimitsConfig, member)
static const PhField limits_fields[] = {
  { "connections", PH_FIELD_UINT, AT (connections), "2048", "Connections in all; whoever comes then is told to come later (503)",
    .min = 16, .max = 100000 },
  { "connections_per_peer", PH_FIELD_UINT, AT (connections_per_peer), "128", "Connections of one address, or one IPv6 /64; but not of this machine and of trusted proxies",
    .min = 4, .max = 100000 },
  { "viewers", PH_FIELD_UINT, AT (viewers), "1024", "Viewers of RTSP, MJPEG and endless MP4 in all; one more is refused (453 in RTSP, 503 in HTTP)",
    .min = 1, .max = 100000 },
  { "viewers_per_peer", PH_FIELD_UINT, AT (viewers_per_peer), "64", "Such viewers of one address, or one IPv6 /64; but not of this machine. One more is refused (453 in RTSP, 429 in HTTP)",
    .min = 1, .max = 100000 },
  { "request_time", PH_FIELD_UINT, AT (request_time), "20", "Time a request may take to come whole, its TLS handshake included",
    .min = 1, .max = 600, .unit = "seconds" },
  { NULL },
};
#undef AT

static const PhTable limits_table;

#define AT(member) G_STRUCT_OFFSET (PhAccessConfig, member)
static const PhField access_fields[] = {
  { "users", PH_FIELD_LIST, AT (users), "[]", "Who may look; without users Porthole listens on this machine only",
    .min = 0, .max = MAX_USERS, .table = &user_table },
  { "anonymous", PH_FIELD_BOOLEAN, AT (is_anonymous), "false", "Whether anybody may look at every camera without a password" },
  { "basic_over_plain", PH_FIELD_BOOLEAN, AT (basic_over_plain), "false", "Whether passwords in clear (Basic) are taken without TLS" },
  { "trusted_proxies", PH_FIELD_TEXTS, AT (trusted_proxies), "[]", "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed",
    .max = MAX_PROXIES, .is_allowed = is_network, .allowed = "an IP address or a network, like \"192.168.1.0/24\"" },
  { "failures", PH_FIELD_UINT, AT (failures), "10", "Wrong passwords from one address until it is banned",
    .min = 3, .max = 1000 },
  { "ban", PH_FIELD_UINT, AT (ban), "900", "How long an address is banned",
    .min = 1, .max = 604800, .unit = "seconds" },
  { "session_idle", PH_FIELD_UINT, AT (session_idle), "86400", "Time after which a browser that was not used must log in again",
    .min = 60, .max = 31536000, .unit = "seconds" },
  { "session_lifetime", PH_FIELD_UINT, AT (session_lifetime), "2592000", "Time after which a browser must log in again in any case",
    .min = 60, .max = 31536000, .unit = "seconds" },
  { "limits", PH_FIELD_TABLE, AT (limits), "{}", "What may be there at one time", .table = &limits_table },
  { NULL },
};
#undef AT

#define AT(member) G_STRUCT_OFFSET (PhTlsConfig, member)
static const PhField tls_fields[] = {
  { "certificate", PH_FIELD_PATH, AT (certificate), NULL, "PEM file with the certificate and those between it and its root; without it Porthole makes its own",
    .needs = "key" },
  { "key", PH_FIELD_PATH, AT (key), NULL, "PEM file with the certificate's private key",
    .needs = "certificate" },
  { NULL },
};
#undef AT
/* clang-format on */

gboolean
ph_user_config_is_name (const char *name)
{
  return strlen (name) <= USER_NAME_LENGTH &&
         g_regex_match_simple (USER_NAME_PATTERN, name, G_REGEX_DOLLAR_ENDONLY, 0);
}

static void
finish_digest (PhReader *reader, gpointer record)
{
  const PhDigestConfig *digest = record;

  if (digest->md5 == NULL && digest->sha256 == NULL)
    ph_reader_add_problem (
        reader, NULL, "found neither md5 nor sha256; allowed: one of them or both");
}

static void
finish_user (PhReader *reader, gpointer record)
{
  const PhUserConfig *user = record;
  guint n_given = (user->password != NULL) + (user->password_file != NULL) + (user->digest != NULL);

  if (n_given > 1)
    ph_reader_add_problem (
        reader, NULL, "found more than one of password, password_file and digest; allowed: one");
}

static void
finish_access (PhReader *reader, gpointer record)
{
  const PhAccessConfig *access = record;
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < access->users->len; i++) {
    const PhUserConfig *user = g_ptr_array_index (access->users, i);
    g_autofree char *key = g_strdup_printf ("users[%u].name", i);

    if (user->name != NULL && !g_hash_table_add (names, user->name))
      ph_reader_add_problem (
          reader, key, "found \"%s\" for a second user; allowed: a name of its own", user->name);
  }
}

static const PhTable digest_table = {
  .name = "digest",
  .help = "Hashes of a user's password, as Digest access authentication uses them. Who knows them "
          "can log in",
  .size = sizeof (PhDigestConfig),
  .fields = digest_fields,
  .finish = finish_digest,
};

static const PhTable user_table = {
  .name = "user",
  .help = "Somebody who may look. One of password, password_file and digest says the password, or "
          "the systemd credential porthole.user.NAME does",
  .size = sizeof (PhUserConfig),
  .fields = user_fields,
  .finish = finish_user,
};

static const PhTable limits_table = {
  .name = "limits",
  .help =
      "What may be there at one time, of RTSP and HTTP together, so that nobody takes the share "
      "of the others",
  .size = sizeof (PhLimitsConfig),
  .fields = limits_fields,
};

const PhTable ph_access_table = {
  .name = "access",
  .help = "Who may look, for RTSP and HTTP alike",
  .size = sizeof (PhAccessConfig),
  .fields = access_fields,
  .finish = finish_access,
};

const PhTable ph_tls_table = {
  .name = "tls",
  .help = "The certificate of HTTPS and of RTSP over TLS; it is read again when its file changes",
  .size = sizeof (PhTlsConfig),
  .fields = tls_fields,
};
