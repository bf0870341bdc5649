/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan being made, by a worker, since that asks the device and tries encoders. Main thread. */
#pragma once

#include "camera/plan.h"

typedef struct _PhPlanning PhPlanning;

/* Called in the main thread, never from inside a ph_planning_* call. */
typedef struct {
  /* The last thing heard; the planning is freed after it. Takes plan; NULL: error says why. */
  void (*made) (PhPlan *plan, const GError *error, gpointer owner);
  /* It should have ended long ago; told once. error is a sentence for the user. */
  void (*hangs) (const char *error, gpointer owner);
  gpointer owner;
} PhPlanningOwner;

/* config is copied; device_id (nullable) as in ph_plan_make_on_worker(). owner is kept until made()
 * was called. */
PhPlanning *ph_planning_new (
    const PhCameraConfig *config, const char *device_id, const PhPlanningOwner *owner);
/* made() is called all the same, most likely soon. */
void ph_planning_cancel (PhPlanning *self);
/* Seconds since it began. */
double ph_planning_get_time (PhPlanning *self);
