/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/watchdog.h"

#include "base/mailbox.h"
#include "camera/pace.h"

#define TICK_MS 500
/* Between two ticks: the whole process was stopped, or the machine asleep. */
#define WAS_STOPPED_S 2.0

struct _PhWatchdog {
  GstPad *pad;
  gulong probe;
  double framerate, first_timeout_s;
  PhWatchdogOwner owner;
  PhMailbox *first;
  guint timer;
  gint64 last_tick_us;
  gboolean has_seen_any; /* streaming thread */

  /* either thread, under lock */
  struct {
    GMutex lock;
    PhPace pace;
  } shared;
};

static GstPadProbeReturn
note_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  PhWatchdog *self = user_data;

  g_mutex_lock (&self->shared.lock);
  ph_pace_note_frame (&self->shared.pace, g_get_monotonic_time ());
  g_mutex_unlock (&self->shared.lock);
  if (!self->has_seen_any)
    ph_mailbox_post_any (self->first, self);
  self->has_seen_any = TRUE;
  return GST_PAD_PROBE_OK;
}

static void
deliver_first (gpointer item, gpointer user_data)
{
  PhWatchdog *self = user_data;

  if (self->owner.first_picture != NULL)
    self->owner.first_picture (self->owner.owner);
}

/* 0: it is not missing yet. */
static double
get_missing_for (PhWatchdog *self, gint64 now_us)
{
  gboolean was_stopped = now_us - self->last_tick_us > (gint64)(WAS_STOPPED_S * G_USEC_PER_SEC);
  double silence;

  g_mutex_lock (&self->shared.lock);
  if (was_stopped)
    ph_pace_excuse (&self->shared.pace, now_us);
  silence = ph_pace_get_silence (&self->shared.pace, now_us);
  if (silence < ph_pace_get_patience (&self->shared.pace, self->first_timeout_s))
    silence = 0;
  g_mutex_unlock (&self->shared.lock);
  return silence;
}

static gboolean
on_tick (gpointer user_data)
{
  PhWatchdog *self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  double seconds = get_missing_for (self, now_us);

  self->last_tick_us = now_us;
  if (seconds == 0)
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  self->owner.picture_missing (seconds, self->owner.owner);
  return G_SOURCE_REMOVE;
}

PhWatchdog *
ph_watchdog_new (
    GstPad *pad, double framerate, double first_timeout_s, const PhWatchdogOwner *owner)
{
  PhWatchdog *self = g_new0 (PhWatchdog, 1);

  self->pad = gst_object_ref (pad);
  self->framerate = framerate;
  self->first_timeout_s = first_timeout_s;
  self->owner = *owner;
  g_mutex_init (&self->shared.lock);
  self->first = ph_mailbox_new (NULL, 1, deliver_first, self, NULL);
  self->probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_on_stream, self, NULL);
  return self;
}

void
ph_watchdog_start (PhWatchdog *self)
{
  ph_watchdog_stop (self);
  self->last_tick_us = g_get_monotonic_time ();
  g_mutex_lock (&self->shared.lock);
  ph_pace_init (&self->shared.pace, self->framerate, self->last_tick_us);
  g_mutex_unlock (&self->shared.lock);
  self->timer = g_timeout_add (TICK_MS, on_tick, self);
}

void
ph_watchdog_stop (PhWatchdog *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
}

double
ph_watchdog_get_silence (PhWatchdog *self)
{
  double silence;

  g_mutex_lock (&self->shared.lock);
  silence = ph_pace_get_silence (&self->shared.pace, g_get_monotonic_time ());
  g_mutex_unlock (&self->shared.lock);
  return silence;
}

void
ph_watchdog_free (PhWatchdog *self)
{
  ph_watchdog_stop (self);
  gst_pad_remove_probe (self->pad, self->probe);
  ph_mailbox_close (self->first);
  ph_mailbox_unref_any (self->first);
  gst_object_unref (self->pad);
  g_mutex_clear (&self->shared.lock);
  g_free (self);
}
