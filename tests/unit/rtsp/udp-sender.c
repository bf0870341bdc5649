/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/udp-sender.h"

#include <gio/gio.h>
#include <string.h>

#define DEADLINE_US (5 * G_TIME_SPAN_SECOND)

typedef struct {
  GstElement *sink;
  GstPad *source;
  GSocket *viewers[2];
  int ports[2];
} Fixture;

static GSocket *
open_viewer (int *port)
{
  GSocket *socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;

  g_assert_true (g_socket_bind (socket, any_port, FALSE, NULL));
  address = g_socket_get_local_address (socket, NULL);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  return socket;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GstPad) pad = NULL;
  GstSegment segment;

  f->sink = gst_object_ref_sink (
      gst_element_factory_make_full ("multiudpsink", "sync", FALSE, "async", FALSE, NULL));
  pad = gst_element_get_static_pad (f->sink, "sink");
  ph_rtsp_udp_sender_take_over (f->sink, 0);
  f->source = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  gst_pad_set_active (f->source, TRUE);
  gst_pad_link (f->source, pad);
  gst_element_set_state (f->sink, GST_STATE_PLAYING);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (f->source, gst_event_new_stream_start ("test"));
  gst_pad_push_event (f->source, gst_event_new_segment (&segment));
  for (guint i = 0; i < 2; i++) {
    f->viewers[i] = open_viewer (&f->ports[i]);
    g_signal_emit_by_name (f->sink, "add", "127.0.0.1", f->ports[i]);
  }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gst_element_set_state (f->sink, GST_STATE_NULL);
  gst_pad_set_active (f->source, FALSE);
  gst_object_unref (f->source);
  gst_object_unref (f->sink);
  for (guint i = 0; i < 2; i++)
    g_object_unref (f->viewers[i]);
}

static GstBuffer *
make_packet (gsize size, guint8 fill)
{
  GstBuffer *packet = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_memset (packet, 0, fill, size);
  return packet;
}

static void
push_unit (Fixture *f, const guint16 *sizes, guint n_packets)
{
  GstBufferList *unit = gst_buffer_list_new ();

  for (guint i = 0; i < n_packets; i++)
    gst_buffer_list_add (unit, make_packet (sizes[i], i));
  g_assert_cmpint (gst_pad_push_list (f->source, unit), ==, GST_FLOW_OK);
}

static void
expect_packet (GSocket *viewer, gsize size, guint8 fill)
{
  guint8 data[2048];
  gssize n;

  g_assert_true (g_socket_condition_timed_wait (viewer, G_IO_IN, DEADLINE_US, NULL, NULL));
  n = g_socket_receive (viewer, (char *)data, sizeof data, NULL, NULL);
  g_assert_cmpint (n, ==, size);
  g_assert_cmpuint (data[0], ==, fill);
  g_assert_cmpuint (data[n - 1], ==, fill);
}

/* Small ones before, a row of full ones with its end, and more than the kernel cuts in one go. */
static void
each_viewer_gets_each_packet_as_it_was (Fixture *f, gconstpointer data)
{
  guint16 sizes[80] = { 20, 8, 1400, 1400, 700, 300 };

  for (guint i = 6; i < G_N_ELEMENTS (sizes); i++)
    sizes[i] = 100;
  push_unit (f, sizes, G_N_ELEMENTS (sizes));
  for (guint k = 0; k < 2; k++)
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
      expect_packet (f->viewers[k], sizes[i], i);
}

static void
who_left_gets_nothing (Fixture *f, gconstpointer data)
{
  const guint16 sizes[] = { 10, 10 };

  g_signal_emit_by_name (f->sink, "remove", "127.0.0.1", f->ports[0]);
  push_unit (f, sizes, 2);
  expect_packet (f->viewers[1], 10, 0);
  g_assert_false (g_socket_condition_check (f->viewers[0], G_IO_IN) & G_IO_IN);
}

static void
one_who_cannot_be_reached_harms_nobody (Fixture *f, gconstpointer data)
{
  const guint16 sizes[] = { 10, 10 };

  g_signal_emit_by_name (f->sink, "remove", "127.0.0.1", f->ports[1]);
  g_signal_emit_by_name (f->sink, "add", "255.255.255.255", 9); /* EACCES without SO_BROADCAST */
  g_signal_emit_by_name (f->sink, "add", "127.0.0.1", f->ports[1]);
  push_unit (f, sizes, 2);
  expect_packet (f->viewers[0], 10, 0);
  expect_packet (f->viewers[1], 10, 0);
}

static void
a_single_packet_goes_through_the_sink (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (gst_pad_push (f->source, make_packet (30, 7)), ==, GST_FLOW_OK);
  expect_packet (f->viewers[0], 30, 7);
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  ADD ("/rtsp/udp-sender/packets", each_viewer_gets_each_packet_as_it_was);
  ADD ("/rtsp/udp-sender/left", who_left_gets_nothing);
  ADD ("/rtsp/udp-sender/unreachable", one_who_cannot_be_reached_harms_nobody);
  ADD ("/rtsp/udp-sender/single", a_single_packet_goes_through_the_sink);
  return g_test_run ();
}
