/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/watch.h"

#include <gio/gio.h>
#include <stdlib.h>

#define MOST_SETTLING 5

struct _PhConfigWatch {
  guint settle_ms;
  PhConfigWatchFunc changed;
  gpointer user_data;
  GHashTable *monitors; /* path -> GFileMonitor */
  guint settle_source;
  gint64 first_us; /* when the first change came that was not told yet, monotonic */
};

static gboolean
on_settled (gpointer user_data)
{
  PhConfigWatch *self = user_data;

  self->settle_source = 0;
  self->changed (self->user_data);
  return G_SOURCE_REMOVE;
}

static void
on_file_changed (
    GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer user_data)
{
  PhConfigWatch *self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  gint64 left_ms;

  if (self->settle_source == 0)
    self->first_us = now_us;
  left_ms = MOST_SETTLING * self->settle_ms - (now_us - self->first_us) / 1000;
  g_clear_handle_id (&self->settle_source, g_source_remove);
  self->settle_source = g_timeout_add (CLAMP (left_ms, 0, self->settle_ms), on_settled, self);
}

static void
free_monitor (gpointer monitor)
{
  g_file_monitor_cancel (monitor);
  g_object_unref (monitor);
}

PhConfigWatch *
ph_config_watch_new (guint settle_ms, PhConfigWatchFunc changed, gpointer user_data)
{
  PhConfigWatch *self = g_new0 (PhConfigWatch, 1);

  self->settle_ms = settle_ms;
  self->changed = changed;
  self->user_data = user_data;
  self->monitors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_monitor);
  return self;
}

void
ph_config_watch_free (PhConfigWatch *self)
{
  g_clear_handle_id (&self->settle_source, g_source_remove);
  g_hash_table_unref (self->monitors);
  g_free (self);
}

static GFileMonitor *
try_watch (PhConfigWatch *self, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  GFileMonitor *monitor = g_file_monitor (file, G_FILE_MONITOR_NONE, NULL, &error);

  if (monitor == NULL) {
    g_debug ("%s is not watched: %s", path, error->message);
    return NULL;
  }
  g_file_monitor_set_rate_limit (monitor, self->settle_ms / 2);
  g_signal_connect (monitor, "changed", G_CALLBACK (on_file_changed), self);
  return monitor;
}

/* One that is watched already goes on to be: what changes meanwhile is not missed. */
static void
carry_over (PhConfigWatch *self, const char *path, GHashTable *monitors)
{
  char *key = NULL;
  GFileMonitor *monitor = NULL;

  if (g_hash_table_contains (monitors, path))
    return;
  if (!g_hash_table_steal_extended (self->monitors, path, (gpointer *)&key, (gpointer *)&monitor)) {
    key = g_strdup (path);
    monitor = try_watch (self, path);
  }
  if (monitor != NULL)
    g_hash_table_insert (monitors, key, monitor);
  else
    g_free (key);
}

/* Of a link both it and what it leads to may become another. */
void
ph_config_watch_set_paths (PhConfigWatch *self, GPtrArray *paths)
{
  GHashTable *monitors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_monitor);

  for (guint i = 0; i < paths->len; i++) {
    const char *path = g_ptr_array_index (paths, i);
    g_autofree char *resolved = realpath (path, NULL);

    carry_over (self, path, monitors);
    if (resolved != NULL)
      carry_over (self, resolved, monitors);
  }
  g_hash_table_unref (self->monitors);
  self->monitors = monitors;
}
