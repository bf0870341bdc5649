/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/retry.h"

#include "camera/source-watch.h"

#define FIRST_DELAY_MS 500
#define LAST_DELAY_MS 10000

struct _PhRetry {
  PhRetryFunc again;
  gpointer user_data;
  PhSourceWatch *source_watch; /* nullable */
  guint timer;
  guint delay_ms;
  gint64 at_us; /* monotonic */
};

static gboolean
on_timer (gpointer user_data)
{
  PhRetry *self = user_data;

  self->timer = 0;
  self->again (self->user_data);
  return G_SOURCE_REMOVE;
}

static void
on_source_came (gpointer user_data)
{
  PhRetry *self = user_data;

  self->delay_ms = FIRST_DELAY_MS;
  if (self->timer == 0)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  self->again (self->user_data);
}

PhRetry *
ph_retry_new (PhRetryFunc again, gpointer user_data)
{
  PhRetry *self = g_new0 (PhRetry, 1);

  self->again = again;
  self->user_data = user_data;
  self->delay_ms = FIRST_DELAY_MS;
  return self;
}

void
ph_retry_free (PhRetry *self)
{
  ph_retry_reset (self);
  g_free (self);
}

void
ph_retry_schedule (PhRetry *self, const PhSourceConfig *source)
{
  if (self->source_watch == NULL)
    self->source_watch = ph_source_watch_new (source, on_source_came, self);
  g_clear_handle_id (&self->timer, g_source_remove);
  self->at_us = g_get_monotonic_time () + self->delay_ms * (gint64)1000;
  self->timer = g_timeout_add (self->delay_ms, on_timer, self);
  self->delay_ms = MIN (self->delay_ms * 2, LAST_DELAY_MS);
}

void
ph_retry_hold (PhRetry *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
}

void
ph_retry_reset (PhRetry *self)
{
  ph_retry_hold (self);
  g_clear_pointer (&self->source_watch, ph_source_watch_free);
  self->delay_ms = FIRST_DELAY_MS;
}

gboolean
ph_retry_is_scheduled (PhRetry *self)
{
  return self->timer != 0;
}

double
ph_retry_get_time_left (PhRetry *self)
{
  if (self->timer == 0)
    return 0;
  return MAX (0, self->at_us - g_get_monotonic_time ()) / (double)G_USEC_PER_SEC;
}
