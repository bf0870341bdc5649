/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One function for each kind of source; see ph_source_make_plan_on_worker(). */
#pragma once

#include "camera/source.h"

typedef gboolean (*PhSourcePlanFunc) (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error);

gboolean ph_source_plan_libcamera_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error);
gboolean ph_source_plan_v4l2_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error);
gboolean ph_source_plan_launch_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error);
gboolean ph_source_plan_file_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error);
gboolean ph_source_plan_rtsp_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error);
gboolean ph_source_plan_test_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error);

/* The part of the libcamera plan that asks no camera, for tests. */
gboolean ph_source_fill_libcamera_plan (const PhSourceConfig *config, const GArray *modes,
    PhSourcePlan *plan, GPtrArray *warnings, GError **error);
