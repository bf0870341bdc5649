/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/link-path.h"

#include <string.h>

#define MARK "/link/"

gboolean
ph_link_path_split_any (const char *path, char **token, char **plain)
{
  gsize name_length = *path == '/' ? strcspn (path + 1, "/") : 0;
  const char *mark = path + 1 + name_length;
  const char *begin = mark + strlen (MARK);
  const char *end;

  if (name_length == 0 || !g_str_has_prefix (mark, MARK))
    return FALSE;
  end = strchr (begin, '/');
  if (end == NULL)
    end = begin + strlen (begin);
  if (token != NULL)
    *token = g_strndup (begin, end - begin);
  if (plain != NULL)
    *plain = g_strdup_printf ("%.*s%s", (int)(mark - path), path, end);
  return TRUE;
}

char *
ph_link_path_make_any (const char *camera, const char *token, const char *file)
{
  return g_strconcat ("/", camera, MARK, token, "/", file, NULL);
}

char *
ph_link_path_redact_any (const char *encoded)
{
  g_autofree char *path = encoded != NULL ? g_uri_unescape_string (encoded, NULL) : NULL;
  g_autofree char *token = NULL;
  g_autofree char *plain = NULL;
  const char *after_name;

  if (path == NULL)
    return g_strdup ("?");
  if (!ph_link_path_split_any (path, &token, &plain))
    return g_strescape (path, NULL);
  after_name = plain + 1 + strcspn (plain + 1, "/");
  g_free (path);
  path = g_strdup_printf ("%.*s" MARK "…%s", (int)(after_name - plain), plain, after_name);
  return g_strescape (path, "\342\200\246");
}
