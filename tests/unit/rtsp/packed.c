/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/packed.h"

#include <string.h>

static GstBuffer *
make_packet (const char *text, gboolean is_keyframe)
{
  GstBuffer *packet = gst_buffer_new_memdup (text, strlen (text));

  GST_BUFFER_PTS (packet) = 7 * GST_SECOND;
  if (!is_keyframe)
    GST_BUFFER_FLAG_SET (packet, GST_BUFFER_FLAG_DELTA_UNIT);
  return packet;
}

static GstBufferList *
make_unit (void)
{
  GstBufferList *unit = gst_buffer_list_new ();

  gst_buffer_list_add (unit, make_packet ("one", TRUE));
  gst_buffer_list_add (unit, make_packet ("three", TRUE));
  return unit;
}

static void
each_packet_has_its_channel_and_length_in_front (void)
{
  g_autoptr (GstBufferList) unit = make_unit ();
  g_autoptr (PhRtspPacked) packed = ph_rtsp_packed_ref_of_list_any (unit, 4);

  g_assert_cmpmem (packed->data, packed->size, "$\4\0\3one$\4\0\5three", 16);
  g_assert_cmpuint (packed->time, ==, 7 * GST_SECOND);
  g_assert_true (packed->is_keyframe);
}

static void
all_viewers_share_one_piece (void)
{
  g_autoptr (GstBufferList) unit = make_unit ();
  g_autoptr (PhRtspPacked) first = ph_rtsp_packed_ref_of_list_any (unit, 0);
  g_autoptr (PhRtspPacked) second = ph_rtsp_packed_ref_of_list_any (unit, 0);

  g_assert_true (first == second);
}

static void
a_viewer_with_another_channel_gets_its_own (void)
{
  g_autoptr (GstBufferList) unit = make_unit ();
  g_autoptr (PhRtspPacked) first = ph_rtsp_packed_ref_of_list_any (unit, 0);
  g_autoptr (PhRtspPacked) other = ph_rtsp_packed_ref_of_list_any (unit, 2);
  g_autoptr (PhRtspPacked) third = ph_rtsp_packed_ref_of_list_any (unit, 0);

  g_assert_cmpmem (other->data, other->size, "$\2\0\3one$\2\0\5three", 16);
  g_assert_true (third == first);
}

static void
a_piece_outlives_its_unit (void)
{
  GstBufferList *unit = make_unit ();
  g_autoptr (PhRtspPacked) packed = ph_rtsp_packed_ref_of_list_any (unit, 0);

  gst_buffer_list_unref (unit);
  g_assert_cmpmem (packed->data, 7, "$\0\0\3one", 7);
}

static void
a_single_packet_is_packed_alike (void)
{
  g_autoptr (GstBuffer) packet = make_packet ("report", FALSE);
  g_autoptr (PhRtspPacked) packed = ph_rtsp_packed_new_any (packet, 1);

  g_assert_cmpmem (packed->data, packed->size, "$\1\0\6report", 10);
  g_assert_false (packed->is_keyframe);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rtsp/packed/layout", each_packet_has_its_channel_and_length_in_front);
  g_test_add_func ("/rtsp/packed/shared", all_viewers_share_one_piece);
  g_test_add_func ("/rtsp/packed/other-channel", a_viewer_with_another_channel_gets_its_own);
  g_test_add_func ("/rtsp/packed/outlives", a_piece_outlives_its_unit);
  g_test_add_func ("/rtsp/packed/single", a_single_packet_is_packed_alike);
  return g_test_run ();
}
