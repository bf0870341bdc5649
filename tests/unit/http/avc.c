/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/avc.h"

#include <string.h>

/* clang-format off */
static const guint8 keyframe[] = {
  0, 0, 0, 1, 0x09, 0x10, /* delimiter */
  0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0xda, 0x01, /* SPS, behind a long start code */
  0, 0, 1, 0x68, 0xce, 0x3c, 0x80, /* PPS, behind a short one */
  0, 0, 0, 1, 0x65, 0x88, 0x84, 0x21, 0, 0, /* slice with zeros behind it */
};
/* The start of an SPS as x264 makes it for High 4:2:0 8 bit; only its first fields are read. */
static const guint8 high[] = {
  0, 0, 1, 0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40,
  0, 0, 1, 0x68, 0xeb, 0xe3,
};
/* clang-format on */

static void
long_and_short_start_codes_part_the_units (void)
{
  g_autoptr (GArray) units = ph_avc_split (keyframe, sizeof keyframe);
  static const guint8 first_bytes[] = { 0x67, 0x68, 0x65 };
  static const gsize sizes[] = { 6, 4, 4 };

  g_assert_cmpuint (units->len, ==, 3);
  for (guint i = 0; i < units->len; i++) {
    g_assert_cmpuint (g_array_index (units, PhAvcUnit, i).data[0], ==, first_bytes[i]);
    g_assert_cmpuint (g_array_index (units, PhAvcUnit, i).size, ==, sizes[i]);
  }
}

static void
units_are_put_behind_their_length (void)
{
  g_autoptr (GArray) units = ph_avc_split (keyframe, sizeof keyframe);
  static const guint8 expected[] = { 0, 0, 0, 6, 0x67, 0x42, 0xc0, 0x1f, 0xda, 0x01, 0, 0, 0, 4,
    0x68, 0xce, 0x3c, 0x80, 0, 0, 0, 4, 0x65, 0x88, 0x84, 0x21 };
  GstByteWriter writer;

  g_assert_cmpuint (ph_avc_get_size (units), ==, sizeof expected);
  gst_byte_writer_init (&writer);
  ph_avc_put (&writer, units);
  g_assert_cmpmem (
      writer.parent.data, gst_byte_writer_get_size (&writer), expected, sizeof expected);
  gst_byte_writer_reset (&writer);
}

static void
what_is_no_byte_stream_has_no_units (void)
{
  static const guint8 junk[] = { 0, 0, 0, 0, 7, 1, 0, 0 };
  static const guint8 empty_unit[] = { 0, 0, 1, 0, 0, 1, 0, 0 };
  g_autoptr (GArray) of_empty = ph_avc_split (empty_unit, sizeof empty_unit);

  for (gsize size = 0; size <= sizeof junk; size++) {
    g_autoptr (GArray) of_junk = ph_avc_split (junk, size);

    g_assert_cmpuint (of_junk->len, ==, 0);
  }
  g_assert_cmpuint (of_empty->len, ==, 0);
}

static void
a_baseline_record_holds_both_parameter_sets (void)
{
  g_autoptr (GArray) units = ph_avc_split (keyframe, sizeof keyframe);
  g_autoptr (GBytes) config = ph_avc_make_config (units);
  g_autofree char *codec = ph_avc_make_codec_string (config);
  static const guint8 expected[] = { 1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 6, 0x67, 0x42, 0xc0, 0x1f,
    0xda, 0x01, 1, 0, 4, 0x68, 0xce, 0x3c, 0x80 };

  g_assert_cmpmem (
      g_bytes_get_data (config, NULL), g_bytes_get_size (config), expected, sizeof expected);
  g_assert_cmpstr (codec, ==, "avc1.42C01F");
}

static void
a_high_profile_record_ends_with_chroma_and_depth (void)
{
  g_autoptr (GArray) units = ph_avc_split (high, sizeof high);
  g_autoptr (GBytes) config = ph_avc_make_config (units);
  gsize size;
  const guint8 *data = g_bytes_get_data (config, &size);
  static const guint8 expected[] = { 0xfd, 0xf8, 0xf8, 0 }; /* 4:2:0, 8 bit, 8 bit */

  g_assert_cmpmem (data + size - sizeof expected, sizeof expected, expected, sizeof expected);
}

static void
without_both_parameter_sets_there_is_no_record (void)
{
  g_autoptr (GArray) slice_only = ph_avc_split (keyframe + 23, sizeof keyframe - 23);
  g_autoptr (GArray) sps_only = ph_avc_split (keyframe, 16);

  g_assert_cmpuint (slice_only->len, ==, 1);
  g_assert_null (ph_avc_make_config (slice_only));
  g_assert_cmpuint (sps_only->len, ==, 1);
  g_assert_null (ph_avc_make_config (sps_only));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/avc/split", long_and_short_start_codes_part_the_units);
  g_test_add_func ("/http/avc/put", units_are_put_behind_their_length);
  g_test_add_func ("/http/avc/junk", what_is_no_byte_stream_has_no_units);
  g_test_add_func ("/http/avc/baseline", a_baseline_record_holds_both_parameter_sets);
  g_test_add_func ("/http/avc/high", a_high_profile_record_ends_with_chroma_and_depth);
  g_test_add_func ("/http/avc/missing", without_both_parameter_sets_there_is_no_record);
  return g_test_run ();
}
