/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/pacer.h"

#include <stdlib.h>

/* How many of n pictures at framerate pass, each up to jitter nanoseconds early or late. */
static guint
count_passing (double asked, double framerate, guint n, guint jitter)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  PhPacer pacer;
  guint n_passed = 0;

  ph_pacer_init (&pacer, asked);
  for (guint i = 0; i < n; i++) {
    GstClockTime time = 100 * GST_SECOND + i * GST_SECOND / framerate;

    if (jitter > 0)
      time += g_rand_int_range (random, -(int)jitter, jitter);
    n_passed += ph_pacer_passes (&pacer, time) ? 1 : 0;
  }
  return n_passed;
}

static void
the_rate_is_the_one_asked_for (void)
{
  static const struct {
    double asked, framerate;
    guint n, passed;
  } rows[] = {
    { 0, 30, 300, 300 },
    { 30, 30, 300, 300 },
    { 60, 30, 300, 300 },
    { 15, 30, 300, 150 },
    { 20, 30, 300, 200 },
    { 7, 30, 300, 70 },
    { 0.1, 30, 900, 3 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint even = count_passing (rows[i].asked, rows[i].framerate, rows[i].n, 0);
    guint uneven = count_passing (rows[i].asked, rows[i].framerate, rows[i].n, 8 * GST_MSECOND);

    g_test_message ("%g of %g: %u, %u", rows[i].asked, rows[i].framerate, even, uneven);
    g_assert_cmpint (abs ((int)even - (int)rows[i].passed), <=, 1);
    g_assert_cmpint (abs ((int)uneven - (int)rows[i].passed), <=, 2);
  }
}

static void
a_pause_is_not_made_up_for (void)
{
  PhPacer pacer;
  guint n_passed = 0;

  ph_pacer_init (&pacer, 1);
  g_assert_true (ph_pacer_passes (&pacer, GST_SECOND));
  for (guint i = 0; i < 10; i++)
    n_passed += ph_pacer_passes (&pacer, 100 * GST_SECOND + i * 100 * GST_MSECOND) ? 1 : 0;
  g_assert_cmpuint (n_passed, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/pacer/rate", the_rate_is_the_one_asked_for);
  g_test_add_func ("/http/pacer/pause", a_pause_is_not_made_up_for);
  return g_test_run ();
}
