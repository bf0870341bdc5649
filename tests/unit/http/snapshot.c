/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/snapshot.h"

#include "fixture.h"

typedef struct _Fixture {
  struct _Fixture *self;
  TestServer server;
  TestFeed feed;
  GPtrArray *cameras;
  PhPictures *pictures;
  PhSnapshot *snapshot;
  PhSnapshotWish wish;
} Fixture;

static void
serve (PhRequest *request, gpointer user_data)
{
  Fixture *f = user_data;

  ph_snapshot_serve (f->snapshot, request, f->feed.feed, f->feed.feed, &f->wish);
}

static const PhRoute routes[] = {
  { "/snapshot.jpg", "GET", PH_PERMISSION_VIEW, serve, G_STRUCT_OFFSET (Fixture, self) },
};

static void
set_up (Fixture *f, gconstpointer data)
{
  f->self = f;
  f->wish.max_age = 1;
  f->cameras = g_ptr_array_new ();
  f->pictures = ph_pictures_new ();
  f->snapshot = ph_snapshot_new (f->pictures);
  test_feed_init (&f->feed);
  test_server_init (&f->server, routes, G_N_ELEMENTS (routes), f, f->cameras);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->snapshot, ph_snapshot_free);
  g_clear_pointer (&f->pictures, ph_pictures_free);
  test_server_clear (&f->server);
  g_assert_false (f->feed.is_wanted);
  g_assert_cmpuint (test_feed_count (&f->feed, PH_VIEWER_SNAPSHOT), ==, 0);
  test_feed_clear (&f->feed);
  g_ptr_array_unref (f->cameras);
}

static TestAnswer *
ask (Fixture *f, const char *method)
{
  return test_send (&f->server, test_make_message (&f->server, method, "/snapshot.jpg"));
}

static gboolean
are_two_waiting (gpointer user_data)
{
  return test_feed_count (user_data, PH_VIEWER_SNAPSHOT) == 2;
}

static void
a_fresh_picture_needs_no_camera (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) answer = NULL;
  g_autoptr (GDateTime) taken = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  test_feed_push_text (&f->feed, "JPEG", 600);
  answer = test_wait (ask (f, "GET"));
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpstr (answer->body, ==, "JPEG");
  g_assert_cmpstr (test_header (answer, "Content-Type"), ==, "image/jpeg");
  g_assert_cmpstr (test_header (answer, "Content-Length"), ==, "4");
  g_assert_cmpstr (test_header (answer, "Cache-Control"), ==, "no-store");
  g_assert_null (test_header (answer, "Content-Disposition"));
  taken = soup_date_time_new_from_http_string (test_header (answer, "Last-Modified"));
  g_assert_nonnull (taken);
  g_assert_cmpint (ABS (g_date_time_difference (now, taken)), <, 3 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (f->feed.n_starts, ==, 0);
}

static void
the_age_asked_for_decides (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) answer = NULL;

  f->wish.max_age = 60;
  test_feed_push_text (&f->feed, "OLD", 30000);
  answer = test_wait (ask (f, "GET"));
  g_assert_cmpstr (answer->body, ==, "OLD");
  g_assert_cmpuint (f->feed.n_starts, ==, 0);
}

static void
without_a_fresh_one_all_wait_for_the_next_on_one_tap (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) get = NULL;
  g_autoptr (TestAnswer) head = NULL;
  PhFeedStats stats;

  test_feed_push_text (&f->feed, "OLD", 1100);
  get = ask (f, "GET");
  head = ask (f, "HEAD");
  g_assert_true (test_run_until (are_two_waiting, &f->feed, TEST_SECONDS));
  ph_feed_get_stats_any (f->feed.feed, &stats);
  g_assert_cmpuint (stats.n_taps, ==, 1);

  test_feed_push_text (&f->feed, "NEW ONE", 0);
  test_wait (get);
  test_wait (head);
  g_assert_cmpuint (get->status, ==, 200);
  g_assert_cmpstr (get->body, ==, "NEW ONE");
  g_assert_cmpuint (head->status, ==, 200);
  g_assert_cmpuint (head->length, ==, 0);
  g_assert_cmpstr (test_header (head, "Content-Length"), ==, "7");
  g_assert_cmpstr (test_header (head, "Content-Type"), ==, "image/jpeg");
  g_assert_cmpuint (f->feed.n_starts, ==, 1);
  g_assert_false (f->feed.is_wanted);
}

static void
who_hangs_up_while_waiting_frees_the_camera (Fixture *f, gconstpointer data)
{
  TestClient client;

  test_client_init (
      &client, &f->server, "GET /snapshot.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n", 0);
  g_assert_true (test_run_until (test_feed_is_wanted, &f->feed, TEST_SECONDS));
  test_client_clear (&client);
  g_assert_true (test_run_until (test_feed_is_unwanted, &f->feed, TEST_SECONDS));
}

static void
closing_down_answers_who_waits (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) answer = ask (f, "GET");

  g_assert_true (test_run_until (test_feed_is_wanted, &f->feed, TEST_SECONDS));
  g_clear_pointer (&f->snapshot, ph_snapshot_free);
  test_wait (answer);
  g_assert_cmpuint (answer->status, ==, 503);
  g_assert_cmpstr (test_header (answer, "Retry-After"), ==, "1");
}

static void
a_download_has_a_name_with_the_time (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) answer = NULL;

  f->wish.file_name = "front";
  test_feed_push_text (&f->feed, "JPEG", 0);
  answer = test_wait (ask (f, "GET"));
  g_assert_true (g_regex_match_simple ("^attachment; filename=\"front-[0-9]{8}-[0-9]{6}\\.jpg\"$",
      test_header (answer, "Content-Disposition"), 0, 0));
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/http/snapshot/fresh", a_fresh_picture_needs_no_camera);
  TEST ("/http/snapshot/max-age", the_age_asked_for_decides);
  TEST ("/http/snapshot/wait", without_a_fresh_one_all_wait_for_the_next_on_one_tap);
  TEST ("/http/snapshot/hang-up", who_hangs_up_while_waiting_frees_the_camera);
  TEST ("/http/snapshot/close", closing_down_answers_who_waits);
  TEST ("/http/snapshot/download", a_download_has_a_name_with_the_time);
  return g_test_run ();
}
