/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plays a source that ends (a file) again from its start, while what is behind it runs on: the end
 * is kept from going downstream, the source is restarted, and its running time goes on where it
 * ended. Works with every container, also with those that cannot seek. */
#pragma once

#include <gst/gst.h>

typedef struct _PhRepeat PhRepeat;

/* Streaming thread: ph_repeat_play_again_on_worker() is to be called, in another thread. */
typedef void (*PhRepeatEnded) (gpointer user_data);

/* source has one source pad, linked already; takes a reference. Main thread, as for what follows.
 */
PhRepeat *ph_repeat_new (GstElement *source, PhRepeatEnded ended_on_stream, gpointer user_data);
/* Pipeline in NULL. */
void ph_repeat_free (PhRepeat *self);

/* The thread that changes the pipeline's state: it waits for the source. Returns a sentence for the
 * user when it cannot be played again; NULL: it is being played. */
const char *ph_repeat_play_again_on_worker (PhRepeat *self);
