/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mailbox.h"

struct _PhMailbox {
  GSource *source;
  guint capacity;
  PhMailboxFunc deliver;
  gpointer user_data;
  GDestroyNotify free_item;

  GMutex lock;
  GQueue items;
  guint64 n_dropped;
  gboolean is_closed;
};

/* The ready time goes back to -1 before the queue is emptied: in that order a post can cause an
 * empty wake-up but never a lost one. */
static gboolean
on_source_ready (gpointer user_data)
{
  g_autoptr (PhMailbox) self = ph_mailbox_ref_any (user_data);
  gboolean is_closed = FALSE;

  g_source_set_ready_time (self->source, -1);
  while (!is_closed) {
    gpointer item;

    g_mutex_lock (&self->lock);
    item = g_queue_pop_head (&self->items);
    is_closed = self->is_closed;
    g_mutex_unlock (&self->lock);

    if (item == NULL)
      break;
    self->deliver (item, self->user_data);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_source (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs source_funcs = { .dispatch = dispatch_source };

PhMailbox *
ph_mailbox_new (GMainContext *context, guint capacity, PhMailboxFunc deliver, gpointer user_data,
    GDestroyNotify free_item)
{
  PhMailbox *self = g_atomic_rc_box_new0 (PhMailbox);

  self->capacity = capacity;
  self->deliver = deliver;
  self->user_data = user_data;
  self->free_item = free_item;
  g_mutex_init (&self->lock);
  g_queue_init (&self->items);
  self->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_name (self->source, "mailbox");
  g_source_set_callback (self->source, on_source_ready, self, NULL);
  g_source_attach (self->source, context);
  return self;
}

PhMailbox *
ph_mailbox_ref_any (PhMailbox *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_mailbox (gpointer data)
{
  PhMailbox *self = data;

  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_queue_clear_full (&self->items, self->free_item);
  g_mutex_clear (&self->lock);
}

void
ph_mailbox_unref_any (PhMailbox *self)
{
  g_atomic_rc_box_release_full (self, clear_mailbox);
}

gboolean
ph_mailbox_post_any (PhMailbox *self, gpointer item)
{
  gboolean has_room;

  g_mutex_lock (&self->lock);
  has_room = !self->is_closed && g_queue_get_length (&self->items) < self->capacity;
  if (has_room)
    g_queue_push_tail (&self->items, item);
  else
    self->n_dropped++;
  g_mutex_unlock (&self->lock);

  if (has_room)
    g_source_set_ready_time (self->source, 0);
  else if (self->free_item != NULL)
    self->free_item (item);
  return has_room;
}

void
ph_mailbox_close (PhMailbox *self)
{
  GQueue leftover = G_QUEUE_INIT;
  gpointer item;

  g_mutex_lock (&self->lock);
  self->is_closed = TRUE;
  while ((item = g_queue_pop_head (&self->items)) != NULL)
    g_queue_push_tail (&leftover, item);
  g_mutex_unlock (&self->lock);

  g_source_destroy (self->source);
  g_queue_clear_full (&leftover, self->free_item);
}

guint64
ph_mailbox_get_n_dropped_any (PhMailbox *self)
{
  guint64 n_dropped;

  g_mutex_lock (&self->lock);
  n_dropped = self->n_dropped;
  g_mutex_unlock (&self->lock);
  return n_dropped;
}
