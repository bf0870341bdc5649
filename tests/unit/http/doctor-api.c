/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/doctor-api.h"

#include "fixture.h"

typedef struct {
  PhDoctorApi *api;
} Owners;

typedef struct {
  Owners owners;
  GPtrArray *cameras;
  TestServer server;
  gboolean is_running;
  gint64 finished_at;
  guint n_starts;
} Fixture;

static const PhRoute routes[] = {
  { "/api/v1/doctor", "GET", PH_PERMISSION_ADMIN, ph_doctor_api_handle_get,
      G_STRUCT_OFFSET (Owners, api) },
  { "/api/v1/doctor", "POST", PH_PERMISSION_ADMIN, ph_doctor_api_handle_post,
      G_STRUCT_OFFSET (Owners, api) },
};

static void
start (gpointer user_data)
{
  Fixture *f = user_data;

  f->n_starts++;
  f->is_running = TRUE;
}

static gboolean
is_running (gpointer user_data)
{
  return ((Fixture *)user_data)->is_running;
}

static gint64
get_finished_at (gpointer user_data)
{
  return ((Fixture *)user_data)->finished_at;
}

static void
report (JsonBuilder *builder, gpointer user_data)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "starts");
  json_builder_add_int_value (builder, ((Fixture *)user_data)->n_starts);
  json_builder_end_object (builder);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  PhDoctorHooks hooks = { start, is_running, get_finished_at, report, f };

  f->owners.api = ph_doctor_api_new ();
  ph_doctor_api_set_hooks (f->owners.api, &hooks);
  f->cameras = g_ptr_array_new ();
  test_server_init (&f->server, routes, G_N_ELEMENTS (routes), &f->owners, f->cameras);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->owners.api, ph_doctor_api_free);
  test_server_clear (&f->server);
  g_ptr_array_unref (f->cameras);
}

static gboolean
has_started (gpointer user_data)
{
  return ((Fixture *)user_data)->n_starts > 0;
}

static void
finish (Fixture *f)
{
  f->is_running = FALSE;
  f->finished_at = g_get_real_time () / G_USEC_PER_SEC;
  ph_doctor_api_changed (f->owners.api);
}

static void
assert_answered (TestAnswer *answer, guint status, const char *body)
{
  g_assert_cmpuint (answer->status, ==, status);
  g_assert_nonnull (strstr (answer->body, body));
}

static void
whoever_asks_waits_for_one_run_together (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) first =
      test_send (&f->server, test_make_message (&f->server, "GET", "/api/v1/doctor"));
  g_autoptr (TestAnswer) second = NULL;
  g_autoptr (TestAnswer) looking = NULL;

  g_assert_true (test_run_until (has_started, f, TEST_SECONDS));
  looking = test_fetch (&f->server, "GET", "/api/v1/doctor?wait=false");
  assert_answered (looking, 200, "\"starts\"");
  second = test_send (&f->server, test_make_message (&f->server, "GET", "/api/v1/doctor"));
  ph_doctor_api_changed (f->owners.api); /* a step, and not the last */
  g_assert_false (first->is_done || second->is_done);
  finish (f);
  assert_answered (test_wait (first), 200, "\"starts\"");
  assert_answered (test_wait (second), 200, "\"starts\"");
  g_assert_cmpuint (f->n_starts, ==, 1);
}

static void
a_report_of_the_last_minute_is_good_enough (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) fresh = NULL;
  g_autoptr (TestAnswer) old = NULL;

  f->finished_at = g_get_real_time () / G_USEC_PER_SEC;
  fresh = test_fetch (&f->server, "GET", "/api/v1/doctor");
  assert_answered (fresh, 200, "\"starts\"");
  g_assert_cmpuint (f->n_starts, ==, 0);
  f->finished_at -= 61;
  old = test_send (&f->server, test_make_message (&f->server, "GET", "/api/v1/doctor"));
  g_assert_true (test_run_until (has_started, f, TEST_SECONDS));
  finish (f);
  assert_answered (test_wait (old), 200, "\"starts\"");
}

static void
an_order_begins_a_run_and_does_not_wait (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) answer = NULL;

  f->finished_at = g_get_real_time () / G_USEC_PER_SEC;
  answer = test_fetch (&f->server, "POST", "/api/v1/doctor");
  assert_answered (answer, 202, "\"starts\"");
  g_assert_cmpuint (f->n_starts, ==, 1);
}

static void
looking_begins_nothing_and_nonsense_is_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) looking = test_fetch (&f->server, "GET", "/api/v1/doctor?wait=false");
  g_autoptr (TestAnswer) perhaps = test_fetch (&f->server, "GET", "/api/v1/doctor?wait=perhaps");
  g_autoptr (TestAnswer) stranger = test_fetch (&f->server, "GET", "/api/v1/doctor?now=1");

  assert_answered (looking, 200, "\"starts\"");
  g_assert_cmpuint (perhaps->status, ==, 400);
  g_assert_cmpuint (stranger->status, ==, 400);
  g_assert_cmpuint (f->n_starts, ==, 0);
}

static void
who_waits_is_told_when_all_ends (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) answer =
      test_send (&f->server, test_make_message (&f->server, "GET", "/api/v1/doctor"));
  static const PhDoctorHooks none;

  g_assert_true (test_run_until (has_started, f, TEST_SECONDS));
  g_clear_pointer (&f->owners.api, ph_doctor_api_free);
  assert_answered (test_wait (answer), 503, "about to end");
  f->owners.api = ph_doctor_api_new ();
  ph_doctor_api_set_hooks (f->owners.api, &none);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) \
  g_test_add ("/http/doctor-api/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("waits", whoever_asks_waits_for_one_run_together);
  ADD ("fresh", a_report_of_the_last_minute_is_good_enough);
  ADD ("order", an_order_begins_a_run_and_does_not_wait);
  ADD ("looking", looking_begins_nothing_and_nonsense_is_refused);
  ADD ("end", who_waits_is_told_when_all_ends);
  return g_test_run ();
}
