/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a provider may be called, and what its answers mean for that: the rules of
 * help.dyn.com/remote-access-api, noip.com/integrate, and of those who were banned. Pure functions
 * over a state and a time, in seconds since 1970. Any thread. */
#pragma once

#include "remote/ddns-state.h"

#define PH_DDNS_NEVER G_MAXINT64

typedef enum {
  PH_DDNS_NEXT_NOTHING, /* all is as it should be */
  PH_DDNS_NEXT_ADDRESS, /* waits for an address */
  PH_DDNS_NEXT_USER, /* waits for the user */
  PH_DDNS_NEXT_UPDATE,
  PH_DDNS_NEXT_RETRY, /* after a failure */
  PH_DDNS_NEXT_REFRESH /* the same address again, so that the name is not taken away */
} PhDdnsNext;

/* "nothing", "wait_for_address", … */
const char *ph_ddns_next_to_string (PhDdnsNext next);

/* What comes next, and when: due is in the past when it is late, PH_DDNS_NEVER for the first three.
 * wall: what the clock says; 0: it cannot be believed, and nothing is refreshed. */
PhDdnsNext ph_ddns_rules_find_next (
    const PhDdnsState *state, const PhDdnsProvider *provider, gint64 now, gint64 wall, gint64 *due);

/* Before a call: as if it failed, for the case that this process does not live to see the answer.
 * jitter is from -1 to 1. */
void ph_ddns_rules_note_call (PhDdnsState *state, gint64 now, double jitter);

/* After it. sent: the address it was about. */
void ph_ddns_rules_note_outcome (PhDdnsState *state, const PhDdnsProvider *provider,
    const PhDdnsOutcome *outcome, const char *sent, gint64 now, double jitter);

/* The user asks to try again with a name, whose states are by PhFamily (NULL: not asked for): what
 * was stopped goes on and own patience ends, but what the provider demands stays. FALSE with
 * PH_ERROR_UNAVAILABLE when nothing is to be done, or not yet. */
gboolean ph_ddns_rules_try_again (PhDdnsState *const states[PH_N_FAMILIES],
    const PhDdnsProvider *provider, gint64 now, GError **error);
