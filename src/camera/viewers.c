/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/viewers.h"

#include "base/mailbox.h"
#include "camera/allowance.h"

#define MAX_NEWS 1024

struct _PhViewer {
  PhViewers *viewers; /* outlives it while it is listed */
  PhViewerInfo info;
  gboolean is_outside;
  PhViewerCounts counts; /* atomic each */
  const PhViewerServer *server;
  gpointer data;
};

typedef struct {
  PhViewer *viewer;
  gboolean is_here;
} News;

struct _PhViewers {
  GMutex lock;
  GQueue list; /* element-type PhViewer, under the lock */
  guint64 last_id; /* the same */
  GPtrArray *home; /* nullable; the same: element-type GInetAddressMask, never changed */
  guint64 n_outside; /* the same: bytes that those outside were sent who are not in the list */
  gboolean is_saving; /* atomic */
  PhMailbox *news;
  PhViewersFunc func; /* nullable */
  gpointer user_data;
};

static void
clear_viewer (gpointer data)
{
  PhViewer *self = data;

  g_free (self->info.camera);
  g_free (self->info.stream);
  g_free (self->info.peer);
  g_free (self->info.user);
  if (self->server->free_data != NULL)
    self->server->free_data (self->data);
}

static void
unref_viewer (PhViewer *self)
{
  g_atomic_rc_box_release_full (self, clear_viewer);
}

static void
free_news (gpointer data)
{
  News *news = data;

  unref_viewer (news->viewer);
  g_free (news);
}

static void
deliver_news (gpointer item, gpointer user_data)
{
  PhViewers *self = user_data;
  News *news = item;

  if (self->func != NULL)
    self->func (&news->viewer->info, news->is_here, self->user_data);
  free_news (news);
}

static void
tell_any (PhViewers *self, PhViewer *viewer, gboolean is_here)
{
  News *news = g_new0 (News, 1);

  news->viewer = g_atomic_rc_box_acquire (viewer);
  news->is_here = is_here;
  ph_mailbox_post_any (self->news, news);
}

PhViewers *
ph_viewers_new (void)
{
  PhViewers *self = g_new0 (PhViewers, 1);

  g_mutex_init (&self->lock);
  g_queue_init (&self->list);
  self->news = ph_mailbox_new (NULL, MAX_NEWS, deliver_news, self, free_news);
  return self;
}

void
ph_viewers_free (PhViewers *self)
{
  ph_mailbox_close (self->news);
  ph_mailbox_unref_any (self->news);
  g_queue_clear (&self->list);
  g_clear_pointer (&self->home, g_ptr_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
ph_viewers_set_listener (PhViewers *self, PhViewersFunc func, gpointer user_data)
{
  self->func = func;
  self->user_data = user_data;
}

void
ph_viewers_set_home_any (PhViewers *self, GPtrArray *home)
{
  GPtrArray *before;

  g_mutex_lock (&self->lock);
  before = self->home;
  self->home = g_ptr_array_ref (home);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&before, g_ptr_array_unref);
}

static gboolean
is_outside_any (PhViewers *self, const char *peer)
{
  g_autoptr (GPtrArray) home = NULL;

  g_mutex_lock (&self->lock);
  home = self->home != NULL ? g_ptr_array_ref (self->home) : NULL;
  g_mutex_unlock (&self->lock);
  return peer != NULL && ph_allowance_is_outside_any (peer, home);
}

PhViewer *
ph_viewers_add_any (
    PhViewers *self, const PhViewerInfo *info, const PhViewerServer *server, gpointer data)
{
  PhViewer *viewer;

  if (self == NULL) {
    if (server->free_data != NULL)
      server->free_data (data);
    return NULL;
  }
  viewer = g_atomic_rc_box_new0 (PhViewer);
  viewer->info.kind = info->kind;
  viewer->info.camera = g_strdup (info->camera);
  viewer->info.stream = g_strdup (info->stream);
  viewer->info.peer = g_strdup (info->peer);
  viewer->info.user = g_strdup (info->user);
  viewer->info.since = g_get_real_time ();
  viewer->is_outside = is_outside_any (self, info->peer);
  viewer->viewers = self;
  viewer->server = server;
  viewer->data = data;
  g_mutex_lock (&self->lock);
  viewer->info.id = ++self->last_id;
  g_queue_push_tail (&self->list, viewer);
  g_mutex_unlock (&self->lock);
  tell_any (self, viewer, TRUE);
  return viewer;
}

static PhViewerCounts
count_any (PhViewer *viewer)
{
  PhViewerCounts counts = { 0 };

  if (viewer->server->count != NULL) {
    viewer->server->count (viewer->data, &counts);
  } else {
    counts.n_bytes = __atomic_load_n (&viewer->counts.n_bytes, __ATOMIC_RELAXED);
    counts.n_dropped = __atomic_load_n (&viewer->counts.n_dropped, __ATOMIC_RELAXED);
  }
  return counts;
}

void
ph_viewer_leave_any (PhViewer *self)
{
  PhViewers *viewers = self != NULL ? self->viewers : NULL;

  if (self == NULL)
    return;
  g_mutex_lock (&viewers->lock);
  g_queue_remove (&viewers->list, self);
  if (self->is_outside)
    viewers->n_outside += count_any (self).n_bytes;
  g_mutex_unlock (&viewers->lock);
  tell_any (viewers, self, FALSE);
  unref_viewer (self);
}

void
ph_viewer_note_sent_any (PhViewer *self, gsize n_bytes)
{
  if (self != NULL)
    __atomic_fetch_add (&self->counts.n_bytes, n_bytes, __ATOMIC_RELAXED);
}

void
ph_viewer_note_dropped_any (PhViewer *self, guint n_units)
{
  if (self != NULL)
    __atomic_fetch_add (&self->counts.n_dropped, n_units, __ATOMIC_RELAXED);
}

static GPtrArray *
ref_all_any (PhViewers *self)
{
  GPtrArray *viewers = g_ptr_array_new_with_free_func ((GDestroyNotify)unref_viewer);

  g_mutex_lock (&self->lock);
  for (GList *link = self->list.head; link != NULL; link = link->next)
    g_ptr_array_add (viewers, g_atomic_rc_box_acquire (link->data));
  g_mutex_unlock (&self->lock);
  return viewers;
}

void
ph_viewers_foreach (PhViewers *self,
    void (*func) (const PhViewerInfo *info, const PhViewerCounts *counts, gpointer user_data),
    gpointer user_data)
{
  g_autoptr (GPtrArray) viewers = ref_all_any (self);

  for (guint i = 0; i < viewers->len; i++) {
    PhViewer *viewer = g_ptr_array_index (viewers, i);
    PhViewerCounts counts = count_any (viewer);

    func (&viewer->info, &counts, user_data);
  }
}

guint64
ph_viewers_count_outside (PhViewers *self)
{
  guint64 n_bytes;

  g_mutex_lock (&self->lock);
  n_bytes = self->n_outside;
  for (GList *link = self->list.head; link != NULL; link = link->next)
    if (((PhViewer *)link->data)->is_outside)
      n_bytes += count_any (link->data).n_bytes;
  g_mutex_unlock (&self->lock);
  return n_bytes;
}

void
ph_viewers_note_guest_any (PhViewers *self, const char *peer, gsize n_bytes)
{
  if (self == NULL || !is_outside_any (self, peer))
    return;
  g_mutex_lock (&self->lock);
  self->n_outside += n_bytes;
  g_mutex_unlock (&self->lock);
}

void
ph_viewers_set_saving_any (PhViewers *self, gboolean is_saving)
{
  __atomic_store_n (&self->is_saving, is_saving, __ATOMIC_RELAXED);
}

gboolean
ph_viewers_must_save_any (PhViewers *self, const char *peer)
{
  return self != NULL && __atomic_load_n (&self->is_saving, __ATOMIC_RELAXED) &&
         is_outside_any (self, peer);
}

gboolean
ph_viewers_end (PhViewers *self, guint64 id)
{
  g_autoptr (GPtrArray) viewers = ref_all_any (self);

  for (guint i = 0; i < viewers->len; i++) {
    PhViewer *viewer = g_ptr_array_index (viewers, i);

    if (viewer->info.id == id) {
      viewer->server->end (viewer->data);
      return TRUE;
    }
  }
  return FALSE;
}
