/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a provider's answer means, for each of the names it is about. The answer is a stranger's:
 * nothing of it reaches anybody but quoted. */
#pragma once

#include "remote/ddns-http.h"
#include "remote/ddns-template.h"

typedef enum {
  PH_DDNS_VERDICT_UPDATED,
  PH_DDNS_VERDICT_UNCHANGED, /* it was so already */
  PH_DDNS_VERDICT_REFUSED, /* nothing will change that but the user */
  PH_DDNS_VERDICT_ABUSE, /* the name or the account is blocked */
  PH_DDNS_VERDICT_LATER, /* the provider has a problem of its own, or asks to wait */
  PH_DDNS_VERDICT_TOO_MANY, /* HTTP 429 */
  PH_DDNS_VERDICT_UNREACHABLE, /* no connection, no TLS, no answer in time, HTTP 5xx */
  PH_DDNS_VERDICT_UNKNOWN /* an answer nobody knows */
} PhDdnsVerdict;
#define PH_N_DDNS_VERDICTS 8

/* "updated", "refused", …: for the API and the state on disk. */
const char *ph_ddns_verdict_to_string (PhDdnsVerdict verdict);
gboolean ph_ddns_verdict_from_string (const char *text, PhDdnsVerdict *verdict);

typedef struct {
  PhDdnsVerdict verdict;
  char *answer; /* the answer in words, without a full stop */
  gint64 wait; /* seconds the provider asks for; -1: not said */
} PhDdnsOutcome;

void ph_ddns_outcome_clear (PhDdnsOutcome *self);
void ph_ddns_outcome_set (PhDdnsOutcome *self, PhDdnsVerdict verdict, gint64 wait,
    const char *format, ...) G_GNUC_PRINTF (4, 5);

/* Fills outcomes, one for each account of task, which need not be initialised. */
void ph_ddns_answer_read (
    const PhDdnsReply *reply, const PhDdnsTask *task, PhDdnsOutcome *outcomes);

/* What a status alone tells, for whatever was asked: no answer, 401, 403, 429, 5xx. FALSE: nothing,
 * outcome is untouched. */
gboolean ph_ddns_answer_read_status (
    const PhDdnsReply *reply, const PhDdnsAccount *account, PhDdnsOutcome *outcome);

/* The first line of body in quotes, cut, without the account's password; free with g_free. */
char *ph_ddns_answer_quote (const char *body, const PhDdnsAccount *account);
