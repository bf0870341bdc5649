/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the settings anew while everything runs: when asked to, and when a file of theirs changes.
 * They are loaded by a worker; a faulty set is refused as a whole, said in the log, and the old one
 * stays. Main thread. */
#pragma once

#include "main/rooms.h"

typedef struct _PhReload PhReload;

/* Reading begins (for RELOADING=1 of sd_notify(3)), and is over, whatever came of it. problems:
 * element-type char *, empty: the settings are in use. changes: NULL when there are problems. Both
 * stay the caller's. */
typedef struct {
  void (*started) (gpointer owner);
  void (*finished) (GPtrArray *problems, const PhChanges *changes, gpointer owner);
  gpointer owner;
} PhReloadOwner;

/* rooms is kept and must outlive it. file: as --config names it; nullable. seen: what the settings
 * in use were read from (PhFileView). owner is copied. */
PhReload *ph_reload_new (
    PhRooms *rooms, const char *file, GPtrArray *seen, const PhReloadOwner *owner);
/* Waits for the worker; nothing is taken any more, and whoever has asked is told so. */
void ph_reload_free (PhReload *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhReload, ph_reload_free)

/* Called once, with what PhReloadOwner.finished gets. */
typedef void (*PhReloadDone) (GPtrArray *problems, const PhChanges *changes, gpointer user_data);

/* Reads what the files say from now on: if a reading is on its way, once more after it. done is
 * nullable. */
void ph_reload_request (PhReload *self, PhReloadDone done, gpointer user_data);
