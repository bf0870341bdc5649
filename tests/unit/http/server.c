/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/pem.h"
#include "fixture.h"
#include "http/connection.h"

typedef struct _Fixture {
  struct _Fixture *self;
  TestServer server;
  TestCamera camera;
  guint n_handled, n_freed;
} Fixture;

static void
handle (PhRequest *request, gpointer user_data)
{
  Fixture *f = user_data;
  const char *name =
      request->camera != NULL ? ph_camera_get_config (request->camera)->name : "none";
  g_autofree char *text = g_strdup_printf ("%s [%s]\n", name, request->rest);
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));

  f->n_handled++;
  ph_request_reply_bytes (request->message, SOUP_STATUS_OK, "text/plain", body);
}

static void
note_freed (gpointer user_data)
{
  Fixture *f = user_data;

  f->n_freed++;
}

static GBytes *
find_again (PhRequest *request, const char *file_name, gpointer user_data)
{
  return g_bytes_new_static ("again", strlen ("again"));
}

static void
handle_repeated (PhRequest *request, gpointer user_data)
{
  const PhRepetitionSource source = { find_again, NULL, NULL };
  g_autoptr (GBytes) body = g_bytes_new_with_free_func ("first", 5, note_freed, user_data);

  ph_request_reply_bytes (request->message, SOUP_STATUS_OK, "text/plain", body);
  ph_http_connection_offer_repetition (request, FALSE, &source);
}

#define SELF G_STRUCT_OFFSET (Fixture, self)
static const PhRoute routes[] = {
  { "/", "GET", PH_PERMISSION_VIEW, handle, SELF },
  { "/healthz", "GET", PH_PERMISSION_OPEN, handle, SELF },
  { "/assets/*", "GET", PH_PERMISSION_OPEN, handle, SELF },
  { "/api/v1/cameras/NAME", "GET", PH_PERMISSION_VIEW, handle, SELF },
  { "/api/v1/reload", "POST", PH_PERMISSION_ADMIN, handle, SELF },
  { "/NAME/", "GET", PH_PERMISSION_VIEW, handle, SELF },
  { "/NAME/hls/*", "GET", PH_PERMISSION_VIEW, handle, SELF },
  { "/NAME/repeated", "GET", PH_PERMISSION_VIEW, handle_repeated, SELF },
};

static void
set_up (Fixture *f, gconstpointer data)
{
  f->self = f;
  test_camera_init (&f->camera);
  test_server_init (&f->server, routes, G_N_ELEMENTS (routes), f, f->camera.cameras);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  test_server_clear (&f->server);
  test_camera_clear (&f->camera);
}

static void
each_address_has_its_answer (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *method, *target;
    guint status;
    const char *body, *header, *value;
  } rows[] = {
    { "GET", "/", 200, "none []\n" },
    { "GET", "/assets/a%20b/c.js", 200, "none [a b/c.js]\n" },
    { "GET", "/front/", 200, "front []\n" },
    { "GET", "/front/hls/main-1.m4s?x=1", 200, "front [hls/main-1.m4s]\n" },
    { "GET", "/api/v1/cameras/front", 200, "front []\n" },
    { "POST", "/api/v1/reload", 200, "none []\n" },
    { "GET", "/front", 308, "", "Location", "front/" },
    { "GET", "/front?stream=sub", 308, "", "Location", "front/?stream=sub" },
    { "GET", "/back", 404, "There is no camera of this name\n", "Cache-Control", "no-store" },
    { "GET", "/back/", 404, "There is no camera of this name\n" },
    { "POST", "/back/", 404, "There is no camera of this name\n" },
    { "GET", "/front/none", 404, "There is nothing at this address\n" },
    { "GET", "/api/v1/cameras/back", 404, "{\"error\":\"There is no camera of this name\"}\n",
        "Content-Type", "application/json" },
    { "POST", "/front/", 405, "Only these methods work here: GET, HEAD, OPTIONS\n", "Allow",
        "GET, HEAD, OPTIONS" },
    { "GET", "/api/v1/reload", 405, "{\"error\":\"Only these methods work here: POST, OPTIONS\"}\n",
        "Allow", "POST, OPTIONS" },
    { "OPTIONS", "/front/", 204, "", "Allow", "GET, HEAD, OPTIONS" },
    { "HEAD", "/front/", 200, "", "Content-Length", "9" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (TestAnswer) answer = test_fetch (&f->server, rows[i].method, rows[i].target);

    g_test_message ("%s %s", rows[i].method, rows[i].target);
    g_assert_cmpuint (answer->status, ==, rows[i].status);
    g_assert_cmpstr (answer->body, ==, rows[i].body);
    if (rows[i].header != NULL)
      g_assert_cmpstr (test_header (answer, rows[i].header), ==, rows[i].value);
  }
}

static void
every_answer_has_the_headers_that_protect (Fixture *f, gconstpointer data)
{
  static const char *const targets[] = { "/", "/back/", "/front", "/front/none" };

  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++) {
    g_autoptr (TestAnswer) answer = test_fetch (&f->server, "GET", targets[i]);

    g_assert_cmpstr (test_header (answer, "Server"), ==, "Porthole");
    g_assert_cmpstr (test_header (answer, "X-Content-Type-Options"), ==, "nosniff");
    g_assert_cmpstr (test_header (answer, "Referrer-Policy"), ==, "no-referrer");
    g_assert_cmpstr (test_header (answer, "X-Frame-Options"), ==, "SAMEORIGIN");
    g_assert_nonnull (strstr (test_header (answer, "Content-Security-Policy"), "default-src"));
  }
}

static void
a_strangers_host_is_refused (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *host;
    guint status;
  } rows[] = { { "evil.example", 421 }, { "localhost:1234", 200 }, { "[::1]", 200 } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    SoupMessage *message = test_make_message (&f->server, "GET", "/front/");
    g_autoptr (TestAnswer) answer = NULL;

    soup_message_headers_replace (soup_message_get_request_headers (message), "Host", rows[i].host);
    answer = test_wait (test_send (&f->server, message));
    g_assert_cmpuint (answer->status, ==, rows[i].status);
  }
}

static void
too_long_an_address_is_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *long_query = g_strnfill (3000, 'a');
  g_autofree char *target = g_strconcat ("/?", long_query, NULL);
  g_autoptr (TestAnswer) answer = test_fetch (&f->server, "GET", target);

  g_assert_cmpuint (answer->status, ==, 414);
  g_assert_cmpuint (f->n_handled, ==, 0);
}

#define POST "POST /api/v1/reload HTTP/1.1\r\nHost: localhost\r\n"

static void
too_large_a_body_is_refused_before_it_comes (Fixture *f, gconstpointer data)
{
  TestClient client;

  test_client_init (
      &client, &f->server, POST "Content-Length: 100000\r\nExpect: 100-continue\r\n\r\n", 0);
  test_client_read_until (&client, "at most 65536 bytes");
  g_assert_true (g_str_has_prefix (client.text->str, "HTTP/1.1 413 "));
  g_assert_cmpuint (f->n_handled, ==, 0);
  test_client_clear (&client);
}

static void
too_large_a_body_is_refused_when_it_turns_out_so (Fixture *f, gconstpointer data)
{
  g_autofree char *some = g_strnfill (1000, 'a');
  TestClient client;

  test_client_init (&client, &f->server, POST "Transfer-Encoding: chunked\r\n\r\n", 0);
  for (guint i = 0; i < 100; i++) {
    g_socket_send (client.socket, "3e8\r\n", 5, NULL, NULL); /* 1000 bytes */
    g_socket_send (client.socket, some, 1000, NULL, NULL);
    g_socket_send (client.socket, "\r\n", 2, NULL, NULL);
    g_main_context_iteration (NULL, FALSE);
  }
  g_socket_send (client.socket, "0\r\n\r\n", 5, NULL, NULL);
  test_client_read_until (&client, "at most 65536 bytes");
  g_assert_true (g_str_has_prefix (client.text->str, "HTTP/1.1 413 "));
  g_assert_cmpuint (f->n_handled, ==, 0);
  test_client_clear (&client);
}

static void
too_large_headers_are_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *some = g_strnfill (20000, 'a');
  g_autofree char *request =
      g_strconcat ("GET / HTTP/1.1\r\nHost: localhost\r\nX: ", some, "\r\n\r\n", NULL);
  TestClient client;

  test_client_init (&client, &f->server, request, 0);
  test_client_read_until (&client, "at most 16384 bytes");
  g_assert_true (
      g_str_has_prefix (client.text->str, "HTTP/1.1 431 Request Header Fields Too Large\r\n"));
  g_assert_cmpuint (f->n_handled, ==, 0);
  test_client_clear (&client);
}

static void
a_body_without_end_is_cut_off (Fixture *f, gconstpointer data)
{
  g_autofree char *some = g_strnfill (1000, 'a');
  TestClient client;

  /* Announces one chunk of 16 MiB. */
  test_client_init (&client, &f->server, POST "Transfer-Encoding: chunked\r\n\r\n1000000\r\n", 0);
  for (guint i = 0; i < 3000; i++) {
    g_socket_send (client.socket, some, 1000, NULL, NULL);
    g_main_context_iteration (NULL, FALSE);
  }
  test_client_read_until (&client, NULL);
  g_assert_null (strstr (client.text->str, "200 OK"));
  g_assert_cmpuint (f->n_handled, ==, 0);
  test_client_clear (&client);
}

static void
ranges_are_not_multiplied (Fixture *f, gconstpointer data)
{
  SoupMessage *message = test_make_message (&f->server, "GET", "/");
  g_autoptr (TestAnswer) answer = NULL;

  soup_message_headers_append (
      soup_message_get_request_headers (message), "Range", "bytes=0-,0-,0-,0-");
  answer = test_wait (test_send (&f->server, message));
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpstr (answer->body, ==, "none []\n");
}

static gboolean
allow_open_only (
    SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data)
{
  return FALSE;
}

static void
refuse (SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data)
{
  ph_request_reply_text (message, SOUP_STATUS_UNAUTHORIZED, "Who are you?");
}

static void
the_guard_stands_in_front_of_every_route (Fixture *f, gconstpointer data)
{
  static const char *const methods[] = { "GET", "POST", "OPTIONS", "HEAD" };
  PhHttpGuard guard = { allow_open_only, refuse, NULL };

  ph_http_server_set_guard (f->server.server, &guard);
  for (gsize i = 0; i < G_N_ELEMENTS (routes); i++) {
    for (gsize j = 0; j < G_N_ELEMENTS (methods); j++) {
      g_autoptr (GString) target = g_string_new (routes[i].pattern);
      g_autoptr (TestAnswer) answer = NULL;

      g_string_replace (target, "NAME", "front", 0);
      g_string_replace (target, "*", "x", 0);
      answer = test_fetch (&f->server, methods[j], target->str);
      g_test_message ("%s %s", methods[j], target->str);
      if (routes[i].permission == PH_PERMISSION_OPEN)
        g_assert_cmpuint (answer->status, !=, 401);
      else
        g_assert_cmpuint (answer->status, ==, 401);
    }
  }
}

/* Whether somebody hears who knocks at port. */
static gboolean
is_answered (guint port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, NULL);

  return connection != NULL;
}

static void
another_port_is_listened_on_in_place_of_the_first (Fixture *f, gconstpointer data)
{
  PhHttpServer *server = f->server.server;
  guint before = ph_http_server_get_port (server);
  g_autoptr (GPtrArray) sockets = test_listen ();
  g_autoptr (TestAnswer) first = test_fetch (&f->server, "GET", "/healthz");
  g_autoptr (TestAnswer) second = NULL;

  ph_http_server_set_sockets (server, sockets, NULL);
  second = test_fetch (&f->server, "GET", "/healthz");
  g_assert_cmpuint (first->status, ==, second->status);
  g_assert_cmpuint (ph_http_server_get_port (server), !=, before);
  g_assert_true (is_answered (ph_http_server_get_port (server)));
  g_assert_false (is_answered (before));
}

static gboolean
is_freed (gpointer user_data)
{
  return ((Fixture *)user_data)->n_freed > 0;
}

static void
what_was_sent_is_not_kept_for_its_repetitions (Fixture *f, gconstpointer data)
{
  const char *request = "GET /front/repeated HTTP/1.1\r\nHost: localhost\r\n\r\n";
  TestClient client;

  test_client_init (&client, &f->server, request, 0);
  test_client_read_until (&client, "first");
  g_assert_true (test_run_until (is_freed, f, TEST_SECONDS));
  g_socket_send (client.socket, request, strlen (request), NULL, NULL);
  test_client_read_until (&client, "again");
  test_client_clear (&client);
}

/* A warning would end the test. */
static GLogWriterOutput
ignore_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  return G_LOG_WRITER_HANDLED;
}

static void
nothing_is_said_in_clear_on_the_port_for_tls (Fixture *f, gconstpointer data)
{
  g_autoptr (GTlsCertificate) without_key =
      g_tls_certificate_new_from_pem (PEM_CERTIFICATE, -1, NULL);
  g_autoptr (GPtrArray) sockets = test_listen ();
  TestClient client;

  g_log_set_writer_func (ignore_line, NULL, NULL);
  ph_http_server_set_certificate (f->server.server, without_key);
  ph_http_server_set_sockets (f->server.server, NULL, sockets);
  test_client_init_at (&client, ph_http_server_get_tls_port (f->server.server),
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 0);
  test_client_read_until (&client, NULL);
  g_assert_cmpstr (client.text->str, ==, "");
  g_assert_cmpuint (f->n_handled, ==, 0);
  test_client_clear (&client);
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/http/server/answers", each_address_has_its_answer);
  TEST ("/http/server/headers", every_answer_has_the_headers_that_protect);
  TEST ("/http/server/host", a_strangers_host_is_refused);
  TEST ("/http/server/long-address", too_long_an_address_is_refused);
  TEST ("/http/server/large-body", too_large_a_body_is_refused_before_it_comes);
  TEST ("/http/server/large-body-in-chunks", too_large_a_body_is_refused_when_it_turns_out_so);
  TEST ("/http/server/large-headers", too_large_headers_are_refused);
  TEST ("/http/server/endless-body", a_body_without_end_is_cut_off);
  TEST ("/http/server/range", ranges_are_not_multiplied);
  TEST ("/http/server/guard", the_guard_stands_in_front_of_every_route);
  TEST ("/http/server/port", another_port_is_listened_on_in_place_of_the_first);
  TEST ("/http/server/repetition", what_was_sent_is_not_kept_for_its_repetitions);
  TEST ("/http/server/tls", nothing_is_said_in_clear_on_the_port_for_tls);
  return g_test_run ();
}
