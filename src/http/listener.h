/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes the connections that come to one socket. When there is no descriptor left for them it tries
 * again a second later, and those that came meanwhile wait. Main thread. */
#pragma once

#include <gio/gio.h>

typedef struct _PhListener PhListener;

/* socket is that of the connection. */
typedef void (*PhListenerFunc) (GSocket *socket, gpointer user_data);

/* socket listens already; it is referenced. */
PhListener *ph_listener_new (GSocket *socket, PhListenerFunc accepted, gpointer user_data);
/* Nobody more is accepted. The socket closes with its last reference. */
void ph_listener_free (PhListener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhListener, ph_listener_free)
