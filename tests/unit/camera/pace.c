/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/pace.h"

#define FIRST 15.0

typedef struct {
  PhPace pace;
  gint64 now_us;
} Fixture;

static void
begin (Fixture *f, double framerate)
{
  ph_pace_init (&f->pace, framerate, f->now_us);
}

static void
run (Fixture *f, guint n_frames, double frame_time)
{
  for (guint i = 0; i < n_frames; i++) {
    f->now_us += (gint64)(frame_time * G_USEC_PER_SEC);
    ph_pace_note_frame (&f->pace, f->now_us);
  }
}

static double
patience (Fixture *f)
{
  return ph_pace_get_patience (&f->pace, FIRST);
}

static void
a_fast_source_has_two_seconds (Fixture *f, gconstpointer data)
{
  begin (f, 30);
  g_assert_cmpfloat (patience (f), ==, FIRST);
  run (f, 1, 1 / 30.0);
  g_assert_cmpfloat (patience (f), ==, 2);
}

static void
a_slow_source_has_three_frame_times_and_more (Fixture *f, gconstpointer data)
{
  begin (f, 0.2);
  g_assert_cmpfloat (patience (f), >, 15);
  run (f, 2, 5);
  g_assert_cmpfloat (patience (f), >, 15);
  g_assert_cmpfloat (patience (f), <, 17);
}

static void
a_source_that_slows_down_in_the_dark_is_not_lost (Fixture *f, gconstpointer data)
{
  begin (f, 30);
  run (f, 100, 1 / 30.0);
  for (double frame_time = 0.1; frame_time <= 2; frame_time *= 2) {
    g_assert_cmpfloat (frame_time, <, patience (f));
    run (f, 3, frame_time);
  }
  g_assert_cmpfloat (patience (f), >, 5);
  run (f, 100, 1 / 30.0); /* and it is forgotten in the light */
  g_assert_cmpfloat (patience (f), ==, 2);
}

static void
what_nobody_knows_is_learned_first (Fixture *f, gconstpointer data)
{
  begin (f, 0);
  run (f, 2, 4);
  g_assert_cmpfloat (patience (f), ==, FIRST);
  run (f, 1, 4);
  g_assert_cmpfloat (patience (f), >, 12);
  g_assert_cmpfloat (patience (f), <, FIRST);
}

static void
it_does_not_grow_for_ever (Fixture *f, gconstpointer data)
{
  begin (f, 30);
  run (f, 10, 1 / 30.0);
  for (int i = 0; i < 20; i++)
    run (f, 1, patience (f) * 0.99);
  g_assert_cmpfloat (patience (f), <=, 31);
}

static void
time_that_was_slept_through_is_no_silence (Fixture *f, gconstpointer data)
{
  begin (f, 30);
  run (f, 10, 1 / 30.0);
  f->now_us += 3600 * (gint64)G_USEC_PER_SEC;
  ph_pace_excuse (&f->pace, f->now_us);
  g_assert_cmpfloat (ph_pace_get_silence (&f->pace, f->now_us), ==, 0);
  run (f, 1, 1 / 30.0);
  g_assert_cmpfloat (patience (f), ==, 2);
}

#define TEST(name, function) g_test_add ("/camera/pace/" name, Fixture, NULL, NULL, function, NULL)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("fast", a_fast_source_has_two_seconds);
  TEST ("slow", a_slow_source_has_three_frame_times_and_more);
  TEST ("dark", a_source_that_slows_down_in_the_dark_is_not_lost);
  TEST ("unknown", what_nobody_knows_is_learned_first);
  TEST ("bound", it_does_not_grow_for_ever);
  TEST ("slept", time_that_was_slept_through_is_no_silence);
  return g_test_run ();
}
