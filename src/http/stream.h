/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An answer without end, written one block at a time: a block is taken only when the kernel has
 * taken the one before, so what waits for a slow viewer is never more than one block. The end is
 * the end of the connection, which browsers, VLC, ffmpeg and old HTTP/1.0 clients all understand.
 * Main thread. */
#pragma once

#include <libsoup/soup.h>

typedef struct _PhStream PhStream;

typedef struct {
  /* A block that could not be taken at once is written now: the next one is welcome. */
  void (*ready) (gpointer user_data);
  /* The viewer is gone: free the stream (in the callback, or later). */
  void (*gone) (gpointer user_data);
  gpointer user_data;
} PhStreamOwner;

/* Sets status 200 and the headers; the message must be paused, or in its handler. owner is copied.
 */
PhStream *ph_stream_new (
    SoupServerMessage *message, const char *content_type, const PhStreamOwner *owner);
/* Sets only the headers, for HEAD. */
void ph_stream_reply_head (SoupServerMessage *message, const char *content_type);
/* Ends the answer, unless the viewer is gone already. */
void ph_stream_free (PhStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhStream, ph_stream_free)

gboolean ph_stream_is_ready (PhStream *self);
/* Only while it is ready, which it may well be afterwards. block (not empty) is referenced, not
 * copied. */
void ph_stream_write (PhStream *self, GBytes *block);
