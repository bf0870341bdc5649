/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/fan-out.h"

/* How long is looked at before it is decided whether others are to help. */
#define WINDOW (G_USEC_PER_SEC / 2)
/* Shares of the time that sending takes one thread alone, in percent: from here on others help, and
 * below here they do no longer. */
#define FULL 60
#define SPARE 30
/* What may wait for each thread that helps: enough to keep it going, and little to wait for at the
 * end. */
#define MAX_WAITING 4

struct _PhRtspFanOut {
  PhRtspFanOutFunc send;
  guint n_helpers; /* that there may be */
  GThreadPool *pool; /* NULL until it is needed */

  /* the thread that sends */
  guint64 id;
  gboolean is_spread;
  gint64 begun; /* monotonic, microseconds: of the thing there is */
  gint64 last_sent; /* the same */
  struct {
    gint64 since; /* the same; 0: none yet */
    gint64 busy; /* microseconds */
    guint64 n_own, n_given; /* items that this thread has sent, and the others */
  } window;

  int n_waiting; /* atomic: items given to others that they have not sent */
  GMutex lock; /* for the wait until that is 0 */
  GCond is_done;
};

static void
help (gpointer item, gpointer user_data)
{
  g_autoptr (PhRtspFanOut) self = ph_rtsp_fan_out_ref_any (user_data);

  self->send (item);
  if (!g_atomic_int_dec_and_test (&self->n_waiting))
    return;
  g_mutex_lock (&self->lock);
  g_cond_signal (&self->is_done);
  g_mutex_unlock (&self->lock);
}

PhRtspFanOut *
ph_rtsp_fan_out_new (guint n_threads, PhRtspFanOutFunc send)
{
  PhRtspFanOut *self = g_atomic_rc_box_new0 (PhRtspFanOut);

  self->send = send;
  self->n_helpers = (n_threads > 0 ? n_threads : g_get_num_processors ()) - 1;
  self->id = G_MAXUINT64;
  g_mutex_init (&self->lock);
  g_cond_init (&self->is_done);
  return self;
}

PhRtspFanOut *
ph_rtsp_fan_out_ref_any (PhRtspFanOut *self)
{
  return g_atomic_rc_box_acquire (self);
}

/* It may be a thread of the pool that lets go last, so that nobody can wait for it here. */
static void
clear_fan_out (gpointer data)
{
  PhRtspFanOut *self = data;

  if (self->pool != NULL)
    g_thread_pool_free (self->pool, FALSE, FALSE);
  g_cond_clear (&self->is_done);
  g_mutex_clear (&self->lock);
}

void
ph_rtsp_fan_out_unref_any (PhRtspFanOut *self)
{
  g_atomic_rc_box_release_full (self, clear_fan_out);
}

/* The time of all is guessed from that of the items this thread has sent. */
static void
decide (PhRtspFanOut *self, gint64 now)
{
  guint64 n_items = self->window.n_own + self->window.n_given;
  guint64 alone = self->window.busy * n_items / MAX (self->window.n_own, 1);
  guint64 share = 100 * alone / (now - self->window.since);

  self->is_spread = share >= (self->is_spread ? SPARE : FULL);
  if (self->is_spread && self->pool == NULL)
    self->pool = g_thread_pool_new (help, self, self->n_helpers, FALSE, NULL);
}

void
ph_rtsp_fan_out_begin_any (PhRtspFanOut *self, guint64 id)
{
  gint64 now;

  if (self->n_helpers == 0 || id == self->id)
    return;
  ph_rtsp_fan_out_finish_any (self);
  now = g_get_monotonic_time ();
  self->id = id;
  self->window.busy += MAX (self->last_sent - self->begun, 0);
  if (now - self->window.since >= WINDOW) {
    if (self->window.since != 0)
      decide (self, now);
    self->window.busy = self->window.n_own = self->window.n_given = 0;
    self->window.since = now;
  }
  self->begun = self->last_sent = now;
}

void
ph_rtsp_fan_out_send_any (PhRtspFanOut *self, gpointer item)
{
  if (self->is_spread &&
      (guint)g_atomic_int_get (&self->n_waiting) < MAX_WAITING * self->n_helpers) {
    self->window.n_given++;
    g_atomic_int_inc (&self->n_waiting);
    g_thread_pool_push (self->pool, item, NULL);
    return;
  }
  self->window.n_own++;
  self->send (item);
  if (self->n_helpers > 0)
    self->last_sent = g_get_monotonic_time ();
}

void
ph_rtsp_fan_out_finish_any (PhRtspFanOut *self)
{
  if (g_atomic_int_get (&self->n_waiting) == 0)
    return;
  g_mutex_lock (&self->lock);
  while (g_atomic_int_get (&self->n_waiting) > 0)
    g_cond_wait (&self->is_done, &self->lock);
  g_mutex_unlock (&self->lock);
}

gboolean
ph_rtsp_fan_out_is_spread_any (PhRtspFanOut *self)
{
  return self->is_spread;
}
