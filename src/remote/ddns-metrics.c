/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-metrics.h"

static const char *const states[] = { "published", "no_address", "refused", "due", "retrying",
  NULL };

static const char *
get_state (const PhDdnsMetric *metric, gint64 now, gint64 wall)
{
  gint64 due;

  switch (ph_ddns_rules_find_next (metric->state, metric->account->provider, now, wall, &due)) {
  case PH_DDNS_NEXT_NOTHING:
  case PH_DDNS_NEXT_REFRESH:
    return "published";
  case PH_DDNS_NEXT_ADDRESS:
    return "no_address";
  case PH_DDNS_NEXT_USER:
    return "refused";
  case PH_DDNS_NEXT_UPDATE:
    return "due";
  case PH_DDNS_NEXT_RETRY:
    break;
  }
  return "retrying";
}

#define LABELS(metric) \
  "hostname", (metric)->account->hostname, "provider", (metric)->account->provider->id, "family", \
      ph_family_to_string ((metric)->family)

/* Of the answers that there were none of there are no series. */
static void
add_calls (PhMetricsText *text, const PhDdnsMetric *metric)
{
  for (PhDdnsVerdict verdict = 0; verdict < PH_N_DDNS_VERDICTS; verdict++)
    if (metric->state->n_answers[verdict] > 0)
      ph_metrics_text_add (text, metric->state->n_answers[verdict], LABELS (metric), "result",
          ph_ddns_verdict_to_string (verdict), NULL);
}

void
ph_ddns_metrics_add (
    PhMetricsText *text, const PhDdnsMetric *metrics, guint n, gint64 now, gint64 wall)
{
  ph_metrics_text_begin (
      text, "porthole_ddns_state", PH_METRIC_STATESET, NULL, "How it stands with the name");
  for (guint i = 0; i < n; i++)
    ph_metrics_text_add_state (
        text, states, get_state (&metrics[i], now, wall), LABELS (&metrics[i]), NULL);
  ph_metrics_text_begin (text, "porthole_ddns_published_timestamp_seconds", PH_METRIC_GAUGE,
      "seconds", "When the provider last took an address for the name, since 1970");
  for (guint i = 0; i < n; i++)
    if (metrics[i].state->accepted_at > 0)
      ph_metrics_text_add (text, metrics[i].state->accepted_at, LABELS (&metrics[i]), NULL);
  ph_metrics_text_begin (text, "porthole_ddns_calls", PH_METRIC_COUNTER, NULL,
      "Calls to the provider since the settings were loaded, by what came of them");
  for (guint i = 0; i < n; i++)
    add_calls (text, &metrics[i]);
}
