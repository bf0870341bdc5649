/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps names pointing at the public address, one call to a provider at a time and never more than
 * remote/ddns-rules.h allows. Is told the addresses; nothing that a provider says or does not say
 * ever stops it. Main thread. */
#pragma once

#include "base/metrics-text.h"
#include "remote/clock.h"
#include "remote/ddns-account.h"
#include "remote/ddns-http.h"
#include "remote/ddns-look.h"

#include <json-glib/json-glib.h>

typedef struct _PhDdns PhDdns;

/* Takes accounts and http. folder (nullable without accounts): where its state is kept (see
 * ph_state_make_folder()); blocks on the disk for it, here and at each call. */
PhDdns *ph_ddns_new (
    PhDdnsAccounts *accounts, PhDdnsHttp *http, const char *folder, const PhClock *clock);
/* Ends calls under way. */
void ph_ddns_free (PhDdns *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDdns, ph_ddns_free)

/* The public address now. NULL: there is none, or it is not known; names keep what they have. An
 * address that nobody outside can call (see ph_address_classify()) counts as none. IPv6: the stable
 * one, no temporary one. */
void ph_ddns_set_address (PhDdns *self, PhFamily family, const char *address);

/* Looks names up from now on, and sends again once what DNS contradicts for longer than others may
 * remember it. lookup is copied. Without it nothing is looked up. */
void ph_ddns_set_lookup (PhDdns *self, const PhDdnsLookup *lookup);

/* DNS has kept telling something else than what was published, so it is sent again, once. Not for
 * providers whose names point elsewhere (compare-dns=false): FALSE then. */
gboolean ph_ddns_note_contradiction (PhDdns *self, const char *hostname, PhFamily family);

/* What the provider said when it refused a record of hostname until the user does something; owned
 * by self. NULL: none is refused. */
const char *ph_ddns_find_refusal (PhDdns *self, const char *hostname);

/* The user asks to try again, all records of hostname. Errors: PH_ERROR_NOT_FOUND (no such name),
 * PH_ERROR_UNAVAILABLE (nothing to do, or the provider's limits forbid it). */
gboolean ph_ddns_try_again (PhDdns *self, const char *hostname, GError **error);

/* As given to ph_ddns_new (); nullable. */
const char *ph_ddns_get_folder (PhDdns *self);

/* Looks at the clock and does what is due. It comes by itself, but a clock that jumps, as after a
 * sleep or in a test, may call for it. */
void ph_ddns_wake (PhDdns *self);
/* Seconds until it has something to do; 0: now, or a call is under way; -1: never. */
gint64 ph_ddns_get_wait (PhDdns *self);
/* Whether a provider, or DNS, is being asked. */
gboolean ph_ddns_is_calling (PhDdns *self);

/* For /api/v1/ddns; self is a PhDdns. */
void ph_ddns_report (JsonBuilder *builder, gpointer self);
/* For /metrics. */
void ph_ddns_add_metrics (PhDdns *self, PhMetricsText *text);
