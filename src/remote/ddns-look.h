/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When to look up in DNS whether a name is what was published, and what to make of the answer: a
 * mismatch that lasts is told, once a day at most. Pure functions over a state and a time, in
 * seconds since 1970. Any thread. */
#pragma once

#include "remote/ddns-rules.h"
#include "remote/dns.h"

/* Who looks up; as ph_dns_ask_async () and ph_dns_ask_finish (). */
typedef struct {
  void (*look_up_async) (const char *hostname, GSocketFamily family, GCancellable *cancellable,
      GAsyncReadyCallback callback, gpointer user_data);
  PhDnsAnswer *(*look_up_finish) (GAsyncResult *result, GError **error);
} PhDdnsLookup;

/* PH_DDNS_NEVER: nothing is published, or DNS shows something else than what was sent, as with
 * names that are proxied. */
gint64 ph_ddns_look_find_due (const PhDdnsState *state, const PhDdnsAccount *account);

/* error with answer NULL: nobody could tell, and why. TRUE: what was published is to be sent once
 * more. */
gboolean ph_ddns_look_note (
    PhDdnsState *state, const PhDnsAnswer *answer, const GError *error, gint64 now);
