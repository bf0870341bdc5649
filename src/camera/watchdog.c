/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/watchdog.h"

#include "base/mailbox.h"

#define LEAST_TIMEOUT_S 2.0

struct _PhWatchdog {
  GstPad *pad;
  gulong probe;
  double timeout_s, first_timeout_s;
  PhWatchdogOwner owner;
  PhMailbox *first;
  guint timer;
  guint n_seen_before;
  gint64 last_progress_us;

  guint n_seen; /* atomic; written by the streaming thread */
};

static GstPadProbeReturn
count_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  PhWatchdog *self = user_data;

  if (g_atomic_int_add (&self->n_seen, 1) == 0)
    ph_mailbox_post_any (self->first, self);
  return GST_PAD_PROBE_OK;
}

static void
deliver_first (gpointer item, gpointer user_data)
{
  PhWatchdog *self = user_data;

  self->owner.first_picture (self->owner.owner);
}

static gboolean
on_timer (gpointer user_data)
{
  PhWatchdog *self = user_data;
  guint n_seen = g_atomic_int_get (&self->n_seen);
  gint64 now_us = g_get_monotonic_time ();
  double silence_s;

  if (n_seen != self->n_seen_before) {
    self->n_seen_before = n_seen;
    self->last_progress_us = now_us;
    return G_SOURCE_CONTINUE;
  }
  silence_s = (now_us - self->last_progress_us) / (double)G_USEC_PER_SEC;
  if (silence_s < (n_seen > 0 ? self->timeout_s : self->first_timeout_s))
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  self->owner.picture_missing (silence_s, self->owner.owner);
  return G_SOURCE_REMOVE;
}

PhWatchdog *
ph_watchdog_new (
    GstPad *pad, double framerate, double first_timeout_s, const PhWatchdogOwner *owner)
{
  PhWatchdog *self = g_new0 (PhWatchdog, 1);

  self->pad = gst_object_ref (pad);
  self->timeout_s = framerate > 0 ? MAX (3 / framerate, LEAST_TIMEOUT_S) : LEAST_TIMEOUT_S;
  self->first_timeout_s = first_timeout_s;
  self->owner = *owner;
  self->first = ph_mailbox_new (NULL, 1, deliver_first, self, NULL);
  self->probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_on_stream, self, NULL);
  return self;
}

void
ph_watchdog_start (PhWatchdog *self)
{
  self->last_progress_us = g_get_monotonic_time ();
  self->timer = g_timeout_add (500, on_timer, self);
}

void
ph_watchdog_free (PhWatchdog *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  gst_pad_remove_probe (self->pad, self->probe);
  ph_mailbox_close (self->first);
  ph_mailbox_unref_any (self->first);
  gst_object_unref (self->pad);
  g_free (self);
}
