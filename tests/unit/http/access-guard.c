/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/access-guard.h"

#include "common/settings.h"
#include "fixture.h"
#include "http/stream.h"

#define ANNA(password, cameras) \
  "{ 'access': { 'users': [ { 'name': 'anna', 'password': '" password "', 'cameras': [ '" cameras \
  "' ] } ] } }"
#define BY_PASSWORD "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n" /* anna:secret */

typedef struct _Fixture {
  struct _Fixture *self;
  Folder folder;
  TestCamera camera;
  TestServer server;
  PhConfig *config;
  PhGate *gate;
  PhLinks *links;
  PhAccessGuard *access;
  PhStream *stream; /* nullable: of the one who looks */
} Fixture;

static void
on_ready (gpointer user_data)
{
}

static void
on_gone (gpointer user_data)
{
  Fixture *f = user_data;

  g_clear_pointer (&f->stream, ph_stream_free);
}

static void
show (PhRequest *request, gpointer user_data)
{
  Fixture *f = user_data;
  PhStreamOwner owner = { on_ready, on_gone, f };
  g_autoptr (GBytes) block = g_bytes_new_static ("picture", 7);

  f->stream = ph_stream_new (request->message, "text/plain", &owner);
  ph_stream_write (f->stream, block);
}

static void
log_in (PhRequest *request, gpointer user_data)
{
  Fixture *f = user_data;
  guint wait_s;

  g_assert_cmpint (ph_access_guard_log_in (f->access, request->message, "anna", "secret", &wait_s),
      ==, PH_GATE_KNOWN);
  ph_request_reply_text (request->message, SOUP_STATUS_OK, "welcome");
}

static void
log_out (PhRequest *request, gpointer user_data)
{
  Fixture *f = user_data;

  ph_access_guard_log_out (f->access, request->message);
  ph_request_reply_text (request->message, SOUP_STATUS_OK, "goodbye");
}

#define SELF G_STRUCT_OFFSET (Fixture, self)
static const PhRoute routes[] = {
  { "/login", "GET", PH_PERMISSION_OPEN, log_in, SELF },
  { "/logout", "GET", PH_PERMISSION_OPEN, log_out, SELF },
  { "/NAME/mjpeg", "GET", PH_PERMISSION_VIEW, show, SELF },
};

static PhUsers *
make_users (Fixture *f, const char *settings)
{
  g_autoptr (PhConfig) config = folder_load (&f->folder, settings, 0600);
  PhUsers *users = ph_users_new (config, NULL, NULL);

  g_assert_nonnull (users);
  return users;
}

static void
set_up (Fixture *f, gconstpointer settings)
{
  PhHttpGuard guard;
  g_autoptr (PhUsers) users = NULL;

  f->self = f;
  folder_init (&f->folder);
  f->config = folder_load (&f->folder, settings, 0600);
  users = make_users (f, settings);
  f->gate = ph_gate_new (users, f->config->access, NULL);
  f->links = ph_links_new (f->folder.path);
  test_camera_init (&f->camera);
  test_server_init (&f->server, routes, G_N_ELEMENTS (routes), f, f->camera.cameras);
  f->access = ph_access_guard_new (f->gate, f->links, f->config->access);
  guard = ph_access_guard_get (f->access);
  ph_http_server_set_guard (f->server.server, &guard);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->stream, ph_stream_free);
  test_server_clear (&f->server);
  ph_access_guard_free (f->access);
  ph_links_free (f->links);
  test_camera_clear (&f->camera);
  ph_gate_free (f->gate);
  ph_config_unref (f->config);
  folder_clear (&f->folder);
}

/* headers: lines with their ends. */
static void
start_watching (Fixture *f, TestClient *client, const char *headers)
{
  g_autofree char *request =
      g_strconcat ("GET /front/mjpeg HTTP/1.1\r\nHost: localhost\r\n", headers, "\r\n", NULL);

  test_client_init (client, &f->server, request, 0);
  test_client_read_until (client, "picture");
}

/* The header that a browser sends from then on. */
static char *
open_session (Fixture *f)
{
  g_autoptr (TestAnswer) answer = test_fetch (&f->server, "GET", "/login");
  const char *cookie = test_header (answer, "Set-Cookie");

  g_assert_nonnull (cookie);
  return g_strdup_printf ("Cookie: %.*s\r\n", (int)strcspn (cookie, ";"), cookie);
}

static gboolean
is_gone (gpointer user_data)
{
  return ((Fixture *)user_data)->stream == NULL;
}

/* Whether what runs is ended when the settings become these. */
static gboolean
is_ended_by (Fixture *f, const char *settings)
{
  g_autoptr (PhUsers) users = make_users (f, settings);

  ph_gate_set_users_any (f->gate, users);
  return test_run_until (is_gone, f, 3);
}

static void
a_stream_ends_when_the_entry_of_its_viewer_changes (Fixture *f, gconstpointer data)
{
  static const char *const changes[] = { ANNA ("other", "front"), ANNA ("secret", "back"),
    "{ 'access': { 'users': [ { 'name': 'bert', 'password': 'secret' } ] } }" };
  g_autofree char *session = open_session (f);
  const char *const headers[] = { BY_PASSWORD, session };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++) {
    const char *header = headers[i % G_N_ELEMENTS (headers)];
    TestClient client;

    g_test_message ("%s: %s", header, changes[i]);
    start_watching (f, &client, header);
    if (i == 0)
      g_assert_false (is_ended_by (f, ANNA ("secret", "*")));
    g_assert_true (is_ended_by (f, changes[i]));
    test_client_read_until (&client, NULL);
    test_client_clear (&client);
    g_assert_true (is_ended_by (f, ANNA ("secret", "front")));
  }
}

static void
a_stream_without_a_name_ends_when_names_are_asked_for (Fixture *f, gconstpointer data)
{
  TestClient client;

  start_watching (f, &client, "");
  g_assert_true (is_ended_by (f, ANNA ("secret", "front")));
  test_client_read_until (&client, NULL);
  test_client_clear (&client);
}

/* From "Cookie: NAME=VALUE\r\n". */
static void
set_cookie (SoupMessage *message, const char *header)
{
  g_autofree char *cookie = g_strstrip (g_strdup (strchr (header, ' ')));

  soup_message_headers_append (soup_message_get_request_headers (message), "Cookie", cookie);
}

static void
log_out_ends_what_runs_for_that_session_only (Fixture *f, gconstpointer data)
{
  g_autofree char *session = open_session (f);
  g_autofree char *other = open_session (f);
  const char *const headers[] = { other, session };

  for (gsize i = 0; i < G_N_ELEMENTS (headers); i++) {
    SoupMessage *message = test_make_message (&f->server, "GET", "/logout");
    g_autoptr (TestAnswer) answer = NULL;
    TestClient client;

    start_watching (f, &client, session);
    set_cookie (message, headers[i]);
    answer = test_wait (test_send (&f->server, message));
    g_assert_cmpuint (answer->status, ==, 200);
    g_assert_cmpint (is_gone (f), ==, headers[i] == session);
    g_socket_shutdown (client.socket, TRUE, TRUE, NULL);
    g_assert_true (test_run_until (is_gone, f, TEST_SECONDS));
    test_client_clear (&client);
  }
}

int
main (int argc, char **argv)
{
  const char *anna = ANNA ("secret", "front");

  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/http/access-guard/entry", Fixture, anna, set_up,
      a_stream_ends_when_the_entry_of_its_viewer_changes, tear_down);
  g_test_add ("/http/access-guard/nameless", Fixture, "{}", set_up,
      a_stream_without_a_name_ends_when_names_are_asked_for, tear_down);
  g_test_add ("/http/access-guard/log-out", Fixture, anna, set_up,
      log_out_ends_what_runs_for_that_session_only, tear_down);
  return g_test_run ();
}
