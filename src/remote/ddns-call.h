/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One update: the request to make, or for some providers several after one another, and what came
 * of it for each name. Makes requests and reads replies; somebody else carries them. Main thread.
 */
#pragma once

#include "remote/ddns-answer.h"
#include "remote/ddns-http.h"
#include "remote/ddns-template.h"

typedef struct {
  PhDdnsTask task; /* the arrays and texts of it are owned by this */
  PhDdnsOutcome *outcomes; /* one for each account of task; set once there is no next request */
  guint step; /* of those who take several */
  char *zone_id; /* Cloudflare's; nullable: not known */
  char *record; /* nullable: not known; see ph_ddns_call_next_cloudflare () */
} PhDdnsCall;

/* accounts (of n_accounts that share a call) are not copied. addresses are copied; NULL: none. */
PhDdnsCall *ph_ddns_call_new (const PhDdnsAccount *const *accounts, guint n_accounts,
    const char *const addresses[PH_N_FAMILIES], PhFamily family);
void ph_ddns_call_free (PhDdnsCall *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDdnsCall, ph_ddns_call_free)

/* The first request with reply NULL, then each next; NULL: the outcomes are there. */
PhDdnsRequest *ph_ddns_call_next (PhDdnsCall *self, const PhDdnsReply *reply);

/* For those who take several steps. The first account's authorization is added. */
PhDdnsRequest *ph_ddns_call_make_request (
    const PhDdnsCall *self, const char *method, char *url, char *body);
/* record, as a former call of the same name and family left it, saves the look-up of the zone and
 * the record, unless it is of no use any more. Afterwards record is what is known now, to be kept
 * for the next call. */
PhDdnsRequest *ph_ddns_call_next_cloudflare (PhDdnsCall *self, const PhDdnsReply *reply);
PhDdnsRequest *ph_ddns_call_next_freedns (PhDdnsCall *self, const PhDdnsReply *reply);
