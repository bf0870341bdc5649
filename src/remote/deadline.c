/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/deadline.h"

static gboolean
on_over (gpointer user_data)
{
  PhDeadline *self = user_data;

  self->timer = 0;
  self->is_over = TRUE;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_parent_cancelled (GCancellable *parent, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

void
ph_deadline_init (PhDeadline *self, guint ms, GCancellable *parent)
{
  *self = (PhDeadline){ .cancellable = g_cancellable_new () };
  self->timer = g_timeout_add (ms, on_over, self);
  if (parent == NULL)
    return;
  self->parent = g_object_ref (parent);
  self->handler = g_cancellable_connect (
      parent, G_CALLBACK (on_parent_cancelled), g_object_ref (self->cancellable), g_object_unref);
}

void
ph_deadline_clear (PhDeadline *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  /* Not g_cancellable_disconnect: this may run inside of the parent's cancellation, for which that
   * would wait. */
  if (self->handler != 0)
    g_signal_handler_disconnect (self->parent, self->handler);
  self->handler = 0;
  g_clear_object (&self->parent);
  g_clear_object (&self->cancellable);
}

void
ph_deadline_explain (const PhDeadline *self, GError **error)
{
  if (!self->is_over || !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_error (error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "there was no whole answer in time");
}
