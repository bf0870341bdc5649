/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A message that is answered later, when something that takes its time is done, even if its client
 * has gone meanwhile. Main thread. */
#pragma once

#include <libsoup/soup.h>

typedef struct _PhWaitingMessage PhWaitingMessage;

/* Pauses message, which must be in its handler. */
PhWaitingMessage *ph_waiting_message_new (SoupServerMessage *message);
/* To be answered; owned by self. */
SoupServerMessage *ph_waiting_message_get (PhWaitingMessage *self);
/* Lets the answer go. */
void ph_waiting_message_free (PhWaitingMessage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhWaitingMessage, ph_waiting_message_free)
