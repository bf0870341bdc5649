/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/unit.h"

typedef struct {
  GstPad *source;
  GstPad *sink;
  GPtrArray *lists; /* element-type GstBufferList: what came through */
} Fixture;

static GstFlowReturn
take_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  g_ptr_array_add (g_object_get_data (G_OBJECT (pad), "lists"), list);
  return GST_FLOW_OK;
}

static GstFlowReturn
take_buffer (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstBufferList *list = gst_buffer_list_new ();

  gst_buffer_list_add (list, buffer);
  return take_list (pad, parent, list);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  GstSegment segment;

  f->lists = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_mini_object_unref);
  f->source = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  f->sink = gst_object_ref_sink (gst_pad_new ("sink", GST_PAD_SINK));
  g_object_set_data (G_OBJECT (f->sink), "lists", f->lists);
  gst_pad_set_chain_function (f->sink, take_buffer);
  gst_pad_set_chain_list_function (f->sink, take_list);
  gst_pad_set_active (f->source, TRUE);
  gst_pad_set_active (f->sink, TRUE);
  gst_pad_link (f->source, f->sink);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (f->source, gst_event_new_stream_start ("test"));
  gst_pad_push_event (f->source, gst_event_new_segment (&segment));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gst_pad_set_active (f->source, FALSE);
  gst_pad_set_active (f->sink, FALSE);
  gst_object_unref (f->source);
  gst_object_unref (f->sink);
  g_ptr_array_unref (f->lists);
}

static GstBuffer *
make_packet (gboolean has_marker)
{
  guint8 packet[12] = { 0x80, has_marker ? 0xe0 : 0x60 };

  return gst_buffer_new_memdup (packet, sizeof packet);
}

static void
push_list (Fixture *f, guint n_packets, gboolean has_marker)
{
  GstBufferList *list = gst_buffer_list_new ();

  for (guint i = 1; i <= n_packets; i++)
    gst_buffer_list_add (list, make_packet (has_marker && i == n_packets));
  g_assert_cmpint (gst_pad_push_list (f->source, list), ==, GST_FLOW_OK);
}

static guint
count_packets (Fixture *f, guint index)
{
  return gst_buffer_list_length (g_ptr_array_index (f->lists, index));
}

static void
all_packets_of_a_unit_come_in_one_list (Fixture *f, gconstpointer data)
{
  ph_rtsp_unit_gather (f->source);
  g_assert_cmpint (gst_pad_push (f->source, make_packet (FALSE)), ==, GST_FLOW_OK);
  push_list (f, 3, FALSE);
  g_assert_cmpuint (f->lists->len, ==, 0);
  push_list (f, 2, TRUE);
  g_assert_cmpuint (f->lists->len, ==, 1);
  g_assert_cmpuint (count_packets (f, 0), ==, 6);
  g_assert_cmpint (gst_pad_push (f->source, make_packet (TRUE)), ==, GST_FLOW_OK);
  g_assert_cmpuint (f->lists->len, ==, 2);
  g_assert_cmpuint (count_packets (f, 1), ==, 1);
}

static void
units_without_an_end_do_not_pile_up (Fixture *f, gconstpointer data)
{
  ph_rtsp_unit_gather (f->source);
  for (int i = 0; i < 10; i++)
    push_list (f, 1000, FALSE);
  g_assert_cmpuint (f->lists->len, ==, 1);
}

static void
only_the_first_is_dropped (Fixture *f, gconstpointer data)
{
  ph_rtsp_unit_drop_first (f->source);
  push_list (f, 1, TRUE);
  g_assert_cmpuint (f->lists->len, ==, 0);
  push_list (f, 2, TRUE);
  push_list (f, 3, TRUE);
  g_assert_cmpuint (f->lists->len, ==, 2);
  g_assert_cmpuint (count_packets (f, 0), ==, 2);
}

typedef struct {
  const char *path;
  gsize size;
  guint8 bytes[12];
  gsize n_left;
} UnitBytes;

static const UnitBytes unit_bytes[] = {
  { "delimiter", 10, { 0, 0, 0, 1, 0x09, 0xf0, 0, 0, 1, 0x65 }, 4 },
  { "short-code", 10, { 0, 0, 1, 0x09, 0x10, 0, 0, 0, 1, 0x41 }, 5 },
  { "slice", 10, { 0, 0, 0, 1, 0x41, 0x9a, 0, 0, 1, 0x41 }, 10 },
  { "alone", 6, { 0, 0, 0, 1, 0x09, 0xf0 }, 6 },
  { "no-code-behind", 10, { 0, 0, 0, 1, 0x09, 0xf0, 3, 4, 5, 6 }, 10 },
  { "jpeg", 4, { 0xff, 0xd8, 0xff, 0xdb }, 4 },
};

static void
a_delimiter_that_stands_first_is_left_out (gconstpointer data)
{
  const UnitBytes *row = data;
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (row->bytes, row->size);
  g_autoptr (GstBuffer) copy = NULL;

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  copy = ph_rtsp_unit_copy_any (buffer);
  g_assert_cmpuint (gst_buffer_get_size (copy), ==, row->n_left);
  g_assert_cmpint (
      gst_buffer_memcmp (copy, 0, row->bytes + row->size - row->n_left, row->n_left), ==, 0);
  g_assert_true (GST_BUFFER_FLAG_IS_SET (copy, GST_BUFFER_FLAG_DELTA_UNIT));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/rtsp/unit/gather", Fixture, NULL, set_up, all_packets_of_a_unit_come_in_one_list,
      tear_down);
  g_test_add ("/rtsp/unit/no-marker", Fixture, NULL, set_up, units_without_an_end_do_not_pile_up,
      tear_down);
  g_test_add ("/rtsp/unit/drop-first", Fixture, NULL, set_up, only_the_first_is_dropped, tear_down);
  for (gsize i = 0; i < G_N_ELEMENTS (unit_bytes); i++) {
    g_autofree char *path = g_strconcat ("/rtsp/unit/copy/", unit_bytes[i].path, NULL);

    g_test_add_data_func (path, &unit_bytes[i], a_delimiter_that_stands_first_is_left_out);
  }
  return g_test_run ();
}
