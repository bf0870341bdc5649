/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hands items from any thread to one main context, in order, never blocking the sender. Full means
 * the item is dropped and counted: the sender is a camera and must not wait. Reference counted, so
 * that a sender may hold on to it while its owner closes it. */
#pragma once

#include <glib.h>

typedef struct _PhMailbox PhMailbox;

/* Takes item. Runs in the context the mailbox was made for. */
typedef void (*PhMailboxFunc) (gpointer item, gpointer user_data);

/* context: NULL is the default one. free_item is called for items that are never delivered. */
PhMailbox *ph_mailbox_new (GMainContext *context, guint capacity, PhMailboxFunc deliver,
    gpointer user_data, GDestroyNotify free_item);
PhMailbox *ph_mailbox_ref_any (PhMailbox *self);
void ph_mailbox_unref_any (PhMailbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMailbox, ph_mailbox_unref_any)

/* Takes item. FALSE: it was dropped (full, or closed). */
gboolean ph_mailbox_post_any (PhMailbox *self, gpointer item);

/* In the mailbox's own context: once it returns nothing more is delivered, and later posts are
 * dropped. */
void ph_mailbox_close (PhMailbox *self);

guint64 ph_mailbox_get_n_dropped_any (PhMailbox *self);
