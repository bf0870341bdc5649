/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-rules.h"

#include "base/error.h"

#include <math.h>

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

#define LATER_WAIT (30 * MINUTE) /* Dyn, No-IP: after 911 */
#define UNKNOWN_WAIT (30 * MINUTE)
#define LONGEST_RETRY_AFTER (30 * DAY)
#define CALM_CHANGES 6 /* in an hour; with more of them the line flaps */
#define MAX_ASKED 500

static const gint64 ladder[] = { 1 * MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE,
  30 * MINUTE };

static const char *const nexts[] = { "nothing", "wait_for_address", "wait_for_user", "update",
  "retry", "refresh" };

const char *
ph_ddns_next_to_string (PhDdnsNext next)
{
  return nexts[next];
}

/* When max_per_day allows another call. */
static gint64
find_quota_end (const PhDdnsState *state, const PhDdnsProvider *provider)
{
  guint max = provider->max_per_day;

  if (max == 0 || state->asked->len < max)
    return 0;
  return g_array_index (state->asked, gint64, state->asked->len - max) + DAY;
}

static gint64
find_limit (const PhDdnsState *state, const PhDdnsProvider *provider)
{
  return MAX (state->limit_until, find_quota_end (state, provider));
}

static gboolean
is_published (const PhDdnsState *state)
{
  return g_strcmp0 (state->wanted, state->accepted) == 0 && !state->is_contradicted;
}

static gint64
find_refresh (const PhDdnsState *state, const PhDdnsProvider *provider, gint64 now, gint64 wall)
{
  gint64 at = state->accepted_at + (gint64)provider->refresh_days * DAY;

  if (provider->refresh_days == 0 || wall < state->accepted_at)
    return PH_DDNS_NEVER;
  return MAX (now + (at - wall), MAX (state->no_refresh_until, state->not_before));
}

PhDdnsNext
ph_ddns_rules_find_next (
    const PhDdnsState *state, const PhDdnsProvider *provider, gint64 now, gint64 wall, gint64 *due)
{
  *due = PH_DDNS_NEVER;
  if (state->wanted == NULL)
    return PH_DDNS_NEXT_ADDRESS;
  if (state->is_stopped)
    return PH_DDNS_NEXT_USER;
  if (is_published (state)) {
    *due = find_refresh (state, provider, now, wall);
    if (*due == PH_DDNS_NEVER)
      return PH_DDNS_NEXT_NOTHING;
    *due = MAX (*due, find_limit (state, provider));
    return PH_DDNS_NEXT_REFRESH;
  }
  *due = MAX (state->not_before, find_limit (state, provider));
  return state->n_failures > 0 ? PH_DDNS_NEXT_RETRY : PH_DDNS_NEXT_UPDATE;
}

/* What lies in the future was written under a wrong clock, and is kept for it. */
static void
forget_before (GArray *times, gint64 time, guint max)
{
  guint n_old = 0;

  while (n_old < times->len &&
         (g_array_index (times, gint64, n_old) < time || times->len - n_old > max))
    n_old++;
  if (n_old > 0)
    g_array_remove_range (times, 0, n_old);
}

/* n_failures: at least 1. At the ladder's end a time between half an hour and an hour. */
static gint64
find_patience (guint n_failures, double jitter)
{
  if (n_failures > G_N_ELEMENTS (ladder))
    return 30 * MINUTE + (gint64)(30 * MINUTE * (jitter + 1) / 2);
  return (gint64)round ((double)ladder[n_failures - 1] * (1 + 0.1 * jitter));
}

void
ph_ddns_rules_note_call (PhDdnsState *state, gint64 now, double jitter)
{
  forget_before (state->asked, now - DAY, MAX_ASKED);
  g_array_append_val (state->asked, now);
  state->n_failures++;
  state->not_before = now + find_patience (state->n_failures, jitter);
}

/* Only ever later than what is asked for. */
static gint64
add_jitter (gint64 seconds, double jitter)
{
  return seconds + (gint64)((double)seconds * 0.1 * fabs (jitter));
}

static gint64
find_doubled (gint64 seconds, guint n_times, gint64 longest)
{
  return MIN (seconds << MIN (n_times, 20), longest);
}

static void
note_success (PhDdnsState *state, const PhDdnsProvider *provider, PhDdnsVerdict verdict,
    const char *sent, gint64 now)
{
  guint n_changes;

  forget_before (state->changed, now - HOUR, MAX_ASKED);
  if (g_strcmp0 (state->accepted, sent) != 0)
    g_array_append_val (state->changed, now);
  n_changes = state->changed->len;
  g_free (state->accepted);
  state->accepted = g_strdup (sent);
  state->accepted_at = now;
  state->is_contradicted = FALSE;
  ph_ddns_state_forget_dns (state);
  state->n_failures = state->n_too_many = state->n_abuse = 0;
  state->not_before = 0;
  state->limit_until = now + provider->min_interval;
  if (n_changes > CALM_CHANGES)
    state->limit_until =
        now + find_doubled (MAX (provider->min_interval, MINUTE), n_changes - CALM_CHANGES, HOUR);
  state->n_unchanged = verdict == PH_DDNS_VERDICT_UNCHANGED ? state->n_unchanged + 1 : 0;
  if (state->n_unchanged > 1)
    state->no_refresh_until = now + DAY;
}

static void
note_abuse (PhDdnsState *state, const PhDdnsProvider *provider, gint64 now, double jitter)
{
  if (!provider->abuse_waits)
    state->is_stopped = TRUE;
  else
    state->limit_until = now + add_jitter (state->n_abuse == 0 ? HOUR : DAY, jitter);
  state->n_abuse++;
}

static void
note_failure (PhDdnsState *state, const PhDdnsProvider *provider, const PhDdnsOutcome *outcome,
    gint64 now, double jitter)
{
  gint64 asked_for = MIN (MAX (outcome->wait, 0), LONGEST_RETRY_AFTER);

  switch (outcome->verdict) {
  case PH_DDNS_VERDICT_REFUSED:
    state->is_stopped = TRUE;
    break;
  case PH_DDNS_VERDICT_ABUSE:
    note_abuse (state, provider, now, jitter);
    break;
  case PH_DDNS_VERDICT_LATER:
    state->limit_until = now + add_jitter (MAX (LATER_WAIT, asked_for), jitter);
    break;
  case PH_DDNS_VERDICT_TOO_MANY:
    state->limit_until =
        now + (outcome->wait >= 0 ? add_jitter (asked_for, jitter)
                                  : find_doubled (30 * MINUTE, state->n_too_many, DAY));
    state->n_too_many++;
    break;
  case PH_DDNS_VERDICT_UNREACHABLE:
    state->not_before = now + find_patience (MAX (state->n_failures, 1), jitter);
    state->limit_until = MAX (state->limit_until, now + asked_for);
    break;
  case PH_DDNS_VERDICT_UNKNOWN:
    state->not_before = now + add_jitter (UNKNOWN_WAIT, jitter);
    state->limit_until = MAX (state->limit_until, now + asked_for);
    break;
  case PH_DDNS_VERDICT_UPDATED:
  case PH_DDNS_VERDICT_UNCHANGED:
    break;
  }
}

void
ph_ddns_rules_note_outcome (PhDdnsState *state, const PhDdnsProvider *provider,
    const PhDdnsOutcome *outcome, const char *sent, gint64 now, double jitter)
{
  state->has_verdict = TRUE;
  state->verdict = outcome->verdict;
  state->n_answers[outcome->verdict]++;
  state->answered_at = now;
  g_free (state->answer);
  state->answer = g_strdup (outcome->answer);
  if (outcome->verdict == PH_DDNS_VERDICT_UPDATED || outcome->verdict == PH_DDNS_VERDICT_UNCHANGED)
    note_success (state, provider, outcome->verdict, sent, now);
  else
    note_failure (state, provider, outcome, now, jitter);
}

static gboolean
try_again (PhDdnsState *state, const PhDdnsProvider *provider, gint64 now, GError **error)
{
  gint64 limit = find_limit (state, provider);

  if (is_published (state))
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "%s is published already, and sending it again is what providers ban for", state->wanted);
  else if (limit > now)
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "the provider wants to be left alone for %" G_GINT64_FORMAT " more minutes",
        (limit - now + 59) / 60);
  else {
    state->is_stopped = FALSE;
    state->not_before = 0;
    state->n_failures = 0;
    return TRUE;
  }
  return FALSE;
}

gboolean
ph_ddns_rules_try_again (PhDdnsState *const states[PH_N_FAMILIES], const PhDdnsProvider *provider,
    gint64 now, GError **error)
{
  g_autoptr (GError) refusal = NULL;
  gboolean is_any = FALSE;

  for (PhFamily family = 0; family < PH_N_FAMILIES; family++) {
    if (states[family] == NULL || states[family]->wanted == NULL)
      continue;
    g_clear_error (&refusal);
    is_any |= try_again (states[family], provider, now, &refusal);
  }
  if (is_any)
    return TRUE;
  if (refusal == NULL)
    g_set_error_literal (
        error, PH_ERROR, PH_ERROR_UNAVAILABLE, "there is no public address to publish yet");
  else
    g_propagate_error (error, g_steal_pointer (&refusal));
  return FALSE;
}
