/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/metrics-text.h"

#include <string.h>

static char *
finish (PhMetricsText *text)
{
  g_autoptr (GBytes) bytes = ph_metrics_text_finish (text);

  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
an_openmetrics_text_names_the_family_and_ends_with_eof (void)
{
  g_autoptr (PhMetricsText) text = ph_metrics_text_new (PH_METRICS_OPENMETRICS);
  g_autofree char *found = NULL;

  ph_metrics_text_begin (text, "porthole_sent_bytes", PH_METRIC_COUNTER, "bytes", "Sent");
  ph_metrics_text_add (text, 12345678901.0, "camera", "front", "kind", "hls", NULL);
  found = finish (text);
  g_assert_cmpstr (found, ==,
      "# HELP porthole_sent_bytes Sent.\n"
      "# TYPE porthole_sent_bytes counter\n"
      "# UNIT porthole_sent_bytes bytes\n"
      "porthole_sent_bytes_total{camera=\"front\",kind=\"hls\"} 12345678901\n"
      "# EOF\n");
}

static void
the_older_format_names_the_samples_and_has_no_eof (void)
{
  g_autoptr (PhMetricsText) text = ph_metrics_text_new (PH_METRICS_PLAIN);
  g_autofree char *found = NULL;

  ph_metrics_text_begin (text, "porthole_sent_bytes", PH_METRIC_COUNTER, "bytes", "Sent");
  ph_metrics_text_add (text, 0.5, NULL);
  ph_metrics_text_begin (text, "porthole_build", PH_METRIC_INFO, NULL, "Build");
  ph_metrics_text_add (text, 1, "version", "1", NULL);
  found = finish (text);
  g_assert_cmpstr (found, ==,
      "# HELP porthole_sent_bytes_total Sent.\n"
      "# TYPE porthole_sent_bytes_total counter\n"
      "porthole_sent_bytes_total 0.5\n"
      "# HELP porthole_build_info Build.\n"
      "# TYPE porthole_build_info gauge\n"
      "porthole_build_info{version=\"1\"} 1\n");
}

static void
label_values_are_escaped_and_made_utf8 (void)
{
  g_autoptr (PhMetricsText) text = ph_metrics_text_new (PH_METRICS_OPENMETRICS);
  g_autofree char *found = NULL;

  ph_metrics_text_begin (text, "a", PH_METRIC_GAUGE, NULL, "A");
  ph_metrics_text_add (text, -1, "name", "say \"hi\" \\ there\nö\xff", "none", NULL, NULL);
  found = finish (text);
  g_assert_nonnull (
      strstr (found, "\na{name=\"say \\\"hi\\\" \\\\ there\\nö\xef\xbf\xbd\",none=\"\"} -1\n"));
}

static void
a_histogram_is_cumulative (void)
{
  g_autoptr (PhMetricsText) text = ph_metrics_text_new (PH_METRICS_OPENMETRICS);
  g_autofree char *found = NULL;
  PhHistogram histogram = { 0 };

  ph_histogram_observe_any (&histogram, -1);
  ph_histogram_observe_any (&histogram, 0.25); /* a bound belongs to its bucket */
  ph_histogram_observe_any (&histogram, 60);
  ph_metrics_text_begin (text, "wait_seconds", PH_METRIC_HISTOGRAM, "seconds", "Wait");
  ph_metrics_text_add_histogram (text, &histogram, "kind", "mp4", NULL);
  found = finish (text);
  g_assert_nonnull (strstr (found, "wait_seconds_bucket{kind=\"mp4\",le=\"0.005\"} 1\n"));
  g_assert_nonnull (strstr (found, "wait_seconds_bucket{kind=\"mp4\",le=\"0.25\"} 2\n"));
  g_assert_nonnull (strstr (found, "wait_seconds_bucket{kind=\"mp4\",le=\"10.0\"} 2\n"));
  g_assert_nonnull (strstr (found, "wait_seconds_bucket{kind=\"mp4\",le=\"+Inf\"} 3\n"));
  g_assert_nonnull (strstr (found, "wait_seconds_count{kind=\"mp4\"} 3\n"));
  g_assert_nonnull (strstr (found, "wait_seconds_sum{kind=\"mp4\"} 60.25\n"));
}

static void
exactly_one_state_is_set (void)
{
  static const char *const states[] = { "idle", "live", NULL };
  g_autoptr (PhMetricsText) text = ph_metrics_text_new (PH_METRICS_OPENMETRICS);
  g_autofree char *found = NULL;

  ph_metrics_text_begin (text, "state", PH_METRIC_STATESET, NULL, "State");
  ph_metrics_text_add_state (text, states, "live", "camera", "front", NULL);
  found = finish (text);
  g_assert_nonnull (strstr (found, "# TYPE state stateset\n"
                                   "state{camera=\"front\",state=\"idle\"} 0\n"
                                   "state{camera=\"front\",state=\"live\"} 1\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func (
      "/base/metrics-text/openmetrics", an_openmetrics_text_names_the_family_and_ends_with_eof);
  g_test_add_func ("/base/metrics-text/plain", the_older_format_names_the_samples_and_has_no_eof);
  g_test_add_func ("/base/metrics-text/escape", label_values_are_escaped_and_made_utf8);
  g_test_add_func ("/base/metrics-text/histogram", a_histogram_is_cumulative);
  g_test_add_func ("/base/metrics-text/state", exactly_one_state_is_set);
  return g_test_run ();
}
