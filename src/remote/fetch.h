/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One HTTP request whose answer is not trusted: it has an end in time and in size, and leads
 * nowhere else. Main thread, never blocks. */
#pragma once

#include <libsoup/soup.h>

typedef struct {
  gsize max_bytes; /* of the body */
  guint deadline_ms; /* of it all */
} PhFetchLimits;

/* message is sent without following redirects. */
void ph_fetch_async (SoupSession *session, SoupMessage *message, const PhFetchLimits *limits,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* The body of an answer with status 200. G_IO_ERROR_TIMED_OUT: not in time;
 * G_IO_ERROR_MESSAGE_TOO_LARGE; PH_ERROR_FAILED: another status; else GIO's and TLS's. */
GBytes *ph_fetch_finish (GAsyncResult *result, GError **error);
