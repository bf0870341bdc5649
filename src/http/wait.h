/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A request that is answered when the camera has something to show: its message is paused until
 * then. If the camera is lost without a placeholder (now or later), or the deadline passes, the
 * answer is 503. Main thread. */
#pragma once

#include "http/request.h"

typedef struct _PhWait PhWait;

/* The request is answered, or its client gone: nothing more is to be done with the message. The
 * wait may be freed in it. */
typedef void (*PhWaitOver) (gpointer user_data);

/* Takes references on the request's message and camera; over is never called before this returns.
 * deadline in milliseconds. */
PhWait *ph_wait_new (PhRequest *request, guint deadline, PhWaitOver over, gpointer user_data);
/* Leaves the message paused; for whoever has the answer. */
void ph_wait_free (PhWait *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhWait, ph_wait_free)

/* Answers 503 now; over is not called. */
void ph_wait_give_up (PhWait *self);
