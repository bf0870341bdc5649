/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load/auth.h"

#include <string.h>

#define CLIENT_NONCE "0a4f113b"

/* Of key="value"; free with g_free. */
static char *
dup_parameter (const char *challenge, const char *key)
{
  g_autofree char *pattern = g_strdup_printf ("%s=\"([^\"]*)\"", key);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  return g_regex_match (regex, challenge, 0, &match) ? g_match_info_fetch (match, 1) : NULL;
}

static gboolean
is_usable (const char *line)
{
  return g_ascii_strncasecmp (line, "WWW-Authenticate: Digest", 24) == 0 &&
         (strstr (line, "algorithm=") == NULL || strstr (line, "algorithm=MD5") != NULL ||
             strstr (line, "algorithm=\"MD5\"") != NULL);
}

static char *
hash (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return g_compute_checksum_for_string (G_CHECKSUM_MD5, text, -1);
}

static char *
answer_challenge (
    const LoadLogin *login, const char *challenge, const char *method, const char *uri)
{
  g_autofree char *realm = dup_parameter (challenge, "realm");
  g_autofree char *nonce = dup_parameter (challenge, "nonce");
  gboolean has_qop = strstr (challenge, "qop=") != NULL;
  g_autofree char *who = hash ("%s:%s:%s", login->user, realm, login->password);
  g_autofree char *what = hash ("%s:%s", method, uri);
  g_autofree char *response =
      has_qop ? hash ("%s:%s:00000001:" CLIENT_NONCE ":auth:%s", who, nonce, what)
              : hash ("%s:%s:%s", who, nonce, what);

  return g_strdup_printf ("Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", "
                          "uri=\"%s\", response=\"%s\"%s\r\n",
      login->user, realm, nonce, uri, response,
      has_qop ? ", qop=auth, nc=00000001, cnonce=\"" CLIENT_NONCE "\"" : "");
}

char *
load_auth_make_header (
    const LoadLogin *login, const char *head, const char *method, const char *uri)
{
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);

  for (guint i = 0; login->user != NULL && lines[i] != NULL; i++)
    if (is_usable (lines[i]))
      return answer_challenge (login, lines[i], method, uri);
  return NULL;
}
