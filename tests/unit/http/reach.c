/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/reach.h"

#include "common/settings.h"
#include "fixture.h"

#define OUTSIDE "9.9.9.9"
#define INSIDE "192.168.1.20"
#define SETTINGS \
  "{ 'access': { 'trusted_proxies': [ '127.0.0.1' ], 'users': [ { 'name': 'anna', 'password': " \
  "'secret' } ] } }"

typedef struct {
  PhReach *reach;
} Owners;

typedef struct {
  Owners owners;
  Folder folder;
  GPtrArray *cameras;
  TestServer server;
  PhConfig *config;
  PhGate *gate;
  PhLinks *links;
  PhAccessGuard *access;
  guint n_proven, n_told;
} Fixture;

static const PhRoute routes[] = {
  { "/reach/*", "GET", PH_PERMISSION_OPEN, ph_reach_handle, G_STRUCT_OFFSET (Owners, reach) },
};

static gboolean
is_inside (GInetAddress *peer, gpointer user_data)
{
  return g_inet_address_get_is_site_local (peer) || g_inet_address_get_is_loopback (peer);
}

static void
count_proof (gpointer user_data)
{
  ((Fixture *)user_data)->n_proven++;
}

static void
count_visit (gpointer user_data)
{
  ((Fixture *)user_data)->n_told++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  PhReachOwner owner = { is_inside, count_proof, count_visit, f };
  g_autoptr (PhUsers) users = NULL;

  folder_init (&f->folder);
  f->config = folder_load (&f->folder, SETTINGS, 0600);
  users = ph_users_new (f->config, NULL, NULL);
  f->gate = ph_gate_new (users, f->config->access, NULL);
  f->links = ph_links_new (f->folder.path);
  f->access = ph_access_guard_new (f->gate, f->links, f->config->access);
  f->owners.reach = ph_reach_new ();
  ph_reach_set_access (f->owners.reach, f->access);
  ph_reach_set_owner (f->owners.reach, &owner);
  f->cameras = g_ptr_array_new ();
  test_server_init (&f->server, routes, G_N_ELEMENTS (routes), &f->owners, f->cameras);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  test_server_clear (&f->server);
  ph_reach_free (f->owners.reach);
  g_ptr_array_unref (f->cameras);
  ph_access_guard_free (f->access);
  ph_links_free (f->links);
  ph_gate_free (f->gate);
  ph_config_unref (f->config);
  folder_clear (&f->folder);
}

static TestAnswer *
come (Fixture *f, const char *from, const char *method, const char *path)
{
  SoupMessage *message = test_make_message (&f->server, method, path);

  soup_message_headers_replace (
      soup_message_get_request_headers (message), "X-Forwarded-For", from);
  return test_wait (test_send (&f->server, message));
}

static guint
get_status (Fixture *f, const char *from, const char *method, const char *path)
{
  g_autoptr (TestAnswer) answer = come (f, from, method, path);

  return answer->status;
}

static char *
get_path (Fixture *f)
{
  gint64 expires = 0;
  const char *path = ph_reach_ensure_path (f->owners.reach, &expires);
  gint64 left = expires - g_get_real_time () / G_USEC_PER_SEC;

  g_assert_cmpint (left, >, 500);
  g_assert_cmpint (left, <=, 600);
  return g_strdup (path);
}

static void
assert_visitor (Fixture *f, const char *address)
{
  gint64 at = 0;
  GInetAddress *visitor = ph_reach_get_visitor (f->owners.reach, &at);
  g_autofree char *text = visitor != NULL ? g_inet_address_to_string (visitor) : NULL;

  g_assert_cmpstr (text, ==, address);
}

static void
the_address_works_once_and_only_from_outside (Fixture *f, gconstpointer data)
{
  g_autofree char *path = get_path (f);
  g_autofree char *same = get_path (f);
  g_autoptr (TestAnswer) inside = come (f, INSIDE, "GET", path);
  g_autoptr (TestAnswer) outside = NULL;
  g_autofree char *next = NULL;

  g_assert_cmpstr (path, ==, same);
  g_assert_cmpuint (strlen (path), ==, strlen (PH_REACH_PREFIX) + 22); /* 128 bits */
  g_assert_cmpuint (inside->status, ==, 200);
  g_assert_nonnull (strstr (inside->body, "Not from outside"));
  assert_visitor (f, NULL);
  outside = come (f, OUTSIDE, "GET", path);
  g_assert_cmpuint (outside->status, ==, 200);
  g_assert_nonnull (strstr (outside->body, "It works"));
  g_assert_nonnull (strstr (outside->body, "not encrypted"));
  g_assert_cmpstr (test_header (outside, "Cache-Control"), ==, "no-store");
  assert_visitor (f, OUTSIDE);
  g_assert_cmpuint (f->n_proven, ==, 1);
  g_assert_cmpuint (get_status (f, OUTSIDE, "GET", path), ==, 404);
  next = get_path (f);
  g_assert_cmpstr (next, !=, path);
}

/* Messengers look at links before people do. */
static void
looking_at_the_head_uses_nothing_up (Fixture *f, gconstpointer data)
{
  g_autofree char *path = get_path (f);

  g_assert_cmpuint (get_status (f, OUTSIDE, "HEAD", path), ==, 404);
  assert_visitor (f, NULL);
  g_assert_cmpuint (get_status (f, OUTSIDE, "GET", path), ==, 200);
}

static void
who_guesses_is_sent_away_and_nobody_else (Fixture *f, gconstpointer data)
{
  g_autofree char *path = get_path (f);
  guint status = 0;

  for (guint i = 0; i < 20; i++)
    status = get_status (f, "9.9.9.8", "GET", "/reach/AAAAAAAAAAAAAAAAAAAAAA");
  g_assert_cmpuint (status, ==, 429);
  g_assert_cmpuint (get_status (f, "9.9.9.8", "GET", path), ==, 429);
  g_assert_cmpuint (get_status (f, OUTSIDE, "GET", path), ==, 200);
}

static void
visits_are_told_at_the_first_and_not_at_each (Fixture *f, gconstpointer data)
{
  const char *const visitors[] = { OUTSIDE, "9.9.9.7", OUTSIDE };

  for (gsize i = 0; i < G_N_ELEMENTS (visitors); i++) {
    g_autofree char *path = get_path (f);

    g_assert_cmpuint (get_status (f, visitors[i], "GET", path), ==, 200);
    assert_visitor (f, visitors[i]);
  }
  g_assert_cmpuint (f->n_told, ==, 1);
}

static void
who_came_before_the_start_is_known_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GInetAddress) visitor = g_inet_address_new_from_string (OUTSIDE);
  gint64 at = 0;

  ph_reach_restore_visitor (f->owners.reach, visitor, 1700000000);
  assert_visitor (f, OUTSIDE);
  ph_reach_get_visitor (f->owners.reach, &at);
  g_assert_cmpint (at, ==, 1700000000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) \
  g_test_add ("/http/reach/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("once", the_address_works_once_and_only_from_outside);
  ADD ("head", looking_at_the_head_uses_nothing_up);
  ADD ("guesses", who_guesses_is_sent_away_and_nobody_else);
  ADD ("told", visits_are_told_at_the_first_and_not_at_each);
  ADD ("restored", who_came_before_the_start_is_known_again);
  return g_test_run ();
}
