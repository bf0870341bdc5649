/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls-ring.h"

#include <math.h>
#include <string.h>

#define START (1000 * GST_SECOND)
#define FRAME (GST_SECOND / 10)
#define FRAGMENT_SIZE 1000

typedef struct {
  PhHlsRing *ring;
  PhFmp4Header *header;
  GstClockTime next;
  gboolean can_force;
  gboolean is_next_after_gap;
  PhHlsRingResult result; /* of the last fragment added */
} Fixture;

static PhFmp4Header *
make_header (guint generation)
{
  PhFmp4Header *header = g_rc_box_new0 (PhFmp4Header);

  header->generation = generation;
  header->bytes = g_bytes_new_static ("init", 4);
  return header;
}

static PhHlsRing *
make_ring (gsize max_bytes, double part_duration)
{
  const PhHlsRingLimits limits = { "hls/main/", "s", 97, 2.0, part_duration, 3, max_bytes };

  return ph_hls_ring_new (&limits);
}

static void
set_up (Fixture *f, gconstpointer max_bytes)
{
  f->ring = make_ring (GPOINTER_TO_SIZE (max_bytes), 0);
  f->header = make_header (1);
  f->next = START;
  f->can_force = TRUE;
  f->is_next_after_gap = TRUE;
}

static void
set_up_with_parts (Fixture *f, gconstpointer max_bytes)
{
  set_up (f, max_bytes);
  ph_hls_ring_free (f->ring);
  f->ring = make_ring (GPOINTER_TO_SIZE (max_bytes), 0.5);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_hls_ring_free (f->ring);
  ph_fmp4_header_unref (f->header);
}

static void
add (Fixture *f, gboolean is_keyframe)
{
  g_autofree char *content = g_malloc0 (FRAGMENT_SIZE);
  g_autoptr (PhFmp4Fragment) fragment = g_rc_box_new0 (PhFmp4Fragment);

  fragment->header = ph_fmp4_header_ref (f->header);
  fragment->bytes = g_bytes_new_take (g_steal_pointer (&content), FRAGMENT_SIZE);
  fragment->start = f->next;
  fragment->duration = FRAME;
  fragment->is_keyframe = is_keyframe;
  fragment->is_after_gap = f->is_next_after_gap;
  f->is_next_after_gap = FALSE;
  f->next += FRAME;
  f->result = ph_hls_ring_add (f->ring, fragment, f->can_force, 1);
}

/* n groups of pictures of `length` frames each; the last one lacks the keyframe that ends it. */
static void
add_groups (Fixture *f, guint n, guint length)
{
  for (guint i = 0; i < n * length; i++)
    add (f, i % length == 0);
}

/* The short segments 97 to 99, up to the keyframe that ends the last one. */
static void
begin (Fixture *f)
{
  add_groups (f, 3, 5);
}

static const char *
get_text (Fixture *f)
{
  GBytes *playlist = ph_hls_ring_get_playlist (f->ring);

  return playlist != NULL ? g_bytes_get_data (playlist, NULL) : "";
}

static guint64
get_number (Fixture *f, const char *tag)
{
  const char *found = strstr (get_text (f), tag);

  return found != NULL ? g_ascii_strtoull (found + strlen (tag), NULL, 10) : 0;
}

static guint
count (Fixture *f, const char *tag)
{
  guint n = 0;

  for (const char *at = get_text (f); (at = strstr (at, tag)) != NULL; at++)
    n++;
  return n;
}

static void
assert_rounds_to_target (Fixture *f)
{
  guint64 target = get_number (f, "#EXT-X-TARGETDURATION:");

  for (const char *at = get_text (f); (at = strstr (at, "#EXTINF:")) != NULL; at++)
    g_assert_cmpint (lround (g_ascii_strtod (at + strlen ("#EXTINF:"), NULL)), <=, target);
}

static void
a_segment_ends_at_the_keyframe_that_makes_it_long_enough (Fixture *f, gconstpointer data)
{
  begin (f);
  add_groups (f, 4, 5); /* 2 s */
  g_assert_cmpuint (count (f, "#EXTINF"), ==, 3);
  add (f, TRUE);
  g_assert_true (f->result & PH_HLS_RING_HAS_SEGMENT);
  g_assert_nonnull (strstr (get_text (f), "#EXTINF:2.000,\nhls/main/s-100.m4s\n"));
  g_assert_nonnull (strstr (get_text (f), "#EXT-X-MAP:URI=\"hls/main/s-1-init.mp4\""));
  g_assert_cmpuint (
      g_bytes_get_size (ph_hls_ring_find (f->ring, "s-100.m4s")), ==, 20 * FRAGMENT_SIZE);
  g_assert_nonnull (ph_hls_ring_find (f->ring, "s-1-init.mp4"));
  g_assert_null (ph_hls_ring_find (f->ring, "s-101.m4s"));
  g_assert_null (ph_hls_ring_find (f->ring, "s-2-init.mp4"));
}

static void
three_short_segments_make_the_first_playlist (Fixture *f, gconstpointer data)
{
  begin (f);
  g_assert_null (ph_hls_ring_get_playlist (f->ring)); /* the third has not ended */
  add (f, TRUE);
  g_assert_cmpuint (count (f, "#EXTINF:0.500,"), ==, 3);
  g_assert_cmpuint (get_number (f, "#EXT-X-TARGETDURATION:"), ==, 2);
}

static void
segments_of_less_than_a_second_have_no_date (Fixture *f, gconstpointer data)
{
  begin (f);
  add (f, TRUE);
  g_assert_cmpuint (count (f, "PROGRAM-DATE-TIME"), ==, 0);
  add_groups (f, 5, 20);
  g_assert_cmpuint (count (f, "#EXTINF:0.5"), ==, 0);
  g_assert_cmpuint (count (f, "PROGRAM-DATE-TIME"), ==, count (f, "#EXTINF"));
}

static void
a_keyframe_is_asked_for_once_as_the_segment_gets_long_enough (Fixture *f, gconstpointer data)
{
  static const guint asked_at[] = { 5, 11, 17, 36 }; /* frames */
  guint n_asked = 0;

  for (guint i = 0; i < 39; i++) {
    add (f, i % 6 == 0 && i <= 18);
    if ((f->result & PH_HLS_RING_WANTS_KEYFRAME) == 0)
      continue;
    g_assert_cmpuint (n_asked, <, G_N_ELEMENTS (asked_at));
    g_assert_cmpuint (i, ==, asked_at[n_asked]);
    n_asked++;
  }
  g_assert_cmpuint (n_asked, ==, G_N_ELEMENTS (asked_at));
}

static void
the_list_slides_and_its_numbers_never_repeat (Fixture *f, gconstpointer data)
{
  guint64 sequence = 97;

  begin (f);
  for (guint i = 0; i < 12; i++) {
    guint64 before = sequence;

    add_groups (f, 1, 20);
    sequence = get_number (f, "#EXT-X-MEDIA-SEQUENCE:");
    g_assert_cmpuint (sequence, >=, before);
    if (i >= 6)
      g_assert_cmpuint (sequence, ==, before + 1);
    g_assert_cmpuint (get_number (f, "#EXT-X-TARGETDURATION:"), ==, 2);
    assert_rounds_to_target (f);
  }
  g_assert_cmpuint (count (f, "#EXTINF"), ==, 3);
  g_assert_cmpuint (sequence, ==, 100 + 11 - 3);
}

static void
the_list_is_never_shorter_than_three_target_durations (Fixture *f, gconstpointer data)
{
  begin (f);
  add_groups (f, 3, 20); /* 2 segments of 2 s */
  g_assert_cmpuint (count (f, "#EXTINF"), ==, 5);
  add (f, TRUE); /* the third */
  g_assert_cmpuint (count (f, "#EXTINF"), ==, 3);
}

static void
what_left_the_list_can_be_had_for_its_own_and_the_lists_length (Fixture *f, gconstpointer data)
{
  GstClockTime left_at;

  begin (f);
  add_groups (f, 4, 20);
  add (f, TRUE); /* 100 leaves as 103 comes */
  left_at = f->next - FRAME;
  g_assert_cmpuint (get_number (f, "#EXT-X-MEDIA-SEQUENCE:"), ==, 101);
  ph_hls_ring_expire (f->ring, left_at + 10 * GST_SECOND - 1); /* 2 s, and 4 × 2 s */
  g_assert_nonnull (ph_hls_ring_find (f->ring, "s-100.m4s"));
  ph_hls_ring_expire (f->ring, left_at + 10 * GST_SECOND);
  g_assert_null (ph_hls_ring_find (f->ring, "s-100.m4s"));
  g_assert_nonnull (ph_hls_ring_find (f->ring, "s-101.m4s"));
}

static void
after_a_gap_comes_a_discontinuity_which_is_counted_as_it_leaves (Fixture *f, gconstpointer data)
{
  begin (f);
  add_groups (f, 2, 20);
  f->is_next_after_gap = TRUE;
  f->next += 60 * GST_SECOND;
  add_groups (f, 1, 20);
  add (f, TRUE);
  g_assert_cmpuint (count (f, "#EXT-X-DISCONTINUITY\n"), ==, 1);
  g_assert_nonnull (strstr (get_text (f), "hls/main/s-101.m4s\n#EXT-X-DISCONTINUITY\n"));
  add_groups (f, 4, 20);
  g_assert_cmpuint (count (f, "#EXT-X-DISCONTINUITY\n"), ==, 0);
  g_assert_cmpuint (get_number (f, "#EXT-X-DISCONTINUITY-SEQUENCE:"), ==, 1);
}

static void
another_init_segment_is_a_discontinuity_with_its_own_map (Fixture *f, gconstpointer data)
{
  begin (f);
  add_groups (f, 1, 20);
  ph_fmp4_header_unref (f->header);
  f->header = make_header (2);
  add_groups (f, 1, 20);
  add (f, TRUE);
  g_assert_nonnull (
      strstr (get_text (f), "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"hls/main/s-2-init.mp4\"\n"));
  g_assert_nonnull (ph_hls_ring_find (f->ring, "s-1-init.mp4"));
  g_assert_nonnull (ph_hls_ring_find (f->ring, "s-2-init.mp4"));
}

static void
whoever_comes_back_finds_higher_numbers_behind_a_discontinuity (Fixture *f, gconstpointer data)
{
  begin (f);
  add (f, TRUE);
  ph_hls_ring_close (f->ring, f->next);
  g_assert_null (ph_hls_ring_get_playlist (f->ring));
  g_assert_nonnull (ph_hls_ring_find (f->ring, "s-99.m4s"));
  f->is_next_after_gap = TRUE;
  f->next += 60 * GST_SECOND;
  begin (f);
  add (f, TRUE);
  g_assert_cmpuint (get_number (f, "#EXT-X-MEDIA-SEQUENCE:"), ==, 100);
  g_assert_cmpuint (count (f, "#EXT-X-DISCONTINUITY\n"), ==, 1);
}

static void
an_old_group_of_pictures_is_left_out_where_keyframes_can_be_asked_for (
    Fixture *f, gconstpointer data)
{
  add_groups (f, 1, 70); /* kept for 7 s */
  begin (f); /* what was asked for */
  add (f, TRUE);
  g_assert_cmpuint (count (f, "#EXTINF:0.500"), ==, 3);
  g_assert_cmpuint (count (f, "#EXTINF"), ==, 3);
  g_assert_cmpuint (get_number (f, "#EXT-X-TARGETDURATION:"), ==, 2);
}

static void
where_they_cannot_the_first_group_decides_on_the_target (Fixture *f, gconstpointer data)
{
  f->can_force = FALSE;
  add_groups (f, 2, 70);
  g_assert_cmpuint (count (f, "#EXTINF:7.000"), ==, 1);
  add (f, TRUE);
  g_assert_cmpuint (count (f, "#EXTINF:7.000"), ==, 2);
  g_assert_cmpuint (get_number (f, "#EXT-X-TARGETDURATION:"), ==, 7);
}

static void
a_keyframe_that_does_not_come_is_not_waited_for_beyond_the_target (Fixture *f, gconstpointer data)
{
  begin (f);
  add_groups (f, 1, 50);
  g_assert_nonnull (strstr (get_text (f), "#EXTINF:2.400"));
  g_assert_null (strstr (get_text (f), "INDEPENDENT"));
  assert_rounds_to_target (f);
}

static void
memory_has_a_bound (Fixture *f, gconstpointer max_bytes)
{
  begin (f);
  add_groups (f, 20, 20);
  g_assert_cmpuint (get_number (f, "#EXT-X-MEDIA-SEQUENCE:"), ==, 118);
  g_assert_cmpuint (count (f, "#EXTINF"), ==, 1);
  g_assert_null (ph_hls_ring_find (f->ring, "s-117.m4s"));
}

static void
what_a_segment_takes_is_measured (Fixture *f, gconstpointer data)
{
  guint64 peak, average;

  ph_hls_ring_measure (f->ring, &peak, &average);
  g_assert_cmpuint (peak, ==, 0);
  begin (f);
  add (f, TRUE);
  ph_hls_ring_measure (f->ring, &peak, &average);
  g_assert_cmpuint (peak, ==, 10 * FRAGMENT_SIZE * 8);
  g_assert_cmpuint (average, ==, peak);
}

/* ---- parts ---------------------------------------------------------------------------------- */

static void
parts_are_listed_as_they_come (Fixture *f, gconstpointer data)
{
  begin (f);
  add_groups (f, 1, 4);
  g_assert_false (f->result & PH_HLS_RING_HAS_PART);
  g_assert_cmpuint (count (f, "#EXT-X-PART:"), ==, 2); /* 97 has shown how long a frame is */
  g_assert_nonnull (
      strstr (get_text (f), "\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"hls/main/s-100.0.m4s\"\n"));
  g_assert_true (ph_hls_ring_is_hinted (f->ring, "s-100.0.m4s"));
  add (f, FALSE);
  g_assert_true (f->result & PH_HLS_RING_HAS_PART);
  g_assert_nonnull (strstr (get_text (f),
      "#EXT-X-PART:DURATION=0.500,URI=\"hls/main/s-100.0.m4s\",INDEPENDENT=YES\n"
      "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"hls/main/s-100.1.m4s\"\n"));
  g_assert_cmpuint (
      g_bytes_get_size (ph_hls_ring_find (f->ring, "s-100.0.m4s")), ==, 5 * FRAGMENT_SIZE);
}

static void
a_part_stays_the_same_when_its_segment_is_whole (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) before = NULL;

  begin (f);
  add_groups (f, 1, 12);
  before = g_bytes_ref (ph_hls_ring_find (f->ring, "s-100.1.m4s"));
  add_groups (f, 1, 10); /* too early an end */
  add (f, TRUE);
  g_assert_true (f->result & PH_HLS_RING_HAS_SEGMENT);
  g_assert_true (g_bytes_equal (ph_hls_ring_find (f->ring, "s-100.1.m4s"), before));
  g_assert_cmpuint (count (f, "#EXT-X-PART:"), ==, 2 + 5); /* the last of two frames */
  g_assert_cmpuint (count (f, "INDEPENDENT=YES"), ==, 2 + 1);
  g_assert_nonnull (strstr (get_text (f), "DURATION=0.200,URI=\"hls/main/s-100.4.m4s\"\n#EXTINF"));
}

static void
parts_are_listed_for_three_target_durations (Fixture *f, gconstpointer data)
{
  begin (f);
  add_groups (f, 20, 20);
  add (f, TRUE);
  g_assert_cmpuint (count (f, "#EXTINF"), ==, 3);
  g_assert_cmpuint (count (f, "#EXT-X-PART:"), ==, 3 * 4);
  g_assert_null (ph_hls_ring_find (f->ring, "s-100.0.m4s")); /* gone with its segment */
}

static void
what_a_player_waits_for_is_told_from_what_is_there (Fixture *f, gconstpointer data)
{
  static const struct {
    guint64 number;
    guint part;
    PhHlsRingOutlook outlook;
  } cases[] = {
    { 0, 0, PH_HLS_RING_HAS },
    { 100, PH_HLS_WHOLE_SEGMENT, PH_HLS_RING_HAS },
    { 100, 3, PH_HLS_RING_HAS },
    { 100, 4, PH_HLS_RING_HAS }, /* which is 101's first */
    { 101, 0, PH_HLS_RING_HAS },
    { 101, 1, PH_HLS_RING_EXPECTS },
    { 101, 6, PH_HLS_RING_EXPECTS },
    { 101, 7, PH_HLS_RING_TOO_FAR_AHEAD },
    { 101, PH_HLS_WHOLE_SEGMENT, PH_HLS_RING_EXPECTS },
    { 102, 0, PH_HLS_RING_EXPECTS },
    { 103, 0, PH_HLS_RING_TOO_FAR_AHEAD },
    { 103, PH_HLS_WHOLE_SEGMENT, PH_HLS_RING_TOO_FAR_AHEAD },
  };

  g_assert_cmpint (ph_hls_ring_look_for (f->ring, 7, 0), ==, PH_HLS_RING_EXPECTS);
  begin (f);
  add_groups (f, 1, 20);
  add_groups (f, 1, 4);
  g_assert_cmpint (ph_hls_ring_look_for (f->ring, 100, 3), ==, PH_HLS_RING_HAS);
  g_assert_cmpint (ph_hls_ring_look_for (f->ring, 100, 4), ==, PH_HLS_RING_EXPECTS);
  add (f, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_test_message ("%" G_GUINT64_FORMAT ".%u", cases[i].number, cases[i].part);
    g_assert_cmpint (
        ph_hls_ring_look_for (f->ring, cases[i].number, cases[i].part), ==, cases[i].outlook);
  }
}

static void
a_name_of_a_part_is_never_used_again (Fixture *f, gconstpointer data)
{
  begin (f);
  add_groups (f, 1, 5); /* 100.0 */
  ph_hls_ring_close (f->ring, f->next);
  g_assert_null (ph_hls_ring_find (f->ring, "s-100.0.m4s"));
  f->is_next_after_gap = TRUE;
  begin (f);
  add (f, TRUE);
  g_assert_cmpuint (get_number (f, "#EXT-X-MEDIA-SEQUENCE:"), ==, 101);
  g_assert_cmpuint (count (f, "#EXT-X-DISCONTINUITY\n"), ==, 1);
}

static void
a_stream_that_is_over_says_so_and_nobody_waits (Fixture *f, gconstpointer data)
{
  guint n_whole;

  begin (f);
  add_groups (f, 1, 5);
  n_whole = count (f, "#EXTINF:");
  ph_hls_ring_end (f->ring);
  g_assert_true (g_str_has_suffix (get_text (f), "\n#EXT-X-ENDLIST\n"));
  g_assert_cmpuint (count (f, "#EXT-X-PRELOAD-HINT"), ==, 0);
  g_assert_cmpuint (count (f, "#EXTINF:"), ==, n_whole + 1); /* what was open */
  g_assert_cmpint (ph_hls_ring_look_for (f->ring, 200, 0), ==, PH_HLS_RING_HAS);
}

static char *
dup_text (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  return g_strndup (data, size);
}

/* 2 s are the target, so what is 12 s from the end may be left out. */
static void
who_has_read_the_list_is_spared_what_is_old (Fixture *f, gconstpointer data)
{
  const PhHlsRingLimits limits = { "hls/main/", "s", 97, 2.0, 0.5, 10, 1024 * 1024 };
  g_autofree char *whole = NULL, *delta = NULL;
  const char *skip, *rest;
  guint64 sequence;
  guint part;

  ph_hls_ring_free (f->ring);
  f->ring = ph_hls_ring_new (&limits);
  begin (f); /* 97 to 99 */
  add_groups (f, 6, 20); /* 100 to 104, 105 is open */
  g_assert_true (ph_hls_ring_get_delta (f->ring) == ph_hls_ring_get_playlist (f->ring));
  add_groups (f, 4, 20);
  add (f, TRUE); /* begins 110 */
  whole = dup_text (ph_hls_ring_get_playlist (f->ring));
  delta = dup_text (ph_hls_ring_get_delta (f->ring));
  g_assert_cmpuint (count (f, "#EXTINF:"), ==, 10);
  g_assert_nonnull (strstr (whole, ",CAN-SKIP-UNTIL=12\n"));
  g_assert_null (strstr (whole, "EXT-X-SKIP"));
  skip = strstr (delta, "#EXT-X-SKIP:SKIPPED-SEGMENTS=4\n");
  g_assert_nonnull (skip);
  g_assert_nonnull (strstr (delta, "#EXT-X-MEDIA-SEQUENCE:100\n"));
  rest = strchr (skip, '\n') + 1;
  g_assert_true (g_str_has_suffix (whole, rest));
  g_assert_null (strstr (rest, "s-103.m4s"));
  g_assert_nonnull (strstr (rest, "s-104.m4s"));

  add_groups (f, 1, 5);
  g_assert_true (ph_hls_ring_get_last (f->ring, &sequence, &part));
  g_assert_cmpuint (sequence, ==, 110);
  g_assert_cmpuint (part, ==, 0);
}

int
main (int argc, char **argv)
{
  gpointer ample = GSIZE_TO_POINTER (1024 * 1024);
  gpointer tight = GSIZE_TO_POINTER (30 * FRAGMENT_SIZE);

  g_test_init (&argc, &argv, NULL);
#define ADD(path, bound, func) \
  g_test_add ("/http/hls-ring/" path, Fixture, bound, set_up, func, tear_down)
  ADD ("cut", ample, a_segment_ends_at_the_keyframe_that_makes_it_long_enough);
  ADD ("first", ample, three_short_segments_make_the_first_playlist);
  ADD ("undated", ample, segments_of_less_than_a_second_have_no_date);
  ADD ("ask", ample, a_keyframe_is_asked_for_once_as_the_segment_gets_long_enough);
  ADD ("slide", ample, the_list_slides_and_its_numbers_never_repeat);
  ADD ("length", ample, the_list_is_never_shorter_than_three_target_durations);
  ADD ("expire", ample, what_left_the_list_can_be_had_for_its_own_and_the_lists_length);
  ADD ("gap", ample, after_a_gap_comes_a_discontinuity_which_is_counted_as_it_leaves);
  ADD ("map", ample, another_init_segment_is_a_discontinuity_with_its_own_map);
  ADD ("close", ample, whoever_comes_back_finds_higher_numbers_behind_a_discontinuity);
  ADD ("kept", ample, an_old_group_of_pictures_is_left_out_where_keyframes_can_be_asked_for);
  ADD ("unforced", ample, where_they_cannot_the_first_group_decides_on_the_target);
  ADD ("late", ample, a_keyframe_that_does_not_come_is_not_waited_for_beyond_the_target);
  ADD ("bound", tight, memory_has_a_bound);
  ADD ("measure", ample, what_a_segment_takes_is_measured);
#undef ADD
#define ADD(path, bound, func) \
  g_test_add ("/http/hls-ring/" path, Fixture, bound, set_up_with_parts, func, tear_down)
  ADD ("parts/come", ample, parts_are_listed_as_they_come);
  ADD ("parts/stay", ample, a_part_stays_the_same_when_its_segment_is_whole);
  ADD ("parts/leave", ample, parts_are_listed_for_three_target_durations);
  ADD ("parts/look", ample, what_a_player_waits_for_is_told_from_what_is_there);
  ADD ("parts/close", ample, a_name_of_a_part_is_never_used_again);
  ADD ("parts/end", ample, a_stream_that_is_over_says_so_and_nobody_waits);
  ADD ("parts/delta", ample, who_has_read_the_list_is_spared_what_is_old);
  return g_test_run ();
}
