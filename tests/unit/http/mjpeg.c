/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/mjpeg.h"

#include "fixture.h"

#define MAX_AGE 60.0 /* seconds: never, on a busy machine */
#define REQUEST "GET /mjpeg HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define N_LARGE 120
#define LARGE_SIZE 100000

typedef struct _Fixture {
  struct _Fixture *self; /* what the routes hand to serve() */
  TestServer server;
  TestFeed feed;
  GPtrArray *cameras;
  PhPictures *pictures;
  PhMjpeg *mjpeg;
  double fps;
} Fixture;

static void
serve (PhRequest *request, gpointer user_data)
{
  Fixture *f = user_data;

  ph_mjpeg_serve (f->mjpeg, request, f->feed.feed, f->feed.feed, f->fps);
}

static const PhRoute routes[] = {
  { "/mjpeg", "GET", PH_PERMISSION_VIEW, serve, G_STRUCT_OFFSET (Fixture, self) },
};

static void
set_up (Fixture *f, gconstpointer data)
{
  f->self = f;
  f->cameras = g_ptr_array_new ();
  f->pictures = ph_pictures_new ();
  f->mjpeg = ph_mjpeg_new (f->pictures, MAX_AGE);
  test_feed_init (&f->feed);
  test_server_init (&f->server, routes, G_N_ELEMENTS (routes), f, f->cameras);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->mjpeg, ph_mjpeg_free);
  g_clear_pointer (&f->pictures, ph_pictures_free);
  test_server_clear (&f->server);
  g_assert_false (f->feed.is_wanted);
  g_assert_cmpuint (test_feed_count (&f->feed, PH_VIEWER_MJPEG), ==, 0);
  test_feed_clear (&f->feed);
  g_ptr_array_unref (f->cameras);
}

static void
connect_viewer (Fixture *f, TestClient *client, const char *request, int receive_buffer)
{
  test_client_init (client, &f->server, request, receive_buffer);
  g_assert_true (test_run_until (test_feed_is_wanted, &f->feed, TEST_SECONDS));
}

static void
parts_follow_one_another_with_their_length (Fixture *f, gconstpointer data)
{
  TestClient client;
  const char *body;

  connect_viewer (f, &client, REQUEST, 0);
  test_feed_push_text (&f->feed, "FIRST", 0);
  test_client_read_until (&client, "FIRST\r\n--porthole\r\n");
  test_feed_push_text (&f->feed, "SECOND", 0);
  test_client_read_until (&client, "SECOND\r\n--porthole\r\n");

  g_assert_true (g_str_has_prefix (client.text->str, "HTTP/1.1 200 OK\r\n"));
  g_assert_nonnull (strstr (
      client.text->str, "\r\nContent-Type: multipart/x-mixed-replace; boundary=porthole\r\n"));
  g_assert_nonnull (strstr (client.text->str, "\r\nConnection: close\r\n"));
  g_assert_null (strstr (client.text->str, "Transfer-Encoding"));
  body = strstr (client.text->str, "\r\n\r\n") + 4;
  g_assert_true (
      g_regex_match_simple ("^--porthole\r\nContent-Type: image/jpeg\r\nContent-Length: 5\r\n"
                            "X-Timestamp: [0-9]{10}\\.[0-9]{6}\r\n\r\nFIRST"
                            "\r\n--porthole\r\nContent-Type: image/jpeg\r\nContent-Length: 6\r\n"
                            "X-Timestamp: [0-9]{10}\\.[0-9]{6}\r\n\r\nSECOND\r\n--porthole\r\n$",
          body, G_REGEX_RAW, 0));
  test_client_clear (&client);
  g_assert_true (test_run_until (test_feed_is_unwanted, &f->feed, TEST_SECONDS));
}

static void
an_old_client_gets_its_pictures_too (Fixture *f, gconstpointer data)
{
  TestClient client;

  connect_viewer (f, &client, "GET /mjpeg HTTP/1.0\r\n\r\n", 0);
  test_feed_push_text (&f->feed, "FIRST", 0);
  test_client_read_until (&client, "FIRST\r\n--porthole\r\n");
  g_assert_true (g_str_has_prefix (client.text->str, "HTTP/1.0 200 OK\r\n"));
  test_client_clear (&client);
}

static void
a_newcomer_is_shown_the_picture_at_hand (Fixture *f, gconstpointer data)
{
  TestClient client;

  test_feed_push_text (&f->feed, "AT HAND", 500);
  test_client_init (&client, &f->server, REQUEST, 0);
  test_client_read_until (&client, "AT HAND\r\n--porthole\r\n");
  test_client_clear (&client);
}

static void
a_newcomer_is_not_shown_a_picture_of_long_ago (Fixture *f, gconstpointer data)
{
  TestClient client;

  test_feed_push_text (&f->feed, "LONG AGO", 5000);
  connect_viewer (f, &client, REQUEST, 0);
  test_feed_push_text (&f->feed, "NOW", 0);
  test_client_read_until (&client, "NOW");
  g_assert_null (strstr (client.text->str, "LONG AGO"));
  test_client_clear (&client);
}

static char *
make_large_picture (guint number)
{
  char *picture = g_malloc (LARGE_SIZE);

  memset (picture, 'x', LARGE_SIZE);
  g_snprintf (picture, 32, "picture %04u\n", number);
  return picture;
}

static void
a_slow_viewer_gets_the_newest_and_its_neighbour_all (Fixture *f, gconstpointer data)
{
  TestClient slow, quick;

  connect_viewer (f, &slow, REQUEST, 4096);
  test_client_init (&quick, &f->server, REQUEST, 0);
  for (guint i = 0; i < N_LARGE; i++) {
    g_autofree char *picture = make_large_picture (i);
    g_autofree char *name = g_strdup_printf ("picture %04u\n", i);

    test_feed_push (&f->feed, picture, LARGE_SIZE, 0);
    g_string_truncate (quick.text, 0);
    test_client_read_until (&quick, name);
  }
  g_assert_cmpuint (f->feed.n_starts, ==, 1);
  test_client_read_until (&slow, "picture 0119\n");
  g_test_message ("the slow one got %u of %u", test_count (slow.text, "picture "), N_LARGE);
  g_assert_cmpuint (test_count (slow.text, "picture "), <, 12);
  g_assert_cmpuint (test_count (slow.text, "picture "), >=, 2);
  test_client_clear (&slow);
  test_client_clear (&quick);
}

static void
who_hangs_up_is_no_viewer_any_more_without_a_picture (Fixture *f, gconstpointer data)
{
  TestClient early, late;

  connect_viewer (f, &early, REQUEST, 0);
  test_client_clear (&early);
  g_assert_true (test_run_until (test_feed_is_unwanted, &f->feed, TEST_SECONDS));

  connect_viewer (f, &late, REQUEST, 0);
  test_feed_push_text (&f->feed, "ONE", 0);
  test_client_read_until (&late, "ONE");
  test_client_clear (&late);
  g_assert_true (test_run_until (test_feed_is_unwanted, &f->feed, TEST_SECONDS));
}

static void
closing_down_ends_the_stream (Fixture *f, gconstpointer data)
{
  TestClient watching, waiting;

  connect_viewer (f, &watching, REQUEST, 0);
  test_feed_push_text (&f->feed, "ONE", 0);
  test_client_read_until (&watching, "ONE\r\n--porthole\r\n");
  g_clear_pointer (&f->mjpeg, ph_mjpeg_free);
  test_client_read_until (&watching, NULL);
  test_client_clear (&watching);

  f->mjpeg = ph_mjpeg_new (f->pictures, MAX_AGE);
  f->feed.is_wanted = FALSE;
  test_feed_clear (&f->feed);
  test_feed_init (&f->feed);
  connect_viewer (f, &waiting, REQUEST, 0);
  g_clear_pointer (&f->mjpeg, ph_mjpeg_free);
  test_client_read_until (&waiting, "Retry-After: 1\r\n");
  g_assert_true (g_str_has_prefix (waiting.text->str, "HTTP/1.1 503 "));
  test_client_clear (&waiting);
}

static void
a_lower_rate_skips_pictures (Fixture *f, gconstpointer data)
{
  TestClient client;

  f->fps = 0.1;
  connect_viewer (f, &client, REQUEST, 0);
  test_feed_push_text (&f->feed, "picture 1", 0);
  test_client_read_until (&client, "picture 1");
  f->fps = 0;
  for (guint i = 0; i < 5; i++) {
    TestClient other;

    /* One who sees all shows that the picture has come by. */
    test_client_init (&other, &f->server, REQUEST, 0);
    test_feed_push_text (&f->feed, "picture 2", 0);
    test_client_read_until (&other, "picture 2");
    test_client_clear (&other);
  }
  test_client_has_needle (&client);
  g_assert_cmpuint (test_count (client.text, "picture"), ==, 1);
  test_client_clear (&client);
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/http/mjpeg/parts", parts_follow_one_another_with_their_length);
  TEST ("/http/mjpeg/http-1.0", an_old_client_gets_its_pictures_too);
  TEST ("/http/mjpeg/at-hand", a_newcomer_is_shown_the_picture_at_hand);
  TEST ("/http/mjpeg/long-ago", a_newcomer_is_not_shown_a_picture_of_long_ago);
  TEST ("/http/mjpeg/slow", a_slow_viewer_gets_the_newest_and_its_neighbour_all);
  TEST ("/http/mjpeg/hang-up", who_hangs_up_is_no_viewer_any_more_without_a_picture);
  TEST ("/http/mjpeg/close", closing_down_ends_the_stream);
  TEST ("/http/mjpeg/rate", a_lower_rate_skips_pictures);
  return g_test_run ();
}
