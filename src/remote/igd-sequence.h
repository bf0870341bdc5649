/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One request to a router as a sequence of actions of a service, which together have one deadline
 * of 8 seconds (UPnP Device Architecture 1.1, section 3, "Control"). Main thread, never blocks. */
#pragma once

#include "remote/deadline.h"
#include "remote/igd-call.h"
#include "remote/igd.h"

/* The first member of the data of a task. */
typedef struct _PhIgdSequence PhIgdSequence;

/* An action has ended. action (only with PH_IGD_OK) and said, the answer in words, are valid until
 * it returns. */
typedef void (*PhIgdAnswered) (
    GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said);

struct _PhIgdSequence {
  PhIgd *igd;
  GUPnPServiceProxy *service; /* owned; nullable: to be set before the first action */
  PhDeadline deadline; /* its cancellable ends all that is under way */
  PhIgdAnswered answered; /* to the action under way */
};

/* The deadline begins. igd is referenced; parent (nullable, referenced) cancels the sequence. */
void ph_igd_sequence_init (PhIgdSequence *self, PhIgd *igd, GCancellable *parent);
void ph_igd_sequence_clear (PhIgdSequence *self);

/* The next action: one at a time. Takes action; task is kept by whoever will conclude. */
void ph_igd_sequence_call (GTask *task, GUPnPServiceProxyAction *action, PhIgdAnswered answered);

/* Returns answer from task, or G_IO_ERROR_CANCELLED if that is what happened to it; all but success
 * after the deadline is PH_MAPPING_FAILED. Then igd searches again the next time. Takes both. */
void ph_igd_sequence_conclude (GTask *task, PhMappingAnswer *answer);
