/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/log.h"

#include <stdio.h>
#include <unistd.h>

typedef struct {
  GLogLevelFlags level;
  int priority; /* sd-daemon(3) */
  const char *word;
} LevelName;

static const LevelName levels[] = {
  { G_LOG_LEVEL_ERROR, 3, "error: " },
  { G_LOG_LEVEL_CRITICAL, 3, "error: " },
  { G_LOG_LEVEL_WARNING, 4, "warning: " },
  { G_LOG_LEVEL_MESSAGE, 5, "" },
  { G_LOG_LEVEL_INFO, 6, "" },
  { G_LOG_LEVEL_DEBUG, 7, "" },
};

static const char *
find_field (const GLogField *fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_strcmp0 (fields[i].key, key) == 0)
      return fields[i].value;
  return NULL;
}

static const LevelName *
find_level (GLogLevelFlags level)
{
  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++)
    if ((level & levels[i].level) != 0)
      return &levels[i];
  return &levels[G_N_ELEMENTS (levels) - 1];
}

static GLogWriterOutput
write_line_any (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer is_journal)
{
  const LevelName *name = find_level (level);
  const char *domain = find_field (fields, n_fields, "GLIB_DOMAIN");
  const char *message = find_field (fields, n_fields, "MESSAGE");
  g_autoptr (GString) line = g_string_new (NULL);

  if (g_log_writer_default_would_drop (level, domain))
    return G_LOG_WRITER_HANDLED;
  if (GPOINTER_TO_INT (is_journal)) {
    g_string_append_printf (line, "<%d>", name->priority);
  } else {
    g_autoptr (GDateTime) now = g_date_time_new_now_local ();
    g_autofree char *time_of_day = g_date_time_format (now, "%H:%M:%S ");
    g_string_append (line, time_of_day);
  }
  g_string_append_printf (
      line, "%s: %s%s\n", domain != NULL ? domain : "porthole", name->word, message);
  (void)!write (STDERR_FILENO, line->str, line->len);
  return G_LOG_WRITER_HANDLED;
}

void
ph_log_init (gboolean is_verbose)
{
  gboolean is_journal = g_log_writer_is_journald (STDERR_FILENO);

  if (is_verbose)
    g_log_set_debug_enabled (TRUE);
  g_log_set_writer_func (write_line_any, GINT_TO_POINTER (is_journal), NULL);
}
