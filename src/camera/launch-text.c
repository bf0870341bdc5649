/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/launch-text.h"

#include "base/error.h"

#include <gst/video/video.h>
#include <string.h>

/* The lexer of gst_parse_launch() takes the longest match, and in it a backslash in front of the
 * closing quote reads as an escaped quote too: the value would go on up to the next quote of the
 * text. There is no spelling for such a value, nor for a newline, so they are refused. */
static gboolean
can_be_quoted (const char *value)
{
  gsize length = strlen (value);

  if (!g_utf8_validate (value, length, NULL) || g_str_has_suffix (value, "\\"))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (g_ascii_iscntrl (value[i]))
      return FALSE;
  return TRUE;
}

static char *
escape (const char *value)
{
  GString *text = g_string_new ("\"");

  for (; *value != '\0'; value++) {
    if (*value == '"' || *value == '\\')
      g_string_append_c (text, '\\');
    g_string_append_c (text, *value);
  }
  return g_string_free (g_string_append_c (text, '"'), FALSE);
}

char *
ph_launch_quote (const char *value, GError **error)
{
  if (!can_be_quoted (value)) {
    g_set_error_literal (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
        "control characters, a backslash at the end and text that is not UTF-8 cannot stand in a "
        "pipeline");
    return NULL;
  }
  /* GStreamer reads a string NULL as no string, and takes off one more pair of quotes. */
  if (g_str_equal (value, "NULL") || *value == '"') {
    g_autofree char *inner = escape (value);

    return escape (inner);
  }
  return escape (value);
}

gboolean
ph_launch_append_property (GString *text, const char *name, const char *value, GError **error)
{
  g_autofree char *quoted = ph_launch_quote (value, error);

  if (quoted == NULL)
    return FALSE;
  g_string_append_printf (text, " %s=%s", name, quoted);
  return TRUE;
}

char *
ph_launch_framerate (double framerate)
{
  int n, d;

  /* Knows the 1001s of television, which 29.97 does not say exactly. */
  if (!gst_video_guess_framerate ((GstClockTime)(GST_SECOND / framerate), &n, &d))
    gst_util_double_to_fraction (framerate, &n, &d);
  return g_strdup_printf ("%d/%d", n, d);
}

/* Words end at white space outside of double quotes, as gst-launch-1.0 sees them. */
static const char *
find_end_of_word (const char *text)
{
  gboolean is_quoted = FALSE;
  const char *end = text;

  for (; *end != '\0' && (is_quoted || !g_ascii_isspace (*end)); end++) {
    if (*end == '\\' && end[1] != '\0')
      end++;
    else if (*end == '"')
      is_quoted = !is_quoted;
  }
  return end;
}

static gboolean
needs_shell_quotes (const char *word)
{
  return word[strspn (word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                            "%+,-./:=@_")] != '\0';
}

char *
ph_launch_to_shell (const char *text)
{
  GString *line = g_string_new (NULL);

  for (text += strspn (text, " \t\n"); *text != '\0'; text += strspn (text, " \t\n")) {
    const char *end = find_end_of_word (text);
    g_autofree char *word = g_strndup (text, end - text);
    g_autofree char *quoted = needs_shell_quotes (word) && !g_str_equal (word, "!")
                                  ? g_shell_quote (word)
                                  : g_strdup (word);

    if (line->len > 0)
      g_string_append_c (line, ' ');
    g_string_append (line, quoted);
    text = end;
  }
  return g_string_free (line, FALSE);
}
