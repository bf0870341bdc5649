/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/rate-meter.h"

#include <math.h>

static void
assert_near (double value, double expected)
{
  g_assert_cmpfloat (fabs (value - expected), <, expected * 0.001);
}

static void
a_steady_stream_reads_its_own_rate (void)
{
  PhRateMeter meter = { 0 };
  double framerate, bitrate;
  GstClockTime now = 0;

  for (int i = 0; i < 300; i++, now += GST_SECOND / 25)
    ph_rate_meter_add (&meter, now, 2000);
  ph_rate_meter_read (&meter, now, &framerate, &bitrate);
  assert_near (framerate, 25);
  assert_near (bitrate, 25 * 2000 * 8 / 1000.0);
}

static void
a_stream_that_stopped_reads_nothing (void)
{
  PhRateMeter meter = { 0 };
  double framerate, bitrate;

  for (int i = 0; i < 10; i++)
    ph_rate_meter_add (&meter, i * GST_SECOND / 25, 2000);
  ph_rate_meter_read (&meter, 10 * GST_SECOND, &framerate, &bitrate);
  g_assert_cmpfloat (framerate, ==, 0);
  g_assert_cmpfloat (bitrate, ==, 0);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/camera/rate-meter/steady", a_steady_stream_reads_its_own_rate);
  g_test_add_func ("/camera/rate-meter/stopped", a_stream_that_stopped_reads_nothing);
  return g_test_run ();
}
