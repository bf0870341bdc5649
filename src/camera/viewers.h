/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who watches what, by whatever protocol: whoever serves somebody adds a viewer here and takes it
 * away again. Any thread but where it says otherwise. */
#pragma once

#include "camera/feed.h"

typedef struct _PhViewers PhViewers;
typedef struct _PhViewer PhViewer;

typedef struct {
  guint64 id; /* given by ph_viewers_add_any(), never twice */
  PhViewerKind kind;
  char *camera, *stream;
  char *peer; /* address, without port */
  char *user; /* nullable: without a name */
  gint64 since; /* microseconds since 1970; given by ph_viewers_add_any() */
} PhViewerInfo;

typedef struct {
  guint64 n_bytes; /* sent */
  guint64 n_dropped; /* access units that were not sent as the viewer was too slow */
} PhViewerCounts;

/* What is asked of whoever serves a viewer, in the main thread; it may be gone already. */
typedef struct {
  void (*end) (gpointer data); /* sends it away */
  void (*count) (gpointer data, PhViewerCounts *counts); /* any thread; NULL: as was noted */
  GDestroyNotify free_data; /* nullable; any thread */
} PhViewerServer;
/* Main thread. info is of a viewer that came, or left. */
typedef void (*PhViewersFunc) (const PhViewerInfo *info, gboolean is_here, gpointer user_data);

PhViewers *ph_viewers_new (void);
/* All have left. */
void ph_viewers_free (PhViewers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhViewers, ph_viewers_free)
/* Main thread, once: who hears of those who come and go. */
void ph_viewers_set_listener (PhViewers *self, PhViewersFunc func, gpointer user_data);

/* info is copied, server is kept. Takes data, if server has a free_data; else it must be valid
 * until ph_viewer_leave_any(), in the main thread. self may be NULL: then so is the result. */
PhViewer *ph_viewers_add_any (
    PhViewers *self, const PhViewerInfo *info, const PhViewerServer *server, gpointer data);
/* It watches no more. Takes self; NULL is allowed. */
void ph_viewer_leave_any (PhViewer *self);
/* NULL is allowed. */
void ph_viewer_note_sent_any (PhViewer *self, gsize n_bytes);
void ph_viewer_note_dropped_any (PhViewer *self, guint n_units);

/* Main thread. What viewers outside (ph_allowance_is_outside_any()) were sent, those who have left
 * included; it only grows. */
guint64 ph_viewers_count_outside (PhViewers *self);
/* peer, who is in no list, was sent n_bytes. self may be NULL. */
void ph_viewers_note_guest_any (PhViewers *self, const char *peer, gsize n_bytes);
/* The networks of this machine (camera/home-networks.h), in which nobody is outside. Who is listed
 * already stays what it was. */
void ph_viewers_set_home_any (PhViewers *self, GPtrArray *home);
/* Whether those outside are to get the smallest stream alone. */
void ph_viewers_set_saving_any (PhViewers *self, gboolean is_saving);
/* Whether peer (nullable) is one of them now. self may be NULL: no. */
gboolean ph_viewers_must_save_any (PhViewers *self, const char *peer);

/* Main thread. In the order they came; is_here is TRUE. */
void ph_viewers_foreach (PhViewers *self,
    void (*func) (const PhViewerInfo *info, const PhViewerCounts *counts, gpointer user_data),
    gpointer user_data);
/* Main thread. FALSE: there is none with this id. */
gboolean ph_viewers_end (PhViewers *self, guint64 id);
