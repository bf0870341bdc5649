/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/feed.h"

static guint64
count_ages (const PhTraffic *traffic)
{
  guint64 n = 0;

  for (guint i = 0; i <= PH_HISTOGRAM_BOUNDS; i++)
    n += traffic->age.counts[i];
  return n;
}

/* However many viewers a unit is sent to, and also when a late one is sent an older unit. */
static void
the_age_of_a_unit_counts_once (void)
{
  PhTraffic traffic = { 0 };
  GstClockTime now = ph_feed_now_any ();

  for (int viewer = 0; viewer < 3; viewer++)
    ph_traffic_note_age_any (&traffic, now - GST_SECOND);
  ph_traffic_note_age_any (&traffic, now - 2 * GST_SECOND);
  ph_traffic_note_age_any (&traffic, GST_CLOCK_TIME_NONE);
  g_assert_cmpuint (count_ages (&traffic), ==, 1);
  g_assert_cmpuint (traffic.age.sum_us, >=, G_USEC_PER_SEC);
  ph_traffic_note_age_any (&traffic, now);
  g_assert_cmpuint (count_ages (&traffic), ==, 2);
}

static void
each_kind_of_viewer_is_counted_for_itself (void)
{
  PhTraffic traffic = { 0 };

  ph_traffic_note_sent_any (&traffic, PH_VIEWER_MP4, 100);
  ph_traffic_note_sent_any (&traffic, PH_VIEWER_MP4, 11);
  ph_traffic_note_dropped_any (&traffic, PH_VIEWER_RTSP, 7);
  ph_traffic_note_first_picture_any (&traffic, PH_VIEWER_HLS, g_get_monotonic_time ());
  g_assert_cmpuint (traffic.n_bytes[PH_VIEWER_MP4], ==, 111);
  g_assert_cmpuint (traffic.n_bytes[PH_VIEWER_RTSP], ==, 0);
  g_assert_cmpuint (traffic.n_dropped[PH_VIEWER_RTSP], ==, 7);
  g_assert_cmpuint (traffic.first_picture[PH_VIEWER_HLS].counts[0], ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/camera/traffic/age", the_age_of_a_unit_counts_once);
  g_test_add_func ("/camera/traffic/kinds", each_kind_of_viewer_is_counted_for_itself);
  return g_test_run ();
}
