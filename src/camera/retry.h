/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a lost camera is tried again: after 0.5 s, then twice as long each time up to 10 s, and at
 * once when its device comes. Main thread. */
#pragma once

#include "config/camera-config.h"

typedef struct _PhRetry PhRetry;

typedef void (*PhRetryFunc) (gpointer user_data);

PhRetry *ph_retry_new (PhRetryFunc again, gpointer user_data);
void ph_retry_free (PhRetry *self);

/* It was lost: again (user_data) is called when its turn comes. A source that comes while the
 * camera is being tried makes the next wait a short one. */
void ph_retry_schedule (PhRetry *self, const PhSourceConfig *source);
/* It is being tried: nothing is waited for but its source. */
void ph_retry_hold (PhRetry *self);
/* It is there, or nobody looks: nothing is waited for, and the next wait is the shortest. */
void ph_retry_reset (PhRetry *self);

gboolean ph_retry_is_scheduled (PhRetry *self);
/* Seconds until the next try; 0 when there is none. */
double ph_retry_get_time_left (PhRetry *self);
