/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/mount.h"

#include "base/listen.h"
#include "rtsp/outbox.h"

/* Longer than a fan-out looks before it lets others help. */
#define LONG_ENOUGH_US (700 * G_TIME_SPAN_MILLISECOND)
#define DEADLINE_US (20 * G_TIME_SPAN_SECOND)

typedef struct {
  PhFeed *feed;
  PhMailbox *to_main, *to_rtsp;
  PhRtspMount *mount;
} Fixture;

static void
drop (gpointer mount, gpointer user_data)
{
  g_object_unref (mount);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  const PhStreamConfig config = { .name = (char *)"main", .codec = PH_CODEC_H264 };

  f->feed = ph_feed_new (&config, NULL);
  f->to_main = ph_mailbox_new (NULL, G_MAXUINT, drop, NULL, g_object_unref);
  f->to_rtsp = ph_mailbox_new (NULL, G_MAXUINT, drop, NULL, g_object_unref);
  f->mount = ph_rtsp_mount_new (f->feed, "front/main", f->to_main, f->to_rtsp);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_rtsp_mount_close (f->mount);
  g_object_unref (f->mount);
  ph_mailbox_close (f->to_main);
  ph_mailbox_close (f->to_rtsp);
  ph_mailbox_unref_any (f->to_main);
  ph_mailbox_unref_any (f->to_rtsp);
  ph_feed_unref_any (f->feed);
}

/* ---- threads -------------------------------------------------------------------------------- */

static void
push_keyframe (Fixture *f)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup ("\0\0\0\1\x65\x88\x84\0", 8);
  g_autoptr (GstCaps) caps = gst_caps_from_string (
      "video/x-h264,stream-format=byte-stream,alignment=au,width=320,height=180");
  g_autoptr (GstSample) sample = NULL;
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = GST_SECOND;
  sample = gst_sample_new (buffer, caps, &segment, NULL);
  ph_feed_push_on_stream (f->feed, sample, 0);
}

static GstRTSPMedia *
make_media (Fixture *f, PhRtspMount *mount)
{
  GstRTSPUrl *url = NULL;
  GstRTSPMedia *media;

  ph_rtsp_mount_hold_any (mount);
  ph_rtsp_mount_follow_demand (mount);
  push_keyframe (f);
  g_assert_cmpint (ph_rtsp_mount_get_state_any (mount), ==, PH_RTSP_MOUNT_READY);
  g_assert_cmpint (gst_rtsp_url_parse ("rtsp://host/front", &url), ==, GST_RTSP_OK);
  media = gst_rtsp_media_factory_construct (GST_RTSP_MEDIA_FACTORY (mount), url);
  g_assert_nonnull (media);
  gst_rtsp_url_free (url);
  ph_rtsp_mount_release_any (mount);
  return media;
}

typedef struct {
  GSocket *peer;
  GstRTSPConnection *connection;
  GstRTSPWatch *watch;
  PhRtspLine *line;
  PhRtspOutbox *outbox;
} Viewer;

static GstRTSPWatchFuncs no_funcs = { NULL };

/* Nothing is offered to it, so it has nothing to send. */
static void
viewer_init (Viewer *self, PhFeed *feed, PhRtspFanOut *fan_out)
{
  const PhRtspOutboxSource source = { .fan_out = fan_out, .feed = feed };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) sockets =
      ph_listen_open ("test", "loopback", 0, PH_LISTEN_LOOPBACK, &error);
  g_autoptr (GSocketAddress) address = NULL;

  g_assert_no_error (error);
  g_socket_set_blocking (sockets->pdata[0], TRUE);
  address = g_socket_get_local_address (sockets->pdata[0], NULL);
  self->peer = g_socket_new (
      g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_assert_true (g_socket_connect (self->peer, address, NULL, NULL));
  g_assert_cmpint (
      gst_rtsp_connection_accept (sockets->pdata[0], &self->connection, NULL), ==, GST_RTSP_OK);
  self->watch = gst_rtsp_watch_new (self->connection, &no_funcs, NULL, NULL);
  self->line = ph_rtsp_line_new (self->watch);
  self->outbox = ph_rtsp_outbox_new (self->line, NULL, &source);
}

static void
viewer_clear (Viewer *self)
{
  ph_rtsp_outbox_unref_any (self->outbox);
  ph_rtsp_line_unref_any (self->line);
  g_source_destroy ((GSource *)self->watch);
  gst_rtsp_watch_unref (self->watch);
  gst_rtsp_connection_free (self->connection);
  g_object_unref (self->peer);
}

/* As if sending took all the time there is. */
static gboolean
gets_help_within (PhRtspFanOut *fan_out, PhRtspOutbox *outbox, gint64 microseconds)
{
  gint64 end = g_get_monotonic_time () + microseconds;

  for (guint64 id = 0; g_get_monotonic_time () < end; id++) {
    ph_rtsp_fan_out_begin_any (fan_out, id);
    g_usleep (1000);
    ph_rtsp_fan_out_send_any (fan_out, ph_rtsp_outbox_ref_any (outbox));
    ph_rtsp_fan_out_finish_any (fan_out);
    if (ph_rtsp_fan_out_is_spread_any (fan_out))
      return TRUE;
  }
  return FALSE;
}

static gboolean
may_get_help (Fixture *f, PhRtspMount *mount, gint64 microseconds)
{
  g_autoptr (GstRTSPMedia) media = make_media (f, mount);
  PhRtspFanOut *fan_out = ph_rtsp_mount_get_fan_out_on_rtsp (media);
  Viewer viewer;
  gboolean result;

  viewer_init (&viewer, f->feed, fan_out);
  result = gets_help_within (fan_out, viewer.outbox, microseconds);
  viewer_clear (&viewer);
  return result;
}

static void
one_thread_sends_alone_what_is_encrypted_too (Fixture *f, gconstpointer data)
{
  ph_rtsp_mount_set_threads_any (f->mount, 1);
  g_assert_false (may_get_help (f, f->mount, LONG_ENOUGH_US));
  g_assert_false (may_get_help (f, ph_rtsp_mount_get_encrypted_any (f->mount), LONG_ENOUGH_US));
}

static void
several_threads_help_each_other_with_what_is_encrypted_too (Fixture *f, gconstpointer data)
{
  ph_rtsp_mount_set_threads_any (f->mount, 2);
  g_assert_true (may_get_help (f, f->mount, DEADLINE_US));
  g_assert_true (may_get_help (f, ph_rtsp_mount_get_encrypted_any (f->mount), DEADLINE_US));
}

/* ---- multicast ------------------------------------------------------------------------------ */

static void
assert_multicast (PhRtspMount *mount, GstRTSPAddressPool *pool)
{
  GstRTSPMediaFactory *factory = GST_RTSP_MEDIA_FACTORY (mount);
  g_autoptr (GstRTSPAddressPool) own = gst_rtsp_media_factory_get_address_pool (factory);

  g_assert_true (own == pool);
  g_assert_cmphex (gst_rtsp_media_factory_get_protocols (factory), ==,
      GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP |
          (pool != NULL ? GST_RTSP_LOWER_TRANS_UDP_MCAST : 0));
}

static void
multicast_holds_for_what_is_encrypted_too (Fixture *f, gconstpointer data)
{
  g_autoptr (GstRTSPAddressPool) pool = gst_rtsp_address_pool_new ();
  GstRTSPAddressPool *const pools[] = { pool, NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (pools); i++) {
    ph_rtsp_mount_set_multicast_any (f->mount, pools[i]);
    assert_multicast (f->mount, pools[i]);
    assert_multicast (ph_rtsp_mount_get_encrypted_any (f->mount), pools[i]);
  }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/rtsp/mount/threads/one", Fixture, NULL, set_up,
      one_thread_sends_alone_what_is_encrypted_too, tear_down);
  g_test_add ("/rtsp/mount/threads/several", Fixture, NULL, set_up,
      several_threads_help_each_other_with_what_is_encrypted_too, tear_down);
  g_test_add ("/rtsp/mount/multicast", Fixture, NULL, set_up,
      multicast_holds_for_what_is_encrypted_too, tear_down);
  return g_test_run ();
}
