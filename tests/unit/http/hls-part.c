/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls-part.h"

#include <string.h>

#define START (1000 * GST_SECOND)
#define FRAME (GST_SECOND / 30)

typedef struct {
  PhHlsParts *parts;
  PhFmp4Header *header;
  GByteArray *added;
  GstClockTime next;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->parts = ph_hls_parts_new (
      "hls/main/", "s-7", ph_hls_parts_choose_target (0.2, (double)FRAME / GST_SECOND));
  f->header = g_rc_box_new0 (PhFmp4Header);
  f->header->bytes = g_bytes_new_static ("init", 4);
  f->added = g_byte_array_new ();
  f->next = START;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_hls_parts_free (f->parts);
  ph_fmp4_header_unref (f->header);
  g_byte_array_unref (f->added);
}

static void
add_lasting (Fixture *f, gboolean is_keyframe, GstClockTime duration)
{
  g_autoptr (PhFmp4Fragment) fragment = g_rc_box_new0 (PhFmp4Fragment);
  g_autofree char *content = g_strdup_printf ("frame at %" G_GUINT64_FORMAT ";", f->next);

  fragment->header = ph_fmp4_header_ref (f->header);
  fragment->bytes = g_bytes_new (content, strlen (content));
  fragment->start = f->next;
  fragment->duration = duration;
  fragment->is_keyframe = is_keyframe;
  g_byte_array_append (f->added, (const guint8 *)content, strlen (content));
  ph_hls_parts_add (f->parts, fragment);
  f->next += duration;
}

static void
add (Fixture *f, guint n)
{
  for (guint i = 0; i < n; i++)
    add_lasting (f, f->next == START, FRAME);
}

static guint
count (Fixture *f)
{
  guint n;

  ph_hls_parts_get_lines (f->parts, &n);
  return n;
}

static void
the_target_fits_whole_frames (void)
{
  static const double framerates[] = { 0.2, 4, 5, 10, 12.5, 15, 20, 23.976, 24, 25, 30, 50, 60 };

  for (guint i = 0; i < G_N_ELEMENTS (framerates); i++) {
    double frame = 1 / framerates[i];
    double target = ph_hls_parts_choose_target (0.2, frame);
    guint n_frames = (guint)(target / frame);

    g_test_message ("%g frames/s: %g s", framerates[i], target);
    g_assert_cmpuint (n_frames, >=, 1);
    g_assert_cmpfloat (n_frames * frame, >=, 0.85 * target);
    g_assert_cmpfloat (n_frames * frame, <, MAX (0.2, frame) * 1.02);
  }
}

static void
a_part_is_complete_with_its_last_frame (Fixture *f, gconstpointer data)
{
  add (f, 5);
  g_assert_cmpuint (count (f), ==, 0);
  g_assert_true (ph_hls_parts_is_next (f->parts, "s-7.0.m4s"));
  g_assert_null (ph_hls_parts_find (f->parts, "s-7.0.m4s"));
  add (f, 1);
  g_assert_cmpuint (count (f), ==, 1);
  g_assert_false (ph_hls_parts_is_next (f->parts, "s-7.0.m4s"));
  g_assert_nonnull (ph_hls_parts_find (f->parts, "s-7.0.m4s"));
  g_assert_true (ph_hls_parts_is_next (f->parts, "s-7.1.m4s"));
}

static void
only_exact_names_are_found (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "s-7.00.m4s", "s-7. 0.m4s", "s-7.m4s", "s-7.0.m4s.m4s",
    "s-7.-0.m4s", "s-70.0.m4s", "s-7.0", "", "s-7.99999999999999999999.m4s" };

  add (f, 6);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_null (ph_hls_parts_find (f->parts, names[i]));
}

static void
a_segment_is_its_parts_one_after_another (Fixture *f, gconstpointer data)
{
  g_autoptr (GByteArray) joined = g_byte_array_new ();
  g_autoptr (GBytes) whole = NULL;

  add (f, 27);
  whole = ph_hls_parts_finish (f->parts, f->next);
  g_assert_cmpuint (count (f), ==, 5);
  for (guint i = 0; i < 5; i++) {
    g_autofree char *name = g_strdup_printf ("s-7.%u.m4s", i);
    GBytes *part = ph_hls_parts_find (f->parts, name);
    const char *bytes = g_bytes_get_data (part, NULL);
    const char *first = g_bytes_get_data (whole, NULL);

    g_assert_true (bytes == first + joined->len); /* shared, not copied */
    g_byte_array_append (joined, (const guint8 *)bytes, g_bytes_get_size (part));
  }
  g_assert_cmpmem (joined->data, joined->len, f->added->data, f->added->len);
  g_assert_cmpmem (
      joined->data, joined->len, g_bytes_get_data (whole, NULL), g_bytes_get_size (whole));
  g_assert_false (ph_hls_parts_is_next (f->parts, "s-7.5.m4s"));
}

static void
only_parts_that_begin_with_a_keyframe_are_independent (Fixture *f, gconstpointer data)
{
  const PhHlsPlaylistPart *lines;
  guint n;

  add (f, 14);
  lines = ph_hls_parts_get_lines (f->parts, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_true (lines[0].is_independent);
  g_assert_false (lines[1].is_independent);
  g_assert_cmpstr (lines[1].uri, ==, "hls/main/s-7.1.m4s");
}

static void
irregular_frames_keep_parts_between_target_and_most_of_it (Fixture *f, gconstpointer data)
{
  static const int jitter[] = { 4, -3, 5, -6, 2, -1, 0, 3, -4 }; /* milliseconds */
  double target = ph_hls_parts_choose_target (0.2, (double)FRAME / GST_SECOND);
  const PhHlsPlaylistPart *lines;
  guint n;

  for (guint i = 0; i < 300; i++)
    add_lasting (f, i == 0, FRAME + jitter[i % G_N_ELEMENTS (jitter)] * GST_MSECOND);
  lines = ph_hls_parts_get_lines (f->parts, &n);
  g_assert_cmpuint (n, >=, 48);
  for (guint i = 0; i < n; i++) {
    g_assert_cmpfloat (lines[i].duration, <=, target);
    g_assert_cmpfloat (lines[i].duration, >=, 0.85 * target);
  }
}

static void
a_frame_that_bridges_a_hole_does_not_exceed_the_target (Fixture *f, gconstpointer data)
{
  double target = ph_hls_parts_choose_target (0.2, (double)FRAME / GST_SECOND);
  const PhHlsPlaylistPart *lines;
  guint n;

  add (f, 3);
  add_lasting (f, FALSE, GST_SECOND);
  add (f, 6);
  lines = ph_hls_parts_get_lines (f->parts, &n);
  g_assert_cmpuint (n, ==, 3);
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat (lines[i].duration, <=, target);
}

static void
without_a_target_there_are_no_parts (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) whole = NULL;

  ph_hls_parts_free (f->parts);
  f->parts = ph_hls_parts_new ("hls/main/", "s-7", 0);
  add (f, 30);
  g_assert_cmpuint (count (f), ==, 0);
  g_assert_false (ph_hls_parts_is_next (f->parts, "s-7.0.m4s"));
  whole = ph_hls_parts_finish (f->parts, f->next);
  g_assert_cmpmem (
      g_bytes_get_data (whole, NULL), g_bytes_get_size (whole), f->added->data, f->added->len);
  g_assert_cmpuint (count (f), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/hls-part/target", the_target_fits_whole_frames);
#define ADD(path, func) g_test_add ("/http/hls-part/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("complete", a_part_is_complete_with_its_last_frame);
  ADD ("names", only_exact_names_are_found);
  ADD ("segment", a_segment_is_its_parts_one_after_another);
  ADD ("independent", only_parts_that_begin_with_a_keyframe_are_independent);
  ADD ("jitter", irregular_frames_keep_parts_between_target_and_most_of_it);
  ADD ("hole", a_frame_that_bridges_a_hole_does_not_exceed_the_target);
  ADD ("off", without_a_target_there_are_no_parts);
  return g_test_run ();
}
