/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/planning.h"

#include "camera/explain.h"

/* More than ph_plan_make_on_worker() takes unless a driver hangs. */
#define PATIENCE_S 20

struct _PhPlanning {
  PhPlanningOwner owner;
  GCancellable *cancellable;
  guint timer;
  gint64 since_us;

  /* worker, until it is done */
  PhCameraConfig *config;
  char *device_id; /* nullable */
};

static void
free_planning (PhPlanning *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_object_unref (self->cancellable);
  ph_camera_config_free (self->config);
  g_free (self->device_id);
  g_free (self);
}

static void
make_plan_on_worker (
    GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  const PhPlanning *self = task_data;
  GError *error = NULL;
  PhPlan *plan = ph_plan_make_on_worker (self->config, self->device_id, cancellable, &error);

  if (plan != NULL)
    g_task_return_pointer (task, plan, (GDestroyNotify)ph_plan_free);
  else
    g_task_return_error (task, error);
}

static void
on_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PhPlanning *self = user_data;
  g_autoptr (GError) error = NULL;
  PhPlan *plan = g_task_propagate_pointer (G_TASK (result), &error);

  g_clear_handle_id (&self->timer, g_source_remove);
  self->owner.made (plan, error, self->owner.owner);
  free_planning (self);
}

static gboolean
on_timer (gpointer user_data)
{
  PhPlanning *self = user_data;
  g_autofree char *sentence = ph_explain_hang (self->config->source, "asking", PATIENCE_S);

  self->timer = 0;
  self->owner.hangs (sentence, self->owner.owner);
  return G_SOURCE_REMOVE;
}

PhPlanning *
ph_planning_new (const PhCameraConfig *config, const char *device_id, const PhPlanningOwner *owner)
{
  PhPlanning *self = g_new0 (PhPlanning, 1);
  g_autoptr (GTask) task = NULL;

  self->owner = *owner;
  self->cancellable = g_cancellable_new ();
  self->config = ph_camera_config_dup (config);
  self->device_id = g_strdup (device_id);
  self->since_us = g_get_monotonic_time ();
  self->timer = g_timeout_add_seconds (PATIENCE_S, on_timer, self);
  task = g_task_new (NULL, self->cancellable, on_made, self);
  g_task_set_source_tag (task, ph_planning_new);
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, make_plan_on_worker);
  return self;
}

void
ph_planning_cancel (PhPlanning *self)
{
  g_cancellable_cancel (self->cancellable);
}

double
ph_planning_get_time (PhPlanning *self)
{
  return (g_get_monotonic_time () - self->since_us) / (double)G_USEC_PER_SEC;
}
