/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the service manager is told (sd_notify(3)): that Porthole is ready, reads its settings anew,
 * ends; and, where it wants to hear that (WatchdogSec=), that it is alive. Without a service
 * manager nothing is said. Main thread. */
#pragma once

#include <glib.h>

typedef struct _PhService PhService;

/* limit_s: what takes longer than that has come to a halt. */
typedef gboolean (*PhServiceIsAlive) (double limit_s, gpointer user_data);

/* is_alive is asked some times in each watchdog interval, from the main loop, which is so watched
 * too; nothing more is said once it answers FALSE, until it does not. */
PhService *ph_service_new (PhServiceIsAlive is_alive, gpointer user_data);
/* Says that Porthole ends. */
void ph_service_free (PhService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhService, ph_service_free)

/* After the start, and after each ph_service_say_reloading (). */
void ph_service_say_ready (PhService *self);
void ph_service_say_reloading (PhService *self);

/* As the first process of a container it is also who has to bury what others leave behind. */
void ph_service_reap_orphans (void);
