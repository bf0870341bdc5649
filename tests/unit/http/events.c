/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/events.h"

#include "fixture.h"

#define REQUEST "GET /events HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
#define N_KEPT 256 /* events that are kept for who comes back */

typedef struct {
  TestServer server;
  PhEvents *events;
  GPtrArray *cameras;
} Fixture;

static const PhRoute routes[] = {
  { "/events", "GET", PH_PERMISSION_VIEW, ph_events_handle, G_STRUCT_OFFSET (Fixture, events) },
};

/* Who says "User: anna" may see the camera "front", and nothing else. */
static gboolean
allows (SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  return soup_message_headers_get_one (headers, "User") == NULL ||
         (permission == PH_PERMISSION_VIEW && (camera == NULL || g_str_equal (camera, "front")));
}

static void
refuse (SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data)
{
  soup_server_message_set_status (message, SOUP_STATUS_FORBIDDEN, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  const PhHttpGuard guard = { .allows = allows, .refuse = refuse };

  f->cameras = g_ptr_array_new ();
  f->events = ph_events_new ();
  test_server_init (&f->server, routes, G_N_ELEMENTS (routes), f, f->cameras);
  ph_http_server_set_guard (f->server.server, &guard);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->events, ph_events_free);
  test_server_clear (&f->server);
  g_ptr_array_unref (f->cameras);
}

static void
emit (Fixture *f, PhPermission permission, const char *camera, const char *text)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "text");
  json_builder_add_string_value (builder, text);
  json_builder_end_object (builder);
  ph_events_emit (f->events, "test", permission, camera, builder);
}

static void
emit_number (Fixture *f, guint number)
{
  g_autofree char *text = g_strdup_printf ("<%u>", number);

  emit (f, PH_PERMISSION_VIEW, NULL, text);
}

/* headers: each with its line's end. */
static void
listen_with (Fixture *f, TestClient *client, const char *headers, int receive_buffer)
{
  g_autofree char *request = g_strdup_printf (REQUEST, headers);

  test_client_init (client, &f->server, request, receive_buffer);
  test_client_read_until (client, "retry: 3000\n\n");
}

/* The id of the last event that client was told. */
static char *
get_last_id (TestClient *client)
{
  const char *start = g_strrstr (client->text->str, "\nid: ");

  g_assert_nonnull (start);
  start += strlen ("\nid: ");
  return g_strndup (start, strcspn (start, "\n"));
}

static char *
make_last_event_id (const char *id)
{
  return g_strdup_printf ("Last-Event-ID: %s\r\n", id);
}

static void
nobody_hears_of_what_it_may_not_see (Fixture *f, gconstpointer data)
{
  TestClient anna, root;

  listen_with (f, &anna, "User: anna\r\n", 0);
  listen_with (f, &root, "", 0);
  emit (f, PH_PERMISSION_VIEW, "back", "of the back");
  emit (f, PH_PERMISSION_ADMIN, NULL, "for admins");
  emit (f, PH_PERMISSION_VIEW, "front", "of the front");
  test_client_read_until (&anna, "of the front");
  test_client_read_until (&root, "of the front");
  g_assert_cmpuint (test_count (anna.text, "event: test\n"), ==, 1);
  g_assert_cmpuint (test_count (root.text, "event: test\n"), ==, 3);
  g_assert_nonnull (strstr (root.text->str, "\nevent: test\ndata: {\"text\":\"for admins\"}\n\n"));
  test_client_clear (&anna);
  test_client_clear (&root);
}

static void
who_comes_back_is_told_what_it_missed (Fixture *f, gconstpointer data)
{
  TestClient first, again, anna;
  g_autofree char *id = NULL;
  g_autofree char *header = NULL;
  g_autofree char *of_anna = NULL;

  listen_with (f, &first, "", 0);
  emit (f, PH_PERMISSION_VIEW, NULL, "heard");
  test_client_read_until (&first, "heard\"}\n\n");
  id = get_last_id (&first);
  header = make_last_event_id (id);
  of_anna = g_strconcat ("User: anna\r\n", header, NULL);
  test_client_clear (&first);
  emit (f, PH_PERMISSION_ADMIN, NULL, "missed by admins");
  emit (f, PH_PERMISSION_VIEW, NULL, "missed by all");

  listen_with (f, &again, header, 0);
  test_client_read_until (&again, "missed by all");
  g_assert_cmpuint (test_count (again.text, "event: test\n"), ==, 2);
  listen_with (f, &anna, of_anna, 0);
  test_client_read_until (&anna, "missed by all");
  g_assert_cmpuint (test_count (anna.text, "event: test\n"), ==, 1);
  test_client_clear (&again);
  test_client_clear (&anna);
}

static void
what_is_kept_has_an_end (Fixture *f, gconstpointer data)
{
  TestClient first, again;
  g_autofree char *id = NULL;
  g_autofree char *header = NULL;

  listen_with (f, &first, "", 0);
  emit_number (f, 0);
  test_client_read_until (&first, "<0>\"}\n\n");
  id = get_last_id (&first);
  header = make_last_event_id (id);
  test_client_clear (&first);
  for (guint i = 1; i <= N_KEPT + 10; i++)
    emit_number (f, i);

  listen_with (f, &again, header, 0);
  test_client_read_until (&again, "<266>");
  g_assert_cmpuint (test_count (again.text, "event: test\n"), ==, N_KEPT);
  g_assert_null (strstr (again.text->str, "<10>"));
  g_assert_nonnull (strstr (again.text->str, "<11>"));
  test_client_clear (&again);
}

/* Of another run of the program, or nonsense. */
static void
an_id_that_is_not_ours_means_nothing (Fixture *f, gconstpointer data)
{
  static const char *const ids[] = { "12345678-0", "0", "", "-1", "0123456789abcdef" };

  emit (f, PH_PERMISSION_VIEW, NULL, "before");
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    g_autofree char *header = make_last_event_id (ids[i]);
    TestClient client;

    listen_with (f, &client, header, 0);
    emit_number (f, i);
    test_client_read_until (&client, "event: test\n");
    g_assert_null (strstr (client.text->str, "before"));
    test_client_clear (&client);
  }
}

/* It costs no more than what waits for it, and nobody else notices. */
static void
who_does_not_read_is_sent_away (Fixture *f, gconstpointer data)
{
  g_autofree char *large = g_strnfill (20000, 'x');
  TestClient slow, other;

  listen_with (f, &slow, "", 4096);
  listen_with (f, &other, "", 0);
  for (guint i = 0; i < 1000; i++) {
    g_autofree char *mark = g_strdup_printf ("<%u>", i);

    emit (f, PH_PERMISSION_VIEW, NULL, large);
    emit_number (f, i);
    test_client_read_until (&other, mark);
    g_string_truncate (other.text, 0);
  }
  test_client_read_until (&slow, NULL);
  g_assert_cmpuint (slow.text->len, <, 1000 * 20000);
  test_client_clear (&slow);
  test_client_clear (&other);
}

static void
all_are_kept_alive (Fixture *f, gconstpointer data)
{
  TestClient client;

  listen_with (f, &client, "", 0);
  ph_events_keep_alive (f->events);
  test_client_read_until (&client, "\n\n: still here\n\n");
  ph_events_free (g_steal_pointer (&f->events));
  test_client_read_until (&client, NULL);
  f->events = ph_events_new ();
  test_client_clear (&client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
#define ADD(path, function) \
  g_test_add ("/http/events/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("grants", nobody_hears_of_what_it_may_not_see);
  ADD ("missed", who_comes_back_is_told_what_it_missed);
  ADD ("kept", what_is_kept_has_an_end);
  ADD ("foreign-id", an_id_that_is_not_ours_means_nothing);
  ADD ("slow", who_does_not_read_is_sent_away);
  ADD ("keep-alive", all_are_kept_alive);
#undef ADD
  return g_test_run ();
}
