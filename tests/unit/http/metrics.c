/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/metrics.h"

#include "fixture.h"

/* What Prometheus 2 and 3 ask with, and what people do. */
static void
the_format_is_the_one_that_is_liked_better (void)
{
  static const struct {
    const char *accept;
    PhMetricsFormat format;
  } cases[] = {
    { NULL, PH_METRICS_PLAIN },
    { "", PH_METRICS_PLAIN },
    { "*/*", PH_METRICS_PLAIN },
    { "text/html,application/xhtml+xml,*/*;q=0.8", PH_METRICS_PLAIN },
    { "text/plain;version=0.0.4;q=1,*/*;q=0.1", PH_METRICS_PLAIN },
    { "application/openmetrics-text", PH_METRICS_OPENMETRICS },
    { "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75"
      ",text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        PH_METRICS_OPENMETRICS },
    { "application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.9",
        PH_METRICS_PLAIN },
    { "application/openmetrics-text;q=0,text/plain", PH_METRICS_PLAIN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (ph_metrics_choose_format (cases[i].accept), ==, cases[i].format);
}

typedef struct {
  PhMetrics *metrics;
} Owners;

static const PhRoute routes[] = {
  { "/metrics", "GET", PH_PERMISSION_ADMIN, ph_metrics_handle, G_STRUCT_OFFSET (Owners, metrics) },
};

static void
tell_of_a_name (PhMetricsText *text, gpointer name)
{
  ph_metrics_text_begin (text, "porthole_other_room", PH_METRIC_GAUGE, NULL, "Another room");
  ph_metrics_text_add (text, 3, "name", name, NULL);
}

static void
another_room_is_seen (void)
{
  g_autoptr (GPtrArray) cameras = g_ptr_array_new ();
  Owners owners = { ph_metrics_new (cameras) };
  TestServer server = { 0 };
  g_autoptr (TestAnswer) answer = NULL;

  ph_metrics_add_source (owners.metrics, tell_of_a_name, (gpointer) "home.example");
  test_server_init (&server, routes, G_N_ELEMENTS (routes), &owners, cameras);
  answer = test_fetch (&server, "GET", "/metrics");
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_nonnull (strstr (answer->body, "\nporthole_other_room{name=\"home.example\"} 3\n"));
  g_assert_nonnull (strstr (answer->body, "\nprocess_open_fds "));
  test_server_clear (&server);
  ph_metrics_free (owners.metrics);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/http/metrics/format", the_format_is_the_one_that_is_liked_better);
  g_test_add_func ("/http/metrics/source", another_room_is_seen);
  return g_test_run ();
}
