/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plays a source that ends (a file) again from its start, while what is behind it runs on: the end
 * is kept from going downstream, the source is restarted, and its running time goes on where it
 * ended. Works with every container, also with those that cannot seek. Main thread only. */
#pragma once

#include <gst/gst.h>

typedef struct _PhRepeat PhRepeat;

/* The source ended without one picture: sentence is for the user. */
typedef void (*PhRepeatFailedFunc) (const char *sentence, gpointer user_data);

/* source has one source pad, linked already; takes a reference. */
PhRepeat *ph_repeat_new (GstElement *source, PhRepeatFailedFunc failed, gpointer user_data);
/* Pipeline in NULL. */
void ph_repeat_free (PhRepeat *self);
