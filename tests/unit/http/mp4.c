/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/mp4.h"

#include "clip.h"
#include "fixture.h"

#define REQUEST "GET /live.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define MAX_AGE 0.05
#define START (1000 * GST_SECOND)

static Clip *clip; /* 20 frames, a keyframe every fifth */
static Clip *other; /* of another size */
static Clip *large; /* like the first, with large frames */

typedef struct _Fixture {
  struct _Fixture *self; /* what the routes hand to serve() */
  TestServer server;
  TestFeed feed;
  TestCamera camera;
  PhFmp4Set *fmp4s;
  PhMp4 *mp4;
} Fixture;

static void
serve (PhRequest *request, gpointer user_data)
{
  Fixture *f = user_data;

  ph_mp4_serve (f->mp4, request, f->feed.feed);
}

static const PhRoute routes[] = {
  { "/live.mp4", "GET", PH_PERMISSION_VIEW, serve, G_STRUCT_OFFSET (Fixture, self) },
  { "/NAME/live.mp4", "GET", PH_PERMISSION_VIEW, ph_mp4_handle, G_STRUCT_OFFSET (Fixture, mp4) },
};

static void
set_up (Fixture *f, gconstpointer data)
{
  PhStreamConfig config = { .name = (char *)"main", .codec = PH_CODEC_H264 };
  PhFeedOwner owner = { test_on_demand, &f->feed };

  f->self = f;
  f->feed.feed = ph_feed_new (&config, &owner);
  f->fmp4s = ph_fmp4_set_new ();
  f->mp4 = ph_mp4_new (f->fmp4s, MAX_AGE);
  test_camera_init (&f->camera);
  f->camera.source =
      (PhSourceConfig){ .type = PH_SOURCE_V4L2, .device = (char *)"/dev/there-is-no-such-camera" };
  test_camera_renew (&f->camera);
  test_server_init (&f->server, routes, G_N_ELEMENTS (routes), f, f->camera.cameras);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->mp4, ph_mp4_free);
  g_clear_pointer (&f->fmp4s, ph_fmp4_set_free);
  test_server_clear (&f->server);
  test_camera_clear (&f->camera);
  g_assert_false (f->feed.is_wanted);
  g_assert_cmpuint (test_feed_count (&f->feed, PH_VIEWER_MP4), ==, 0);
  test_feed_clear (&f->feed);
}

static void
connect_viewer (Fixture *f, TestClient *client, int receive_buffer)
{
  test_client_init (client, &f->server, REQUEST, receive_buffer);
  g_assert_true (test_run_until (test_feed_is_wanted, &f->feed, TEST_SECONDS));
}

/* ---- what has come --------------------------------------------------------------------------- */

typedef struct {
  guint64 decode_time;
  gboolean is_keyframe;
} Fragment;

typedef struct {
  GArray *fragments; /* element-type Fragment; only whole ones */
  guint n_inits;
} Parsed;

static void
parse_moof (Parsed *parsed, const guint8 *moof)
{
  /* The boxes of a fragment have fixed sizes: mfhd 16, traf 8, tfhd 16, tfdt 20, trun. */
  const guint8 *tfdt = moof + 8 + 16 + 8 + 16;
  const guint8 *trun = tfdt + 20;
  Fragment fragment = { GST_READ_UINT64_BE (tfdt + 12),
    (GST_READ_UINT32_BE (trun + 28) & 0x10000) == 0 };

  g_assert_cmpmem (tfdt + 4, 4, "tfdt", 4);
  g_assert_cmpmem (trun + 4, 4, "trun", 4);
  g_array_append_val (parsed->fragments, fragment);
}

static Parsed
parse (const TestClient *client)
{
  Parsed parsed = { g_array_new (FALSE, FALSE, sizeof (Fragment)), 0 };
  const char *headers_end = strstr (client->text->str, "\r\n\r\n");
  const guint8 *at = (const guint8 *)headers_end + 4;
  const guint8 *end = (const guint8 *)client->text->str + client->text->len;

  if (headers_end == NULL)
    return parsed;
  while (at + 8 <= end && at + GST_READ_UINT32_BE (at) <= end) {
    if (memcmp (at + 4, "moof", 4) == 0)
      parse_moof (&parsed, at);
    else if (memcmp (at + 4, "moov", 4) == 0)
      parsed.n_inits++;
    at += GST_READ_UINT32_BE (at);
  }
  return parsed;
}

typedef struct {
  TestClient *client;
  guint n_fragments;
  guint64 ticks;
} Expected;

static gboolean
has_fragments (gpointer user_data)
{
  Expected *expected = user_data;
  Parsed parsed;
  gboolean is_enough;

  expected->client->needle = NULL;
  test_client_has_needle (expected->client);
  parsed = parse (expected->client);
  is_enough = parsed.fragments->len >= expected->n_fragments;
  g_array_unref (parsed.fragments);
  return is_enough;
}

static void
read_fragments (TestClient *client, guint n)
{
  Expected expected = { client, n, 0 };

  g_assert_true (test_run_until (has_fragments, &expected, TEST_SECONDS));
}

static gboolean
has_time (gpointer user_data)
{
  Expected *expected = user_data;
  Parsed parsed;
  gboolean has = FALSE;

  expected->client->needle = NULL;
  test_client_has_needle (expected->client);
  parsed = parse (expected->client);
  for (guint i = 0; i < parsed.fragments->len; i++)
    has = has || g_array_index (parsed.fragments, Fragment, i).decode_time >= expected->ticks;
  g_array_unref (parsed.fragments);
  return has;
}

/* Until a fragment of that feed time, or a later one, has come. */
static void
read_until_time (TestClient *client, GstClockTime time)
{
  Expected expected = { client, 0, gst_util_uint64_scale (time, 90000, GST_SECOND) };

  g_assert_true (test_run_until (has_time, &expected, TEST_SECONDS));
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void
each_access_unit_is_sent_before_the_next_one_comes (Fixture *f, gconstpointer data)
{
  TestClient client;
  Parsed parsed;

  connect_viewer (f, &client, 0);
  for (guint i = 0; i < 8; i++) {
    clip_push (clip, f->feed.feed, i, START);
    read_fragments (&client, i + 1);
  }
  parsed = parse (&client);
  g_assert_cmpuint (parsed.n_inits, ==, 1);
  for (guint i = 0; i < 8; i++)
    g_assert_cmpint (g_array_index (parsed.fragments, Fragment, i).is_keyframe, ==, i % 5 == 0);
  g_array_unref (parsed.fragments);
  g_assert_true (g_str_has_prefix (client.text->str, "HTTP/1.1 200 OK\r\n"));
  g_assert_nonnull (strstr (client.text->str, "\r\nContent-Type: video/mp4; codecs=\"avc1.42C0"));
  g_assert_null (strstr (client.text->str, "Content-Length"));
  test_client_clear (&client);
  g_assert_true (test_run_until (test_feed_is_unwanted, &f->feed, TEST_SECONDS));
}

static void
a_newcomer_gets_the_group_of_pictures_at_hand (Fixture *f, gconstpointer data)
{
  TestClient first, second;
  Parsed parsed;

  connect_viewer (f, &first, 0);
  clip_push_range (clip, f->feed.feed, 0, 8, START); /* keyframes are 0 and 5 */
  read_fragments (&first, 8);
  test_client_init (&second, &f->server, REQUEST, 0);
  read_fragments (&second, 3);
  parsed = parse (&second);
  g_assert_cmpuint (parsed.fragments->len, ==, 3);
  g_assert_true (g_array_index (parsed.fragments, Fragment, 0).is_keyframe);
  g_assert_cmpuint (g_array_index (parsed.fragments, Fragment, 0).decode_time, ==,
      gst_util_uint64_scale (START + 5 * CLIP_FRAME, 90000, GST_SECOND));
  g_assert_cmpuint (test_feed_count (&f->feed, PH_VIEWER_MP4), ==, 2);
  g_array_unref (parsed.fragments);
  test_client_clear (&first);
  test_client_clear (&second);
}

static void
another_size_comes_with_another_init_segment (Fixture *f, gconstpointer data)
{
  TestClient client;
  Parsed parsed;

  connect_viewer (f, &client, 0);
  clip_push_range (clip, f->feed.feed, 0, 5, START);
  clip_push_range (other, f->feed.feed, 0, 2, START + GST_SECOND);
  read_fragments (&client, 7);
  parsed = parse (&client);
  g_assert_cmpuint (parsed.n_inits, ==, 2);
  g_array_unref (parsed.fragments);
  test_client_clear (&client);
}

typedef struct {
  Fixture *f;
  TestClient *reader;
  guint n_pushed;
  gint64 until; /* monotonic time */
} Flood;

/* One frame a turn, each after the reader has the one before. */
static gboolean
flood (gpointer user_data)
{
  Flood *self = user_data;
  Expected expected = { self->reader, self->n_pushed, 0 };

  if (!has_fragments (&expected))
    return FALSE;
  if (g_get_monotonic_time () > self->until)
    return TRUE;
  clip_push (large, self->f->feed.feed, self->n_pushed % large->samples->len,
      START + self->n_pushed / large->samples->len * large->samples->len * CLIP_FRAME);
  self->n_pushed++;
  return FALSE;
}

static void
assert_gaps_end_with_keyframes (const Parsed *parsed)
{
  guint n_gaps = 0;

  for (guint i = 1; i < parsed->fragments->len; i++) {
    const Fragment *before = &g_array_index (parsed->fragments, Fragment, i - 1);
    const Fragment *fragment = &g_array_index (parsed->fragments, Fragment, i);

    g_assert_cmpuint (fragment->decode_time, >, before->decode_time);
    if (fragment->decode_time - before->decode_time <= 9001)
      continue;
    g_assert_true (fragment->is_keyframe);
    n_gaps++;
  }
  g_assert_cmpuint (n_gaps, >, 0);
}

static void
who_does_not_read_misses_frames_up_to_a_keyframe_alone (Fixture *f, gconstpointer data)
{
  TestClient idler, reader;
  Flood flooding = { f, &reader, 0, g_get_monotonic_time () + 6 * MAX_AGE * G_USEC_PER_SEC };
  GstClockTime end;
  Parsed parsed;

  connect_viewer (f, &idler, 2048);
  test_client_init (&reader, &f->server, REQUEST, 0);
  g_assert_true (test_run_until (flood, &flooding, TEST_SECONDS));
  parsed = parse (&reader);
  g_assert_cmpuint (parsed.fragments->len, ==, flooding.n_pushed);
  g_array_unref (parsed.fragments);

  /* Now it reads: what it was spared is missing, and the rest is whole. */
  end = START + (flooding.n_pushed + 20) * CLIP_FRAME;
  clip_push (clip, f->feed.feed, 0, end);
  read_until_time (&idler, end);
  parsed = parse (&idler);
  g_assert_cmpuint (parsed.fragments->len, <, flooding.n_pushed);
  assert_gaps_end_with_keyframes (&parsed);
  g_array_unref (parsed.fragments);
  test_client_clear (&idler);
  test_client_clear (&reader);
}

static void
asking_for_the_head_starts_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) answer = test_fetch (&f->server, "HEAD", "/front/live.mp4?stream=sub");

  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpstr (test_header (answer, "Content-Type"), ==, "video/mp4");
  g_assert_cmpint (ph_camera_get_state (f->camera.camera), ==, PH_CAMERA_IDLE);
}

static void
what_is_no_stream_of_video_is_said_so (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *target;
    guint status;
    const char *says;
  } cases[] = {
    { "/front/live.mp4?stream=jpeg", 404, "jpeg" },
    { "/front/live.mp4?stream=nope", 404, "nope" },
    { "/front/live.mp4?bitrate=1", 400, "bitrate" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TestAnswer) answer = test_fetch (&f->server, "GET", cases[i].target);

    g_assert_cmpuint (answer->status, ==, cases[i].status);
    g_assert_nonnull (strstr (answer->body, cases[i].says));
  }
}

static void
a_camera_that_does_not_start_is_503_with_its_reason (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) first = test_fetch (&f->server, "GET", "/front/live.mp4");
  g_autoptr (TestAnswer) second = test_fetch (&f->server, "GET", "/front/live.mp4");

  g_assert_cmpuint (first->status, ==, 503);
  g_assert_nonnull (test_header (first, "Retry-After"));
  g_assert_nonnull (strstr (first->body, "/dev/there-is-no-such-camera"));
  g_assert_cmpuint (second->status, ==, 503);
}

int
main (int argc, char **argv)
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  /* That a camera is lost is a warning, and expected here. */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  clip = clip_new ("smpte", 160, 90, 20, 5);
  other = clip_new ("smpte", 320, 180, 2, 5);
#define ADD(path, func) g_test_add ("/http/mp4/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("at-once", each_access_unit_is_sent_before_the_next_one_comes);
  ADD ("kept", a_newcomer_gets_the_group_of_pictures_at_hand);
  ADD ("size", another_size_comes_with_another_init_segment);
  ADD ("slow", who_does_not_read_misses_frames_up_to_a_keyframe_alone);
  ADD ("head", asking_for_the_head_starts_nothing);
  ADD ("refused", what_is_no_stream_of_video_is_said_so);
  ADD ("lost", a_camera_that_does_not_start_is_503_with_its_reason);
  large = clip_new ("snow", 160, 90, 20, 5);
  status = g_test_run ();
  clip_free (clip);
  clip_free (other);
  clip_free (large);
  return status;
}
