/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notices that the client of a paused or endless answer has gone. libsoup looks at a socket only
 * while it reads or writes, so somebody who hangs up while there is no picture would stay counted
 * as a viewer and keep the camera running. Main thread. */
#pragma once

#include <libsoup/soup.h>

typedef struct _PhClientWatch PhClientWatch;

/* The client has hung up, or its request is over: the message must no more be paused nor unpaused.
 * The watch may be freed in it. */
typedef void (*PhClientGone) (gpointer user_data);

/* Takes a reference on message. gone is called once at most. */
PhClientWatch *ph_client_watch_new (
    SoupServerMessage *message, PhClientGone gone, gpointer user_data);
/* The message goes on as it is. */
void ph_client_watch_free (PhClientWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhClientWatch, ph_client_watch_free)
