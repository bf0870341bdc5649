/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A cancellable that also fires by itself, so that a whole sequence of steps has one end. Main
 * thread. */
#pragma once

#include <gio/gio.h>

typedef struct {
  GCancellable *cancellable; /* to hand to every step */
  gboolean is_over; /* it fired because time was up, not because somebody no longer wants it */
  GCancellable *parent; /* nullable */
  gulong handler;
  guint timer;
} PhDeadline;

/* parent (nullable, referenced) fires it too. self must not move. */
void ph_deadline_init (PhDeadline *self, guint ms, GCancellable *parent);
void ph_deadline_clear (PhDeadline *self);
/* Makes G_IO_ERROR_TIMED_OUT of a cancellation that was the end of time. */
void ph_deadline_explain (const PhDeadline *self, GError **error);
