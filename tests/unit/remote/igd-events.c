/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A subscription against a router of loopback, that plays what miniupnpd will not. */
#include "remote/igd-events.h"

#include "common/loop.h"

#include <string.h>

#define SID "uuid:6f1c2f0e-8b5c-4d6f-9a3b-0123456789ab"
#define PATIENCE_S 30
#define MAX_ROUNDS 5

typedef struct {
  SoupServer *router;
  SoupSession *session;
  PhGateway *gateway;
  char *url;
  PhIgdEvents *events;
  char *callback; /* nullable; where it wants events to be sent to */
  SoupServerMessage *held_back; /* nullable: the agreement, until the event is answered */
  const char *timeout; /* that the router agrees to */
  gboolean is_early; /* an event overtakes the answer */
  gboolean is_forgetful; /* does not know the next renewal */
  guint n_new, n_renewals, n_goodbyes;
  guint n_heard;
  guint status; /* of the last event */
  guint n_done;
} Fixture;

static void
on_event_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;
  SoupMessage *message = soup_session_get_async_result_message (SOUP_SESSION (source), result);
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);

  f->status = body != NULL ? soup_message_get_status (message) : 0;
  f->n_done++;
  if (f->held_back != NULL)
    soup_server_message_unpause (f->held_back);
  g_clear_object (&f->held_back);
}

static void
send_event (Fixture *f, const char *method, const char *url, const char *sid, gsize size)
{
  g_autoptr (SoupMessage) message = soup_message_new (method, url);
  g_autoptr (GBytes) body = g_bytes_new_take (g_malloc0 (size), size);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_set_request_body_from_bytes (message, "text/xml", body);
  soup_message_headers_replace (headers, "NT", "upnp:event");
  soup_message_headers_replace (headers, "NTS", "upnp:propchange");
  soup_message_headers_replace (headers, "SID", sid);
  soup_session_send_and_read_async (
      f->session, message, G_PRIORITY_DEFAULT, NULL, on_event_answered, f);
}

static gboolean
is_done (gpointer user_data)
{
  return ((Fixture *)user_data)->n_done > 0;
}

/* The status that an event gets, 0: none. */
static guint
get_status (Fixture *f, const char *method, const char *url, const char *sid, gsize size)
{
  f->n_done = 0;
  send_event (f, method, url, sid, size);
  g_assert_true (test_run_until (is_done, f, PATIENCE_S));
  return f->status;
}

static void
answer_subscription (Fixture *f, SoupServerMessage *message)
{
  SoupMessageHeaders *asked = soup_server_message_get_request_headers (message);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  const char *callback = soup_message_headers_get_one (asked, "CALLBACK");
  const char *sid = soup_message_headers_get_one (asked, "SID");

  g_assert_true ((callback == NULL) != (sid == NULL));
  if (sid != NULL) {
    g_assert_cmpstr (sid, ==, SID);
    f->n_renewals++;
  } else {
    g_assert_cmpstr (soup_message_headers_get_one (asked, "NT"), ==, "upnp:event");
    g_assert_true (g_str_has_prefix (callback, "<http://127.0.0.1:"));
    g_free (f->callback);
    f->callback = g_strndup (callback + 1, strlen (callback) - 2);
    f->n_new++;
  }
  if (sid != NULL && f->is_forgetful) {
    soup_server_message_set_status (message, SOUP_STATUS_PRECONDITION_FAILED, NULL);
    f->is_forgetful = FALSE;
    return;
  }
  if (sid == NULL && f->is_early) {
    f->held_back = g_object_ref (message);
    soup_server_message_pause (message);
    send_event (f, "NOTIFY", f->callback, SID, 10);
  }
  soup_message_headers_replace (headers, "SID", SID);
  if (f->timeout != NULL)
    soup_message_headers_replace (headers, "TIMEOUT", f->timeout);
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
}

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer user_data)
{
  Fixture *f = user_data;
  const char *method = soup_server_message_get_method (message);

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  if (g_str_equal (method, "SUBSCRIBE"))
    answer_subscription (f, message);
  else if (g_str_equal (method, "UNSUBSCRIBE"))
    f->n_goodbyes++;
}

static void
on_heard (gpointer user_data)
{
  ((Fixture *)user_data)->n_heard++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  GSList *uris = NULL;

  f->router = soup_server_new (NULL, NULL);
  soup_server_add_handler (f->router, NULL, on_request, f, NULL);
  g_assert_true (soup_server_listen_local (f->router, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (f->router);
  f->url = g_strdup_printf ("http://127.0.0.1:%d/event", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify)g_uri_unref);
  f->session = soup_session_new ();
  f->gateway = ph_gateway_new (loopback, loopback, "lo");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->events, ph_igd_events_free_at_end);
  soup_session_abort (f->session);
  g_object_unref (f->session);
  g_object_unref (f->router);
  ph_gateway_free (f->gateway);
  g_free (f->callback);
  g_free (f->url);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static gboolean
is_agreed (gpointer user_data)
{
  return ((Fixture *)user_data)->n_new > 0;
}

static gboolean
is_alive (gpointer user_data)
{
  Fixture *f = user_data;

  return ph_igd_events_is_alive (f->events) && f->n_heard > 0;
}

static void
subscribe (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  f->events = ph_igd_events_new (f->gateway, f->session, f->url, on_heard, f, &error);
  g_assert_no_error (error);
  g_assert_true (test_run_until (is_agreed, f, PATIENCE_S));
}

static void
an_event_that_overtakes_the_agreement_counts (Fixture *f, gconstpointer data)
{
  f->is_early = TRUE;
  subscribe (f);
  g_assert_true (test_run_until (is_alive, f, PATIENCE_S));
}

/* Where no event comes through, asking from time to time must go on. */
static void
only_what_is_seen_to_arrive_is_relied_on (Fixture *f, gconstpointer data)
{
  g_autofree char *elsewhere = NULL;

  subscribe (f);
  elsewhere = g_strconcat (f->callback, "0", NULL);
  g_assert_cmpuint (get_status (f, "NOTIFY", elsewhere, SID, 10), ==, 404);
  g_assert_cmpuint (get_status (f, "GET", f->callback, SID, 0), ==, 405);
  g_assert_cmpuint (get_status (f, "NOTIFY", f->callback, "uuid:another", 10), ==, 412);
  g_assert_cmpuint (get_status (f, "NOTIFY", f->callback, SID, 16385), ==, 0);
  g_assert_false (ph_igd_events_is_alive (f->events));
  g_assert_cmpuint (get_status (f, "NOTIFY", f->callback, SID, 16384), ==, 200);
  g_assert_true (test_run_until (is_alive, f, PATIENCE_S));
}

static gboolean
is_renewed_twice (gpointer user_data)
{
  return ((Fixture *)user_data)->n_renewals >= 2;
}

static void
it_is_renewed_in_time (Fixture *f, gconstpointer data)
{
  f->timeout = "Second-2";
  f->is_early = TRUE;
  subscribe (f);
  g_assert_true (test_run_until (is_renewed_twice, f, PATIENCE_S));
  g_assert_cmpuint (f->n_new, ==, 1);
  g_assert_true (ph_igd_events_is_alive (f->events));
}

static gboolean
is_made_anew (gpointer user_data)
{
  return ((Fixture *)user_data)->n_new == 2;
}

static void
what_the_router_has_forgotten_is_made_anew (Fixture *f, gconstpointer data)
{
  f->timeout = "Second-2";
  f->is_early = TRUE;
  subscribe (f);
  g_assert_true (test_run_until (is_alive, f, PATIENCE_S));
  f->is_early = FALSE;
  f->is_forgetful = TRUE;
  f->n_heard = 0;
  g_assert_true (test_run_until (is_made_anew, f, PATIENCE_S));
  g_assert_false (ph_igd_events_is_alive (f->events));
  g_assert_cmpuint (get_status (f, "NOTIFY", f->callback, SID, 10), ==, 200);
  g_assert_true (test_run_until (is_alive, f, PATIENCE_S));
}

/* On a machine that stands still for a moment there may be no time left for it. */
static void
the_router_is_told_the_end (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < MAX_ROUNDS && f->n_goodbyes == 0; i++) {
    f->is_early = TRUE;
    f->n_new = f->n_heard = 0;
    subscribe (f);
    g_assert_true (test_run_until (is_alive, f, PATIENCE_S));
    g_clear_pointer (&f->events, ph_igd_events_free_at_end);
  }
  g_assert_cmpuint (f->n_goodbyes, ==, 1);
}

static void
nobody_but_the_router_is_subscribed_to (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (
      ph_igd_events_new (f->gateway, f->session, "http://127.0.0.2:80/event", on_heard, f, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) \
  g_test_add ("/remote/igd-events/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("early", an_event_that_overtakes_the_agreement_counts);
  ADD ("arrival", only_what_is_seen_to_arrive_is_relied_on);
  ADD ("renewal", it_is_renewed_in_time);
  ADD ("forgotten", what_the_router_has_forgotten_is_made_anew);
  ADD ("end", the_router_is_told_the_end);
  ADD ("router", nobody_but_the_router_is_subscribed_to);
  return g_test_run ();
}
