/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/users.h"

#include "base/error.h"
#include "base/secret-file.h"

struct _PhUsers {
  GHashTable *by_name; /* PhUser's own name -> PhUser */
  gboolean is_anonymous;
  gboolean is_for_others; /* it is not this machine alone that is heard */
  gboolean allows_plain_basic;
  GHashTable *anonymous_cameras; /* set of char * */
};

static void
free_secret (gpointer data)
{
  PhUserSecret *secret = data;

  for (guint i = 0; i < PH_N_HASHES; i++)
    ph_secret_free (secret->hash[i]);
  g_free (secret);
}

static void
free_user (gpointer data)
{
  PhUser *user = data;

  g_free (user->name);
  g_ptr_array_unref (user->cameras);
  g_ptr_array_unref (user->secrets);
  g_free (user);
}

static void
add_secret (PhUser *user, const char *password)
{
  PhUserSecret *secret = g_new0 (PhUserSecret, 1);

  for (guint i = 0; i < PH_N_HASHES; i++)
    secret->hash[i] = ph_hash_password_any (i, user->name, password);
  g_ptr_array_add (user->secrets, secret);
}

/* All reserved characters encoded, as Python and Go do; all but what encodeURIComponent leaves; all
 * but what RFC 3986 lets stand in userinfo. */
static void
add_spellings (PhUser *user, const char *password)
{
  const char *const left_alone[] = { NULL, "!'()*", "!$&'()*+,;=" };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_hash_table_add (seen, g_strdup (password));
  add_secret (user, password);
  for (gsize i = 0; i < G_N_ELEMENTS (left_alone); i++) {
    char *spelling = g_uri_escape_string (password, left_alone[i], FALSE);

    if (!g_hash_table_contains (seen, spelling))
      add_secret (user, spelling);
    g_hash_table_add (seen, spelling);
  }
}

static void
add_hashes (PhUser *user, const PhDigestConfig *digest)
{
  PhUserSecret *secret = g_new0 (PhUserSecret, 1);

  if (digest->md5 != NULL)
    secret->hash[PH_HASH_MD5] = g_ascii_strdown (digest->md5, -1);
  if (digest->sha256 != NULL)
    secret->hash[PH_HASH_SHA256] = g_ascii_strdown (digest->sha256, -1);
  g_ptr_array_add (user->secrets, secret);
}

static gboolean
read_password (PhUser *user, const PhUserConfig *config, GError **error)
{
  g_autofree char *credential = g_strconcat ("porthole.user.", config->name, NULL);
  g_autofree char *file = config->password_file != NULL
                              ? g_strdup (config->password_file)
                              : ph_secret_file_find_credential (credential);
  char *password = NULL;

  if (file == NULL) {
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
        "found no password; allowed: password, password_file, digest, or a systemd credential "
        "porthole.user.%s",
        config->name);
    return FALSE;
  }
  password = ph_secret_file_read_line (file, error);
  if (password == NULL) {
    g_prefix_error (error, "%s ", file);
    return FALSE;
  }
  add_spellings (user, password);
  ph_secret_free (password);
  return TRUE;
}

static gboolean
resolve (PhUser *user, const PhUserConfig *config, GError **error)
{
  if (config->password != NULL)
    add_spellings (user, config->password);
  else if (config->digest != NULL)
    add_hashes (user, config->digest);
  else
    return read_password (user, config, error);
  return TRUE;
}

static PhUser *
make_user (const PhUserConfig *config, GError **error)
{
  PhUser *user = g_new0 (PhUser, 1);

  user->name = g_strdup (config->name);
  user->role = config->role;
  user->cameras = g_ptr_array_new_with_free_func ((GDestroyNotify)g_pattern_spec_free);
  user->secrets = g_ptr_array_new_with_free_func (free_secret);
  for (char **pattern = config->cameras; *pattern != NULL; pattern++)
    g_ptr_array_add (user->cameras, g_pattern_spec_new (*pattern));
  if (resolve (user, config, error))
    return user;
  free_user (user);
  return NULL;
}

static void
add_users (PhUsers *self, const PhConfig *config, GPtrArray *problems)
{
  gboolean has_secrets = FALSE;

  for (guint i = 0; i < config->access->users->len; i++) {
    const PhUserConfig *user_config = g_ptr_array_index (config->access->users, i);
    g_autoptr (GError) error = NULL;
    PhUser *user = make_user (user_config, &error);

    has_secrets |= user_config->password != NULL || user_config->digest != NULL;
    if (user != NULL)
      g_hash_table_insert (self->by_name, user->name, user);
    else
      g_ptr_array_add (problems,
          g_strdup_printf ("%s: access.users[%u]: %s",
              config->file != NULL ? config->file : "built-in settings", i, error->message));
  }
  if (has_secrets && config->file != NULL) {
    g_autoptr (GError) error = NULL;

    if (!ph_secret_file_check (config->file, &error))
      g_ptr_array_add (problems, g_strdup_printf ("%s: %s", config->file, error->message));
  }
}

PhUsers *
ph_users_new (const PhConfig *config, GPtrArray **problems, GError **error)
{
  g_autoptr (PhUsers) self = g_atomic_rc_box_new0 (PhUsers);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_user);
  self->anonymous_cameras = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->is_anonymous = config->access->is_anonymous;
  self->is_for_others = ph_config_is_for_others (config);
  self->allows_plain_basic = config->access->basic_over_plain;
  for (guint i = 0; i < config->cameras->len; i++) {
    const PhCameraConfig *camera = g_ptr_array_index (config->cameras, i);

    if (camera->is_anonymous)
      g_hash_table_add (self->anonymous_cameras, g_strdup (camera->name));
  }
  add_users (self, config, found);
  if (problems != NULL)
    *problems = g_ptr_array_ref (found);
  if (found->len == 0)
    return g_steal_pointer (&self);
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
      "the users in the settings cannot be used: %u %s", found->len,
      found->len == 1 ? "problem" : "problems");
  return NULL;
}

PhUsers *
ph_users_ref_any (PhUsers *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_users (gpointer data)
{
  PhUsers *self = data;

  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->anonymous_cameras);
}

void
ph_users_unref_any (PhUsers *self)
{
  g_atomic_rc_box_release_full (self, clear_users);
}

gboolean
ph_users_is_empty_any (const PhUsers *self)
{
  return g_hash_table_size (self->by_name) == 0;
}

gboolean
ph_users_is_open_any (const PhUsers *self)
{
  return ph_users_is_empty_any (self) && !ph_users_is_anonymous_any (self, NULL);
}

const PhUser *
ph_users_find_any (const PhUsers *self, const char *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

gboolean
ph_users_lets_strangers_look_any (const PhUsers *self)
{
  return self->is_for_others && ph_users_is_anonymous_any (self, NULL);
}

gboolean
ph_users_is_anonymous_any (const PhUsers *self, const char *camera)
{
  if (camera == NULL)
    return self->is_anonymous || g_hash_table_size (self->anonymous_cameras) > 0;
  return self->is_anonymous || g_hash_table_contains (self->anonymous_cameras, camera);
}

gboolean
ph_users_allows_plain_basic_any (const PhUsers *self)
{
  return self->allows_plain_basic;
}

static gboolean
has_password (const PhUser *user, const char *password)
{
  const PhUserSecret *secret = g_ptr_array_index (user->secrets, 0);
  PhHash hash = secret->hash[PH_HASH_SHA256] != NULL ? PH_HASH_SHA256 : PH_HASH_MD5;
  g_autofree char *given = ph_hash_password_any (hash, user->name, password);

  return ph_hash_is_equal_any (secret->hash[hash], given);
}

gboolean
ph_user_has_password_any (const PhUser *user, const char *password)
{
  g_autofree char *decoded = g_uri_unescape_string (password, NULL);

  if (user == NULL) {
    g_free (ph_hash_password_any (PH_HASH_SHA256, "", password));
    return FALSE;
  }
  return has_password (user, password) || (decoded != NULL && has_password (user, decoded));
}

gboolean
ph_user_is_granted_any (const PhUser *user, const char *camera)
{
  if (user->role == PH_ROLE_ADMIN)
    return TRUE;
  for (guint i = 0; i < user->cameras->len; i++)
    if (g_pattern_spec_match_string (g_ptr_array_index (user->cameras, i), camera))
      return TRUE;
  return FALSE;
}

char *
ph_user_make_fingerprint_any (const PhUser *user)
{
  const PhUserSecret *secret = g_ptr_array_index (user->secrets, 0);
  const char *hash = secret->hash[PH_HASH_SHA256] != NULL ? secret->hash[PH_HASH_SHA256]
                                                          : secret->hash[PH_HASH_MD5];

  return ph_hash_join_any (
      PH_HASH_SHA256, user->role == PH_ROLE_ADMIN ? "admin" : "viewer", user->name, hash, NULL);
}

gboolean
ph_users_agree_any (const PhUsers *before, const PhUsers *now, const char *name)
{
  const PhUser *old = ph_users_find_any (before, name);
  const PhUser *new = ph_users_find_any (now, name);
  g_autofree char *old_fingerprint = NULL;
  g_autofree char *new_fingerprint = NULL;

  if (before == now)
    return TRUE;
  if (old == NULL || new == NULL)
    return FALSE;
  old_fingerprint = ph_user_make_fingerprint_any (old);
  new_fingerprint = ph_user_make_fingerprint_any (new);
  return ph_hash_is_equal_any (old_fingerprint, new_fingerprint);
}
