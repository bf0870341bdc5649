/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libsoup reads requests from: the bytes of a connection, held back between two requests until
 * its owner has seen whether it answers what has come itself. Whatever it does not answer libsoup
 * gets as it came.
 *
 * libsoup before 3.3.0 does not notice that a client closes a connection between two requests, and
 * keeps it for ever; this does, and lets it notice. Main thread. */
#pragma once

#include <gio/gio.h>

#define PH_TYPE_REQUEST_STREAM (ph_request_stream_get_type ())
G_DECLARE_FINAL_TYPE (PhRequestStream, ph_request_stream, PH, REQUEST_STREAM, GInputStream)

typedef struct {
  /* A single head (request-head.h) has come, and libsoup is done with all before it. TRUE:
   * ph_request_stream_answer() was called. */
  gboolean (*try_answer) (
      PhRequestStream *stream, const char *data, gsize size, gpointer user_data);
  /* That answer, which has to be written bit by bit, may go on. */
  gboolean (*may_go_on) (gpointer user_data);
  /* That answer was written to its end, or given up. */
  void (*answered) (gpointer user_data);
  /* The connection is closed; nothing else is called any more. */
  void (*closed) (gpointer user_data);
  GDestroyNotify free_data; /* after that */
  gpointer user_data;
} PhRequestStreamOwner;

/* base is referenced, and closed when the stream is; owner is copied. */
PhRequestStream *ph_request_stream_new (GIOStream *base, const PhRequestStreamOwner *owner);

/* libsoup is done with a request, without a body, and may keep the connection for another one. */
void ph_request_stream_note_answered (PhRequestStream *self);

/* What libsoup has read since the request before: the head of one request and nothing else? Only
 * then is it known to have nothing of the next one, and will the end of the connection be told. */
gboolean ph_request_stream_is_single (PhRequestStream *self);
/* That head; NULL if it is not single. Owned by self until it reads on. */
GBytes *ph_request_stream_get_head (PhRequestStream *self);

/* In try_answer: writes head and body, which are referenced, and then goes on with what comes next.
 */
void ph_request_stream_answer (PhRequestStream *self, GBytes *head, GBytes *body);
