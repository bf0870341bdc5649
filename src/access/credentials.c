/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/credentials.h"

#include "base/error.h"
#include "base/secret-file.h"

#include <string.h>

#define MAX_NAME_BYTES 255
#define SPACE " \t"

/* RFC 9110, section 5.6.2 */
static gboolean
is_token_character (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

static PhCredentials *
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, PH_ERROR, PH_ERROR_FAILED, sentence);
  return NULL;
}

/* The text at *text, which is after a quote, up to the closing one. NULL: there is none. */
static char *
take_quoted (const char **text)
{
  g_autoptr (GString) value = g_string_new (NULL);
  const char *p = *text;

  for (; *p != '"'; p++) {
    if (*p == '\\' && p[1] != '\0')
      p++;
    if (*p == '\0')
      return NULL;
    g_string_append_c (value, *p);
  }
  *text = p + 1;
  return g_string_free (g_steal_pointer (&value), FALSE);
}

/* Values that should be quoted but are not may hold more than a token: "uri=/front". */
static char *
take_value (const char **text)
{
  gsize length;
  char *value;

  if (**text == '"') {
    (*text)++;
    return take_quoted (text);
  }
  length = strcspn (*text, "\"," SPACE);
  value = g_strndup (*text, length);
  *text += length;
  return value;
}

static char *
take_name (const char **text)
{
  gsize length = 0;
  char *name;

  while (is_token_character ((*text)[length]))
    length++;
  name = g_ascii_strdown (*text, length);
  *text += length;
  return name;
}

/* key -> value; NULL: malformed, or a key stands there twice. */
static GHashTable *
parse_parameters (const char *text)
{
  g_autoptr (GHashTable) parameters =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (text += strspn (text, SPACE ","); *text != '\0'; text += strspn (text, SPACE ",")) {
    g_autofree char *name = take_name (&text);
    g_autofree char *value = NULL;

    text += strspn (text, SPACE);
    if (*name == '\0' || *text != '=')
      return NULL;
    text++;
    text += strspn (text, SPACE);
    value = take_value (&text);
    if (value == NULL ||
        !g_hash_table_insert (parameters, g_steal_pointer (&name), g_steal_pointer (&value)))
      return NULL;
  }
  return g_steal_pointer (&parameters);
}

static char *
steal_parameter (GHashTable *parameters, const char *key)
{
  g_autofree char *stolen_key = NULL;
  char *value = NULL;

  g_hash_table_steal_extended (parameters, key, (gpointer *)&stolen_key, (gpointer *)&value);
  return value;
}

static gboolean
is_hexadecimal (const char *text, gsize length)
{
  return strlen (text) == length && strspn (text, "0123456789abcdefABCDEF") == length;
}

static gboolean
take_response (PhCredentials *self, GHashTable *parameters)
{
  g_autofree char *response = steal_parameter (parameters, "response");

  if (response == NULL)
    return FALSE;
  self->hash = strlen (response) == 64 ? PH_HASH_SHA256 : PH_HASH_MD5;
  self->response = g_ascii_strdown (response, -1);
  return is_hexadecimal (response, self->hash == PH_HASH_SHA256 ? 64 : 32);
}

/* The "-sess" variants are never offered. */
static gboolean
is_algorithm_known (GHashTable *parameters)
{
  g_autofree char *algorithm = steal_parameter (parameters, "algorithm");

  return algorithm == NULL || *algorithm == '\0' || g_ascii_strcasecmp (algorithm, "MD5") == 0 ||
         g_ascii_strcasecmp (algorithm, "SHA-256") == 0;
}

static gboolean
take_qop (PhCredentials *self, GHashTable *parameters)
{
  g_autofree char *qop = steal_parameter (parameters, "qop");

  if (qop == NULL || *qop == '\0')
    return TRUE;
  self->qop = g_steal_pointer (&qop);
  self->nc = steal_parameter (parameters, "nc");
  self->cnonce = steal_parameter (parameters, "cnonce");
  return g_ascii_strcasecmp (self->qop, "auth") == 0;
}

static PhCredentials *
parse_digest (const char *text, GError **error)
{
  g_autoptr (GHashTable) parameters = parse_parameters (text);
  g_autoptr (PhCredentials) self = g_new0 (PhCredentials, 1);

  if (parameters == NULL)
    return refuse (error, "malformed Digest parameters");
  self->is_digest = TRUE;
  self->name = steal_parameter (parameters, "username");
  self->realm = steal_parameter (parameters, "realm");
  self->nonce = steal_parameter (parameters, "nonce");
  self->uri = steal_parameter (parameters, "uri");
  if (!is_algorithm_known (parameters) || !take_qop (self, parameters)) {
    g_set_error_literal (
        error, PH_ERROR, PH_ERROR_UNSUPPORTED, "a Digest algorithm or qop that was not offered");
    return NULL;
  }
  if (self->name == NULL || self->realm == NULL || self->nonce == NULL || self->uri == NULL ||
      strlen (self->name) > MAX_NAME_BYTES)
    return refuse (error, "Digest without user name, realm, nonce or uri");
  if (!take_response (self, parameters))
    return refuse (error, "Digest without a proper response");
  if (self->qop != NULL &&
      (self->cnonce == NULL || self->nc == NULL || !is_hexadecimal (self->nc, 8)))
    return refuse (error, "Digest with qop but without a proper nc and cnonce");
  return g_steal_pointer (&self);
}

static gboolean
has_control_characters (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (g_ascii_iscntrl (text[i]))
      return TRUE;
  return FALSE;
}

/* RFC 7617, section 2.1: UTF-8 is what we ask for; what is none was meant as ISO 8859-1. */
static char *
decode_text (const char *bytes, gsize length)
{
  if (g_utf8_validate (bytes, length, NULL))
    return g_strndup (bytes, length);
  return g_convert (bytes, length, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
}

static PhCredentials *
parse_basic (const char *text, GError **error)
{
  gsize length = strcspn (text, SPACE);
  g_autofree char *encoded = g_strndup (text, length);
  g_autoptr (PhCredentials) self = g_new0 (PhCredentials, 1);
  char *decoded = NULL;

  if (text[length + strspn (text + length, SPACE)] != '\0' || length % 4 != 0 || length == 0 ||
      strspn (encoded, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") !=
          length)
    return refuse (error, "Basic without proper base64");
  g_base64_decode_inplace (encoded, &length);
  if (has_control_characters (encoded, length) || memchr (encoded, ':', length) == NULL) {
    explicit_bzero (encoded, length);
    return refuse (error, "Basic without a proper name and password");
  }
  decoded = decode_text (encoded, length);
  explicit_bzero (encoded, length);
  if (decoded == NULL)
    return refuse (error, "Basic without a proper name and password");
  self->name = g_strndup (decoded, strcspn (decoded, ":"));
  self->password = g_strdup (strchr (decoded, ':') + 1);
  ph_secret_free (decoded);
  if (strlen (self->name) > MAX_NAME_BYTES)
    return refuse (error, "Basic with a user name that is too long");
  return g_steal_pointer (&self);
}

static const char *
skip_scheme (const char *header, const char *scheme)
{
  gsize length = strlen (scheme);

  if (g_ascii_strncasecmp (header, scheme, length) != 0 || strspn (header + length, SPACE) == 0)
    return NULL;
  return header + length + strspn (header + length, SPACE);
}

PhCredentials *
ph_credentials_parse_any (const char *header, GError **error)
{
  gsize length = strnlen (header, PH_CREDENTIALS_MAX_LENGTH + 1);
  const char *rest;

  if (length > PH_CREDENTIALS_MAX_LENGTH)
    return refuse (error, "more than 4 KiB of credentials");
  header += strspn (header, SPACE);
  for (const char *p = header; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p) && *p != '\t')
      return refuse (error, "control characters in the credentials");
  if ((rest = skip_scheme (header, "Digest")) != NULL)
    return parse_digest (rest, error);
  if ((rest = skip_scheme (header, "Basic")) != NULL)
    return parse_basic (rest, error);
  g_set_error_literal (
      error, PH_ERROR, PH_ERROR_UNSUPPORTED, "another scheme than Basic and Digest");
  return NULL;
}

void
ph_credentials_free (PhCredentials *self)
{
  g_free (self->name);
  ph_secret_free (self->password);
  g_free (self->realm);
  g_free (self->nonce);
  g_free (self->uri);
  g_free (self->response);
  g_free (self->qop);
  g_free (self->nc);
  g_free (self->cnonce);
  g_free (self);
}

guint32
ph_credentials_get_count_any (const PhCredentials *self)
{
  return (guint32)g_ascii_strtoull (self->nc, NULL, 16);
}
