/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests that were let in and are still being answered, to end those that would no longer be let
 * in: a stream that began rightly goes on for days. Main thread. */
#pragma once

#include "access/grants.h"

#include <libsoup/soup.h>

typedef struct {
  SoupServerMessage *message;
  PhPermission permission;
  char *camera; /* nullable */
  PhUsers *users; /* nullable: those it was judged by */
} PhOngoingRequest;

/* Asked again and again, so it must not count as a new request. */
typedef gboolean (*PhOngoingFunc) (const PhOngoingRequest *request, gpointer user_data);

typedef struct _PhOngoing PhOngoing;

/* may_go_on is asked for each request once a second while there are any. */
PhOngoing *ph_ongoing_new (PhOngoingFunc may_go_on, gpointer user_data);
/* What is being answered goes on. */
void ph_ongoing_free (PhOngoing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhOngoing, ph_ongoing_free)

/* Until its answer is finished; users and message are referenced. */
void ph_ongoing_add (PhOngoing *self, SoupServerMessage *message, PhPermission permission,
    const char *camera, PhUsers *users);
/* Asks now, and closes the connection of each that may not go on: who answers it notices as if the
 * client had hung up. */
void ph_ongoing_ask_again (PhOngoing *self);
