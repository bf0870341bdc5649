/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notices that one of some files, or what is in one of some folders, is another than before. Who
 * changes settings writes several files, or one in several steps: it is told once, when nothing has
 * changed for a while. Main thread. */
#pragma once

#include <glib.h>

typedef struct _PhConfigWatch PhConfigWatch;

typedef void (*PhConfigWatchFunc) (gpointer user_data);

/* settle_ms: how long nothing may have changed, in milliseconds; five times that is waited at most.
 */
PhConfigWatch *ph_config_watch_new (guint settle_ms, PhConfigWatchFunc changed, gpointer user_data);
void ph_config_watch_free (PhConfigWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhConfigWatch, ph_config_watch_free)

/* paths: element-type char *, absolute; of files and folders, which need not be there. In place of
 * those before. */
void ph_config_watch_set_paths (PhConfigWatch *self, GPtrArray *paths);
