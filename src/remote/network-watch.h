/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hears of the kernel that addresses or routes of this machine changed (rtnetlink(7)). Main
 * thread. */
#pragma once

#include <glib.h>

typedef struct _PhNetworkWatch PhNetworkWatch;

typedef void (*PhNetworkChanged) (gpointer user_data);

/* Calls changed once for each burst of changes, 300 ms after its first. */
PhNetworkWatch *ph_network_watch_new (PhNetworkChanged changed, gpointer user_data);
void ph_network_watch_free (PhNetworkWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhNetworkWatch, ph_network_watch_free)
