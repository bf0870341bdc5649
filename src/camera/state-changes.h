/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state changes of one pipeline, made one after the other in a thread of their own: to open a
 * device, and to close it, takes as long as its driver likes, and may never end. Main thread, but
 * for what says otherwise. */
#pragma once

#include <gst/gst.h>

typedef struct _PhStateChanges PhStateChanges;

/* Called in the main thread, never from inside a ph_state_changes_* call. */
typedef struct {
  void (*opened) (gboolean is_good, gpointer owner); /* not after ph_state_changes_close() */
  /* It is in state NULL and none of its threads is left: what they use may be freed, and with it
   * the state changes. */
  void (*closed) (gpointer owner);
  /* Opening or closing it has not ended after that long; told once for each. */
  void (*hangs) (const char *doing, guint seconds, gpointer owner);
  gpointer owner;
} PhStateChangesOwner;

/* Runs in the thread of the state changes. */
typedef void (*PhStateChangesFunc) (gpointer owner);

/* Takes a reference on pipeline. PH_ERROR_UNAVAILABLE when there can be no more threads. */
PhStateChanges *ph_state_changes_new (
    GstElement *pipeline, const PhStateChangesOwner *owner, GError **error);

/* To PLAYING. */
void ph_state_changes_open (PhStateChanges *self);
/* function (owner) is run after what was asked for before, unless that was to close. For whatever
 * takes the pipeline's state lock. */
void ph_state_changes_run_any (PhStateChanges *self, PhStateChangesFunc function);
/* To NULL, and to nothing else after that. Once. */
void ph_state_changes_close (PhStateChanges *self);

/* Seconds that opening or closing it has been going on; 0: neither is. */
double ph_state_changes_get_time (PhStateChanges *self);

/* Never opened, or closed. */
void ph_state_changes_free (PhStateChanges *self);
