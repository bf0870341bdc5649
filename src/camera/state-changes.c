/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/state-changes.h"

#include "base/error.h"
#include "base/mailbox.h"

/* Shorter than viewers wait for a first picture, so that they are told. */
#define PATIENCE_S 8

typedef enum { OPEN = 1, RUN, CLOSE } Task;

typedef struct {
  Task task;
  PhStateChangesFunc function; /* RUN */
} Job;

typedef enum { OPENED = 1, NOT_OPENED, CLOSED } News;

struct _PhStateChanges {
  GstElement *pipeline;
  PhStateChangesOwner owner;
  PhMailbox *news; /* of News */
  GThreadPool *pool; /* one thread */

  /* main thread */
  guint timer;
  gint64 since_us; /* 0: nothing is going on */
  gboolean is_opening, is_closing;

  gboolean is_closed; /* worker */
};

/* ---- worker ---------------------------------------------------------------------------------- */

static void
post_on_worker (PhStateChanges *self, News news)
{
  ph_mailbox_post_any (self->news, GINT_TO_POINTER (news));
}

static void
open_on_worker (PhStateChanges *self)
{
  GstStateChangeReturn change = gst_element_set_state (self->pipeline, GST_STATE_PLAYING);

  post_on_worker (self, change == GST_STATE_CHANGE_FAILURE ? NOT_OPENED : OPENED);
}

static void
close_on_worker (PhStateChanges *self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  self->is_closed = TRUE;
  post_on_worker (self, CLOSED);
}

static void
run_job_on_worker (gpointer data, gpointer user_data)
{
  g_autofree Job *job = data;
  PhStateChanges *self = user_data;

  if (self->is_closed)
    return;
  switch (job->task) {
  case OPEN:
    open_on_worker (self);
    break;
  case RUN:
    job->function (self->owner.owner);
    break;
  case CLOSE:
    close_on_worker (self);
    break;
  }
}

static void
push_any (PhStateChanges *self, Task task, PhStateChangesFunc function)
{
  Job *job = g_new0 (Job, 1);

  job->task = task;
  job->function = function;
  g_thread_pool_push (self->pool, job, NULL); /* its thread is there already */
}

/* ---- main thread ----------------------------------------------------------------------------- */

static void
stop_timer (PhStateChanges *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->since_us = 0;
}

static gboolean
on_timer (gpointer user_data)
{
  PhStateChanges *self = user_data;

  self->timer = 0;
  self->owner.hangs (self->is_opening ? "opening" : "closing", PATIENCE_S, self->owner.owner);
  return G_SOURCE_REMOVE;
}

static void
start_timer (PhStateChanges *self)
{
  self->since_us = g_get_monotonic_time ();
  self->timer = g_timeout_add_seconds (PATIENCE_S, on_timer, self);
}

static void
end_opening (PhStateChanges *self, gboolean is_good)
{
  self->is_opening = FALSE;
  stop_timer (self);
  if (self->is_closing)
    start_timer (self);
  else
    self->owner.opened (is_good, self->owner.owner);
}

static void
deliver_news (gpointer item, gpointer user_data)
{
  PhStateChanges *self = user_data;

  if (GPOINTER_TO_INT (item) != CLOSED) {
    end_opening (self, GPOINTER_TO_INT (item) == OPENED);
    return;
  }
  stop_timer (self);
  self->owner.closed (self->owner.owner);
}

void
ph_state_changes_open (PhStateChanges *self)
{
  self->is_opening = TRUE;
  start_timer (self);
  push_any (self, OPEN, NULL);
}

void
ph_state_changes_run_any (PhStateChanges *self, PhStateChangesFunc function)
{
  push_any (self, RUN, function);
}

void
ph_state_changes_close (PhStateChanges *self)
{
  self->is_closing = TRUE;
  if (!self->is_opening)
    start_timer (self);
  push_any (self, CLOSE, NULL);
}

double
ph_state_changes_get_time (PhStateChanges *self)
{
  if (self->since_us == 0)
    return 0;
  return (g_get_monotonic_time () - self->since_us) / (double)G_USEC_PER_SEC;
}

PhStateChanges *
ph_state_changes_new (GstElement *pipeline, const PhStateChangesOwner *owner, GError **error)
{
  g_autoptr (GError) fault = NULL;
  PhStateChanges *self = g_new0 (PhStateChanges, 1);

  self->pipeline = gst_object_ref (pipeline);
  self->owner = *owner;
  self->news = ph_mailbox_new (NULL, 2, deliver_news, self, NULL);
  self->pool = g_thread_pool_new_full (run_job_on_worker, self, g_free, 1, TRUE, &fault);
  if (fault == NULL)
    return self;
  g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
      "no thread can be had to open the camera in: %s", fault->message);
  ph_state_changes_free (self);
  return NULL;
}

void
ph_state_changes_free (PhStateChanges *self)
{
  stop_timer (self);
  g_thread_pool_free (self->pool, TRUE, TRUE);
  ph_mailbox_close (self->news);
  ph_mailbox_unref_any (self->news);
  gst_object_unref (self->pipeline);
  g_free (self);
}
