/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/ended.h"

typedef struct {
  PhEnded *owner;
  PhCamera *camera;
  guint timer;
} Entry;

struct _PhEnded {
  PhEndedForget forget;
  gpointer user_data;
  GPtrArray *list; /* element-type Entry, the newest last */
};

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  g_clear_handle_id (&entry->timer, g_source_remove);
  g_object_unref (entry->camera);
  g_free (entry);
}

PhEnded *
ph_ended_new (PhEndedForget forget, gpointer user_data)
{
  PhEnded *self = g_new0 (PhEnded, 1);

  self->forget = forget;
  self->user_data = user_data;
  self->list = g_ptr_array_new_with_free_func (free_entry);
  return self;
}

void
ph_ended_free (PhEnded *self)
{
  g_ptr_array_unref (self->list);
  g_free (self);
}

static gboolean
on_timer (gpointer user_data)
{
  Entry *entry = user_data;
  PhEnded *self = entry->owner;
  g_autoptr (PhCamera) camera = g_object_ref (entry->camera);

  entry->timer = 0;
  g_ptr_array_remove (self->list, entry);
  self->forget (camera, self->user_data);
  return G_SOURCE_REMOVE;
}

void
ph_ended_add (PhEnded *self, PhCamera *camera, guint seconds)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->owner = self;
  entry->camera = g_object_ref (camera);
  entry->timer = g_timeout_add_seconds (seconds, on_timer, entry);
  g_ptr_array_add (self->list, entry);
}

PhCamera *
ph_ended_find (PhEnded *self, const char *name)
{
  for (guint i = self->list->len; i > 0; i--) {
    const Entry *entry = g_ptr_array_index (self->list, i - 1);

    if (g_str_equal (ph_camera_get_config (entry->camera)->name, name))
      return entry->camera;
  }
  return NULL;
}

gboolean
ph_ended_has_feed (PhEnded *self, PhFeed *feed)
{
  for (guint i = 0; i < self->list->len; i++) {
    const Entry *entry = g_ptr_array_index (self->list, i);

    for (guint j = 0; j < ph_camera_get_n_feeds (entry->camera); j++)
      if (ph_camera_get_feed (entry->camera, j) == feed)
        return TRUE;
  }
  return FALSE;
}
