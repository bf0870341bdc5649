/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/digest.h"

#include <string.h>

static char *
make_challenge (PhHash hash, const char *nonce, gboolean is_stale)
{
  return g_strdup_printf ("Digest realm=\"" PH_REALM "\", nonce=\"%s\", %salgorithm=%s, "
                          "qop=\"auth\", opaque=\"" PH_REALM "\", charset=UTF-8",
      nonce, is_stale ? "stale=true, " : "", ph_hash_get_name_any (hash));
}

char **
ph_digest_make_challenges_any (const char *nonce, gboolean is_stale, gboolean with_basic)
{
  g_autoptr (GStrvBuilder) challenges = g_strv_builder_new ();
  g_autofree char *sha256 = make_challenge (PH_HASH_SHA256, nonce, is_stale);
  g_autofree char *md5 = make_challenge (PH_HASH_MD5, nonce, is_stale);

  g_strv_builder_add (challenges, sha256);
  g_strv_builder_add (challenges, md5);
  if (with_basic)
    g_strv_builder_add (challenges, "Basic realm=\"" PH_REALM "\", charset=\"UTF-8\"");
  return g_strv_builder_end (challenges);
}

/* RFC 7616, section 3.4.1; without qop RFC 2069, section 2.1.2. */
static gboolean
is_response_of (const PhCredentials *c, const char *ha1, const char *ha2)
{
  g_autofree char *expected = NULL;

  if (c->qop != NULL)
    expected = ph_hash_join_any (c->hash, ha1, c->nonce, c->nc, c->cnonce, c->qop, ha2, NULL);
  else
    expected = ph_hash_join_any (c->hash, ha1, c->nonce, ha2, NULL);
  return ph_hash_is_equal_any (expected, c->response);
}

gboolean
ph_digest_is_right_any (const PhCredentials *credentials, const PhUser *user, const char *method)
{
  g_autofree char *ha2 = ph_hash_join_any (credentials->hash, method, credentials->uri, NULL);
  gboolean is_right = FALSE;

  if (user == NULL) {
    is_response_of (credentials, ha2, ha2);
    return FALSE;
  }
  for (guint i = 0; i < user->secrets->len; i++) {
    const PhUserSecret *secret = g_ptr_array_index (user->secrets, i);
    const char *ha1 = secret->hash[credentials->hash];

    if (ha1 != NULL && is_response_of (credentials, ha1, ha2))
      is_right = TRUE;
  }
  return is_right;
}

static const char *
skip_authority (const char *uri)
{
  const char *authority = strstr (uri, "://");

  /* One further on belongs to a query. */
  if (authority == NULL || strcspn (uri, "/?#") < (gsize)(authority - uri))
    return uri;
  authority += 3;
  return authority + strcspn (authority, "/?#");
}

static char *
decode (const char *text, gsize length)
{
  char *decoded = g_uri_unescape_segment (text, text + length, NULL);

  return decoded != NULL ? decoded : g_strndup (text, length);
}

static char *
make_path (const char *uri)
{
  const char *start = skip_authority (uri);
  gsize length = strcspn (start, "?#");

  while (length > 0 && start[length - 1] == '/')
    length--;
  return decode (start, length);
}

/* NULL: there is none. */
static char *
make_query (const char *uri)
{
  const char *mark = strchr (uri, '?');

  return mark != NULL ? decode (mark + 1, strcspn (mark + 1, "#")) : NULL;
}

static gboolean
is_within (const char *path, const char *outer)
{
  gsize length = strlen (outer);

  return length > 0 && strncmp (path, outer, length) == 0 &&
         (path[length] == '\0' || path[length] == '/');
}

gboolean
ph_digest_uri_fits_any (const char *credentials_uri, const char *request_uri, PhUriRule rule)
{
  g_autofree char *given = make_path (credentials_uri);
  g_autofree char *wanted = make_path (request_uri);
  g_autofree char *given_query = make_query (credentials_uri);
  g_autofree char *wanted_query = make_query (request_uri);

  if (strcmp (request_uri, "*") == 0)
    return TRUE;
  if (rule == PH_URI_WITHIN)
    return strcmp (given, wanted) == 0 || is_within (given, wanted) || is_within (wanted, given);
  return strcmp (given, wanted) == 0 &&
         (given_query == NULL || g_strcmp0 (given_query, wanted_query) == 0);
}
