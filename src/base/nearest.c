/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/nearest.h"

#include <string.h>

#define MAX_LENGTH 32

static char
fold (char c)
{
  return c == '-' ? '_' : g_ascii_tolower (c);
}

/* Letters to insert, remove, replace or swap with their neighbour: optimal string alignment. GLib
 * and json-glib have no such function. */
static guint
measure_distance (const char *a, const char *b)
{
  guint row[3][MAX_LENGTH + 1] = { 0 };
  gsize n_a = strlen (a), n_b = strlen (b);
  guint *before = row[0], *last = row[1], *now = row[2];

  for (gsize j = 0; j <= n_b; j++)
    last[j] = j;
  for (gsize i = 1; i <= n_a; i++) {
    guint *recycled = before;

    now[0] = i;
    for (gsize j = 1; j <= n_b; j++) {
      gboolean differs = fold (a[i - 1]) != fold (b[j - 1]);

      now[j] = MIN (MIN (last[j] + 1, now[j - 1] + 1), last[j - 1] + differs);
      if (i > 1 && j > 1 && fold (a[i - 1]) == fold (b[j - 2]) &&
          fold (a[i - 2]) == fold (b[j - 1]))
        now[j] = MIN (now[j], before[j - 2] + 1);
    }
    before = last;
    last = now;
    now = recycled;
  }
  return last[n_b];
}

static gboolean
is_beginning (const char *text, const char *word)
{
  gsize n = MIN (strlen (text), strlen (word));

  return n >= 3 && g_ascii_strncasecmp (text, word, n) == 0;
}

const char *
ph_nearest_word (const char *text, const char *const *words)
{
  const char *nearest = NULL;
  guint smallest = G_MAXUINT;

  if (strlen (text) > MAX_LENGTH)
    return NULL;
  for (gsize i = 0; words[i] != NULL; i++) {
    guint allowed = MAX (1, MIN (strlen (text), strlen (words[i])) / 3);
    guint distance = G_MAXUINT;

    if (strlen (words[i]) <= MAX_LENGTH)
      distance = measure_distance (text, words[i]);
    if (distance > allowed && is_beginning (text, words[i]))
      distance = allowed;
    if (distance <= allowed && distance < smallest) {
      smallest = distance;
      nearest = words[i];
    }
  }
  return nearest;
}
