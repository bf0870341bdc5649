/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/gop.h"

static void
add (PhGop *gop, gboolean is_keyframe, gsize n_bytes)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (NULL, n_bytes, NULL);
  g_autoptr (GstSample) sample = gst_sample_new (buffer, NULL, NULL, NULL);

  if (!is_keyframe)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  ph_gop_add (gop, sample);
}

static void
nothing_is_kept_before_a_keyframe (void)
{
  PhGop gop;

  ph_gop_init (&gop);
  add (&gop, FALSE, 10);
  g_assert_cmpuint (gop.samples->len, ==, 0);
  ph_gop_clear (&gop);
}

static void
a_keyframe_starts_anew (void)
{
  PhGop gop;

  ph_gop_init (&gop);
  add (&gop, TRUE, 10);
  add (&gop, FALSE, 10);
  add (&gop, TRUE, 7);
  g_assert_cmpuint (gop.samples->len, ==, 1);
  g_assert_cmpuint (gop.n_bytes, ==, 7);
  ph_gop_clear (&gop);
}

static void
too_many_units_are_given_up (void)
{
  PhGop gop;

  ph_gop_init (&gop);
  add (&gop, TRUE, 1);
  for (int i = 0; i < PH_GOP_MAX_UNITS; i++)
    add (&gop, FALSE, 1);
  g_assert_cmpuint (gop.samples->len, ==, 0);
  add (&gop, FALSE, 1);
  g_assert_cmpuint (gop.samples->len, ==, 0);
  ph_gop_clear (&gop);
}

static void
too_many_bytes_are_given_up (void)
{
  PhGop gop;

  ph_gop_init (&gop);
  add (&gop, TRUE, PH_GOP_MAX_BYTES / 2);
  add (&gop, FALSE, PH_GOP_MAX_BYTES / 2);
  g_assert_cmpuint (gop.samples->len, ==, 2);
  add (&gop, FALSE, 1);
  g_assert_cmpuint (gop.samples->len, ==, 0);
  g_assert_cmpuint (gop.n_bytes, ==, 0);
  ph_gop_clear (&gop);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/camera/gop/needs-keyframe", nothing_is_kept_before_a_keyframe);
  g_test_add_func ("/camera/gop/anew", a_keyframe_starts_anew);
  g_test_add_func ("/camera/gop/units", too_many_units_are_given_up);
  g_test_add_func ("/camera/gop/bytes", too_many_bytes_are_given_up);
  return g_test_run ();
}
