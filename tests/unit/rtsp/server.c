/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/server.h"

#include "common/settings.h"
#include "unit/rtsp/peer.h"

#define FRAME_TIME_US (G_USEC_PER_SEC / 30)
/* Beyond the three frame times a keyframe may take: what a busy machine adds. */
#define SLACK_US (100 * 1000)

typedef struct {
  PhSourceConfig source;
  PhStreamConfig stream;
  PhCameraConfig camera;
} CameraSettings;

typedef struct {
  CameraSettings settings[2];
  GPtrArray *cameras;
  Folder folder;
  PhGate *gate;
  PhRtspServer *server;
} Fixture;

static PhUsers *
make_users (Fixture *f, const char *settings)
{
  g_autoptr (PhConfig) config = folder_load (&f->folder, settings, 0600);

  return ph_users_new (config, NULL, NULL);
}

static PhCamera *
make_camera (CameraSettings *settings, const char *name, const char *path)
{
  settings->source = (PhSourceConfig){ .type = path != NULL ? PH_SOURCE_FILE : PH_SOURCE_TEST,
    .width = 320,
    .height = 180,
    .framerate = 30,
    .pattern = (char *)"snow",
    .path = (char *)path };
  settings->stream = (PhStreamConfig){
    .name = (char *)"main", .codec = PH_CODEC_H264, .bitrate = 3000, .keyframe_interval = 10
  };
  settings->camera = (PhCameraConfig){ .name = (char *)name,
    .title = (char *)name,
    .source = &settings->source,
    .streams = g_ptr_array_new (),
    .encoder = (char *)"x264enc",
    .linger = 0.2 };
  g_ptr_array_add (settings->camera.streams, &settings->stream);
  return ph_camera_new (&settings->camera);
}

/* Seconds. Where others are read from first, or nobody gets a processor for a while, more waits for
 * a peer than a second; that it is dropped then is no fault. */
#define PATIENCE 60
/* Where it is what is looked at. */
#define SHORT_PATIENCE 2.5

static void
set_max_age (Fixture *f, double seconds)
{
  const PhRtspConfig config = { .max_age = seconds };

  ph_rtsp_server_set_config (f->server, &config);
}

/* data: the file a second camera, "second", plays. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (PhConfig) settings = NULL;
  g_autoptr (PhUsers) nobody = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) sockets =
      ph_listen_open ("rtsp", "loopback", 0, PH_LISTEN_LOOPBACK, &error);

  folder_init (&f->folder);
  settings = folder_load (&f->folder, "{}", 0600);
  nobody = ph_users_new (settings, NULL, NULL);
  f->gate = ph_gate_new (nobody, settings->access, NULL);
  f->cameras = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (f->cameras, make_camera (&f->settings[0], "front", NULL));
  g_ptr_array_add (f->cameras, make_camera (&f->settings[1], "second", data));
  g_assert_no_error (error);
  f->server = ph_rtsp_server_new (f->gate, NULL);
  set_max_age (f, PATIENCE);
  ph_rtsp_server_set_cameras (f->server, f->cameras);
  ph_rtsp_server_set_sockets (f->server, sockets, NULL);
}

static gboolean
is_planning_over (gpointer user_data)
{
  Fixture *f = user_data;

  for (guint i = 0; i < f->cameras->len; i++)
    if (!ph_camera_is_stopped (g_ptr_array_index (f->cameras, i)))
      return FALSE;
  return TRUE;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->server, ph_rtsp_server_free);
  ph_gate_free (f->gate);
  folder_clear (&f->folder);
  for (guint i = 0; i < f->cameras->len; i++)
    ph_camera_stop (g_ptr_array_index (f->cameras, i));
  g_assert_true (test_run_until (is_planning_over, f, 15));
  for (guint i = 0; i < f->cameras->len; i++)
    g_ptr_array_unref (f->settings[i].camera.streams);
  g_ptr_array_unref (f->cameras);
}

static Peer *
connect_peer (Fixture *f, const char *path)
{
  return peer_new (ph_rtsp_server_get_port (f->server), path, 0);
}

static PhFeed *
get_feed (Fixture *f)
{
  return ph_camera_get_feed (g_ptr_array_index (f->cameras, 0), 0);
}

static PhFeedStats
get_stats (Fixture *f)
{
  PhFeedStats stats;

  ph_feed_get_stats_any (get_feed (f), &stats);
  return stats;
}

static gboolean
has_no_viewer (gpointer user_data)
{
  return get_stats (user_data).n_viewers[PH_VIEWER_RTSP] == 0;
}

static gboolean
has_no_tap (gpointer user_data)
{
  return get_stats (user_data).n_taps == 0;
}

static void
assert_whole_second (Peer *peer)
{
  PeerUnit unit;

  g_assert_true (peer_read_unit (peer, &unit));
  g_assert_true (unit.is_keyframe);
  g_assert_true (unit.has_parameter_sets);
  for (int i = 0; i < 30; i++) {
    guint32 last = unit.rtp_time;

    g_assert_true (peer_read_unit (peer, &unit));
    g_assert_cmpint ((int)(unit.rtp_time - last), >, 0);
  }
  g_assert_cmpuint (peer->n_lost, ==, 0);
}

static gpointer
start_watching (gpointer user_data)
{
  peer_start (user_data);
  assert_whole_second (user_data);
  return NULL;
}

/* ---- describing ----------------------------------------------------------------------------- */

static gpointer
describe_idle (gpointer user_data)
{
  g_autoptr (Peer) peer = connect_peer (user_data, "/front");

  g_assert_cmpuint (peer_request (peer, "DESCRIBE", ""), ==, 200);
  g_assert_nonnull (strstr (peer->body, "sprop-parameter-sets="));
  g_assert_nonnull (strstr (peer->body, "a=range:npt=now-"));
  return NULL;
}

static void
an_idle_camera_is_described_with_its_parameter_sets (Fixture *f, gconstpointer data)
{
  peer_run (describe_idle, f);
  g_assert_true (test_run_until (has_no_tap, f, 5));
}

static gpointer
describe_oddly (gpointer user_data)
{
  static const char *const uris[] = { "/front", "/front?tcp", "//front", "rtsp://host//front/",
    "rtsp://user:secret@host/front/main?x=1#y" };

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++) {
    g_autoptr (Peer) peer = connect_peer (user_data, "/front");

    peer_send (peer, "DESCRIBE", uris[i], "");
    g_assert_cmpuint (peer_read_answer (peer), ==, 200);
  }
  return NULL;
}

static void
a_camera_is_found_however_its_path_is_written (Fixture *f, gconstpointer data)
{
  peer_run (describe_oddly, f);
}

static gpointer
describe_unknown (gpointer user_data)
{
  g_autoptr (Peer) peer = connect_peer (user_data, "/back");

  g_assert_cmpuint (peer_request (peer, "DESCRIBE", ""), ==, 404);
  return NULL;
}

static void
an_unknown_path_is_not_found (Fixture *f, gconstpointer data)
{
  peer_run (describe_unknown, f);
}

static gpointer
describe_broken (gpointer user_data)
{
  g_autoptr (Peer) peer = connect_peer (user_data, "/second");

  for (int i = 0; i < 3; i++)
    g_assert_cmpuint (peer_request (peer, "DESCRIBE", ""), ==, 503);
  return NULL;
}

static void
a_camera_that_cannot_start_is_refused_at_once (Fixture *f, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();

  peer_run (describe_broken, f);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_USEC_PER_SEC);
}

typedef struct {
  Peer *waiting;
  Peer *running;
  Peer *joining;
} SlowStart;

static gpointer
watch_beside_a_slow_start (gpointer user_data)
{
  SlowStart *peers = user_data;
  PeerUnit unit;

  peer_send (peers->waiting, "DESCRIBE", peers->waiting->url, "");
  peer_start (peers->joining);
  for (int i = 0; i < 30; i++) {
    g_assert_true (peer_read_unit (peers->running, &unit));
    g_assert_true (peer_read_unit (peers->joining, &unit));
  }
  g_assert_cmpuint (peers->running->n_lost, ==, 0);
  g_assert_false (g_socket_condition_check (peers->waiting->socket, G_IO_IN));
  return NULL;
}

/* What does not run meanwhile is the main loop, and so the second camera is not started. */
static void
one_who_waits_for_a_camera_holds_up_nobody (Fixture *f, gconstpointer data)
{
  g_autoptr (Peer) waiting = connect_peer (f, "/second");
  g_autoptr (Peer) running = connect_peer (f, "/front");
  g_autoptr (Peer) joining = connect_peer (f, "/front");
  SlowStart peers = { waiting, running, joining };

  peer_run (start_watching, running);
  g_thread_join (g_thread_new ("peer", watch_beside_a_slow_start, &peers));
}

static gpointer
try_to_publish (gpointer user_data)
{
  g_autoptr (Peer) peer = connect_peer (user_data, "/front");

  g_assert_cmpuint (
      peer_request (peer, "ANNOUNCE", "Content-Type: application/sdp\r\nContent-Length: 0\r\n"), ==,
      405);
  return NULL;
}

static void
nobody_can_publish (Fixture *f, gconstpointer data)
{
  peer_run (try_to_publish, f);
}

/* ---- watching ------------------------------------------------------------------------------- */

static gpointer
watch_over_tcp (gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (Peer) peer = connect_peer (f, "/front/main");

  peer_start (peer);
  assert_whole_second (peer);
  g_assert_cmpuint (get_stats (f).n_viewers[PH_VIEWER_RTSP], ==, 1);
  g_assert_cmpuint (peer_request (peer, "TEARDOWN", ""), ==, 200);
  g_assert_cmpuint (get_stats (f).n_viewers[PH_VIEWER_RTSP], ==, 0);
  return NULL;
}

static void
pictures_come_over_tcp_from_a_keyframe_on (Fixture *f, gconstpointer data)
{
  peer_run (watch_over_tcp, f);
  g_assert_true (test_run_until (has_no_tap, f, 5));
}

static gpointer
watch_over_udp (gpointer user_data)
{
  g_autoptr (Peer) peer = connect_peer (user_data, "/front");

  g_assert_cmpuint (peer_request (peer, "DESCRIBE", ""), ==, 200);
  g_assert_cmpuint (peer_setup_udp (peer), ==, 200);
  g_assert_cmpuint (peer_request (peer, "PLAY", ""), ==, 200);
  assert_whole_second (peer);
  return NULL;
}

static void
pictures_come_over_udp (Fixture *f, gconstpointer data)
{
  peer_run (watch_over_udp, f);
  g_assert_true (test_run_until (has_no_viewer, f, 5));
}

/* Until so many units came from the camera. */
static void
wait_for_units (Fixture *f, guint64 n_units)
{
  gint64 deadline = g_get_monotonic_time () + PEER_TIMEOUT * G_USEC_PER_SEC;

  while (get_stats (f).n_units < n_units) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    g_usleep (1000);
  }
}

static gpointer
play_late (gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (Peer) peer = connect_peer (f, "/front");
  PeerUnit first, second;

  g_assert_cmpuint (peer_request (peer, "DESCRIBE", ""), ==, 200);
  g_assert_cmpuint (peer_setup (peer, "RTP/AVP/TCP;unicast;interleaved=0-1"), ==, 200);
  wait_for_units (f, get_stats (f).n_units + 15);
  g_assert_cmpuint (peer_request (peer, "PLAY", ""), ==, 200);
  g_assert_true (peer_read_unit (peer, &first));
  g_assert_true (peer_read_unit (peer, &second));
  g_assert_true (first.is_keyframe);
  g_assert_cmpuint (second.rtp_time - first.rtp_time, <, 3 * 3000);
  return NULL;
}

static void
one_who_plays_late_gets_no_picture_of_before (Fixture *f, gconstpointer data)
{
  peer_run (play_late, f);
}

static gpointer
pause_and_play (gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (Peer) peer = connect_peer (f, "/front");
  PeerUnit unit;

  peer_start (peer);
  assert_whole_second (peer);
  g_assert_cmpuint (peer_request (peer, "PAUSE", ""), ==, 200);
  wait_for_units (f, get_stats (f).n_units + 45);
  g_assert_cmpuint (peer_request (peer, "PLAY", ""), ==, 200);
  g_assert_true (peer_read_unit (peer, &unit));
  g_assert_true (unit.is_keyframe);
  for (int i = 0; i < 30; i++)
    g_assert_true (peer_read_unit (peer, &unit));
  g_assert_cmpuint (get_stats (f).n_viewers[PH_VIEWER_RTSP], ==, 1);
  return NULL;
}

static void
who_paused_can_play_again (Fixture *f, gconstpointer data)
{
  peer_run (pause_and_play, f);
  g_assert_true (test_run_until (has_no_viewer, f, 5));
}

static gpointer
drop_the_connection (gpointer user_data)
{
  g_autoptr (Peer) peer = connect_peer (user_data, "/front");

  peer_start (peer);
  assert_whole_second (peer);
  return NULL;
}

static void
a_viewer_whose_connection_is_gone_is_counted_off (Fixture *f, gconstpointer data)
{
  peer_run (drop_the_connection, f);
  g_assert_true (test_run_until (has_no_viewer, f, 5));
  g_assert_true (test_run_until (has_no_tap, f, 5));
}

static gpointer
join_again_and_again (gpointer user_data)
{
  g_autoptr (Peer) first = connect_peer (user_data, "/front");

  peer_start (first);
  assert_whole_second (first);
  for (int i = 0; i < 4; i++) {
    g_autoptr (Peer) peer = connect_peer (user_data, "/front");
    PeerUnit unit;
    gint64 begin;

    for (int j = 0; j < 7 + i; j++)
      g_assert_true (peer_read_unit (first, &unit));
    peer_start (peer);
    begin = g_get_monotonic_time ();
    g_assert_true (peer_read_unit (peer, &unit));
    g_assert_true (unit.is_keyframe);
    g_assert_cmpint (unit.time - begin, <, 3 * FRAME_TIME_US + SLACK_US);
  }
  return NULL;
}

static void
who_joins_has_a_keyframe_within_three_frame_times (Fixture *f, gconstpointer data)
{
  peer_run (join_again_and_again, f);
}

static gpointer
join_twenty_at_once (gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (GPtrArray) peers = g_ptr_array_new_with_free_func ((GDestroyNotify)peer_free);
  g_autoptr (Peer) first = connect_peer (f, "/front");
  guint n_forced;

  peer_start (first);
  assert_whole_second (first);
  for (guint i = 0; i < 20; i++) {
    g_ptr_array_add (peers, connect_peer (f, "/front"));
    g_assert_cmpuint (peer_request (peers->pdata[i], "DESCRIBE", ""), ==, 200);
    g_assert_cmpuint (peer_setup (peers->pdata[i], "RTP/AVP/TCP;unicast;interleaved=0-1"), ==, 200);
  }
  n_forced = get_stats (f).n_forced;
  for (guint i = 0; i < 20; i++)
    peer_send (peers->pdata[i], "PLAY", first->url, "");
  for (guint i = 0; i < 20; i++)
    assert_whole_second (peers->pdata[i]);
  g_assert_cmpuint (get_stats (f).n_forced - n_forced, <=, 5);
  g_assert_cmpuint (get_stats (f).n_viewers[PH_VIEWER_RTSP], ==, 21);
  return NULL;
}

static void
twenty_who_join_at_once_share_their_keyframes (Fixture *f, gconstpointer data)
{
  peer_run (join_twenty_at_once, f);
  g_assert_true (test_run_until (has_no_viewer, f, 5));
}

/* ---- slow viewers ---------------------------------------------------------------------------- */

typedef struct {
  Peer *stuck;
  Peer *good;
} Neighbours;

static gpointer
watch_beside_a_stuck_one (gpointer user_data)
{
  Neighbours *peers = user_data;
  PeerUnit unit = { 0 };
  gint64 begin;

  peer_start (peers->stuck);
  peer_start (peers->good);
  for (int i = 0; i < 5 * 30; i++)
    g_assert_true (peer_read_unit (peers->good, &unit));
  g_assert_cmpuint (peers->good->n_lost, ==, 0);

  /* It reads on, through what the kernel holds of old, to something fresh. */
  begin = g_get_monotonic_time ();
  for (int i = 0; i < 5 * 30 && peers->stuck->n_lost == 0; i++)
    g_assert_true (peer_read_unit (peers->stuck, &unit));
  g_assert_cmpuint (peers->stuck->n_lost, >, 0);
  g_assert_true (unit.is_keyframe);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, G_USEC_PER_SEC);
  return NULL;
}

static void
one_who_does_not_read_is_skipped_and_costs_the_others_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (Peer) stuck = peer_new (ph_rtsp_server_get_port (f->server), "/front", 4096);
  g_autoptr (Peer) good = connect_peer (f, "/front");
  Neighbours peers = { stuck, good };

  set_max_age (f, SHORT_PATIENCE);
  peer_run (watch_beside_a_stuck_one, &peers);
}

/* ---- reports --------------------------------------------------------------------------------- */

/* Seconds since 1970 of a sender report (RFC 3550 6.4.1). */
static double
read_report_time (Peer *peer)
{
  int channel = -1;
  gsize size = 0;
  double time = 0;

  while (time == 0) {
    const guint8 *data;

    g_assert_true (peer_peek_frame (peer, &channel, &size));
    data = peer->buffer->data + 4;
    if (channel == 1 && data[1] == 200)
      time = GST_READ_UINT32_BE (data + 8) - 2208988800.0 +
             GST_READ_UINT32_BE (data + 12) / 4294967296.0;
    g_byte_array_remove_range (peer->buffer, 0, size);
  }
  return time;
}

static gpointer
read_a_report (gpointer user_data)
{
  g_autoptr (Peer) peer = connect_peer (user_data, "/front");
  double late;

  peer_start (peer);
  late = g_get_real_time () / 1e6;
  late = read_report_time (peer) - late;
  g_assert_cmpfloat (late, >, -1);
  g_assert_cmpfloat (late, <, PEER_TIMEOUT);
  return NULL;
}

static void
sender_reports_carry_the_time_of_day (Fixture *f, gconstpointer data)
{
  peer_run (read_a_report, f);
}

/* ---- RTSP over HTTP ---------------------------------------------------------------------------
 */

static gboolean
is_tunnelled_over (gpointer user_data)
{
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (user_data, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  g_assert_true (message == NULL || GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  return message != NULL;
}

static void
pictures_come_through_an_http_tunnel (Fixture *f, gconstpointer data)
{
  g_autofree char *text =
      g_strdup_printf ("rtspsrc location=rtsph://127.0.0.1:%u/front latency=0 ! rtph264depay ! "
                       "video/x-h264,alignment=au ! fakesink num-buffers=30",
          ph_rtsp_server_get_port (f->server));
  g_autoptr (GstElement) pipeline = gst_parse_launch (text, NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_assert_true (test_run_until (is_tunnelled_over, bus, 10));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_assert_true (test_run_until (has_no_viewer, f, 5));
}

/* ---- users ---------------------------------------------------------------------------------- */

static void
who_may_no_longer_look_is_sent_away (Fixture *f, gconstpointer data)
{
  g_autoptr (Peer) peer = connect_peer (f, "/front");
  g_autoptr (PhUsers) anna =
      make_users (f, "{ 'access': { 'users': [ { 'name': 'anna', 'password': 'secret' } ] } }");

  peer_run (start_watching, peer);
  ph_gate_set_users_any (f->gate, anna);
  g_assert_true (test_run_until (has_no_viewer, f, 5));
  g_assert_true (test_run_until (has_no_tap, f, 5));
}

/* ---- the end -------------------------------------------------------------------------------- */

static void
it_stops_at_once_with_viewers (Fixture *f, gconstpointer data)
{
  g_autoptr (Peer) tcp = connect_peer (f, "/front");
  G_GNUC_UNUSED g_autoptr (Peer) idle = connect_peer (f, "/front");
  gint64 begin;

  peer_run (start_watching, tcp);
  begin = g_get_monotonic_time ();
  ph_rtsp_server_stop (f->server);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, G_USEC_PER_SEC);
  g_assert_true (has_no_viewer (f));
  g_assert_true (has_no_tap (f));
  g_assert_cmpuint (peer_request (tcp, "OPTIONS", ""), ==, 0);
}

static void
add (const char *path, const char *second, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, second, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  /* A camera that cannot start is warned of. */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  add ("/rtsp/server/describe/idle", NULL, an_idle_camera_is_described_with_its_parameter_sets);
  add ("/rtsp/server/describe/odd", NULL, a_camera_is_found_however_its_path_is_written);
  add ("/rtsp/server/describe/unknown", NULL, an_unknown_path_is_not_found);
  add ("/rtsp/server/describe/broken", "/nonexistent.mp4",
      a_camera_that_cannot_start_is_refused_at_once);
  add ("/rtsp/server/describe/slow", NULL, one_who_waits_for_a_camera_holds_up_nobody);
  add ("/rtsp/server/publish", NULL, nobody_can_publish);
  add ("/rtsp/server/tcp", NULL, pictures_come_over_tcp_from_a_keyframe_on);
  add ("/rtsp/server/udp", NULL, pictures_come_over_udp);
  add ("/rtsp/server/late", NULL, one_who_plays_late_gets_no_picture_of_before);
  add ("/rtsp/server/pause", NULL, who_paused_can_play_again);
  add ("/rtsp/server/gone", NULL, a_viewer_whose_connection_is_gone_is_counted_off);
  add ("/rtsp/server/join", NULL, who_joins_has_a_keyframe_within_three_frame_times);
  add ("/rtsp/server/join-20", NULL, twenty_who_join_at_once_share_their_keyframes);
  add ("/rtsp/server/stuck", NULL, one_who_does_not_read_is_skipped_and_costs_the_others_nothing);
  add ("/rtsp/server/report", NULL, sender_reports_carry_the_time_of_day);
  add ("/rtsp/server/tunnel", NULL, pictures_come_through_an_http_tunnel);
  add ("/rtsp/server/users", NULL, who_may_no_longer_look_is_sent_away);
  add ("/rtsp/server/stop", NULL, it_stops_at_once_with_viewers);
  return g_test_run ();
}
