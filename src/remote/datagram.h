/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One question to the router by datagram, sent again until it answers, with an end. For PCP and
 * NAT-PMP. Main thread, never blocks. */
#pragma once

#include "remote/gateway.h"

#define PH_DATAGRAM_PORT 5351 /* RFC 6886, section 3, and RFC 6887, section 19 */

typedef struct {
  guint first_ms; /* until the question is sent a second time; then twice as long each time */
  guint deadline_ms; /* of it all */
} PhDatagramPace;

/* Whether bytes answer the question; others are passed over. */
typedef gboolean (*PhDatagramMatch) (const guint8 *bytes, gsize length, gconstpointer user_data);

/* user_data must live until callback was called. */
void ph_datagram_ask_async (const PhGateway *gateway, guint port, GBytes *question,
    const PhDatagramPace *pace, PhDatagramMatch match, gconstpointer match_data,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* The answer, at most 1100 bytes. G_IO_ERROR_CONNECTION_REFUSED: nobody listens there;
 * G_IO_ERROR_TIMED_OUT: no answer by the deadline; others of GIO. */
GBytes *ph_datagram_ask_finish (GAsyncResult *result, GError **error);
