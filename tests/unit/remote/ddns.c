/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rules for calling providers, one test for each, against a provider on loopback and a clock
 * that the test turns: days of retries take milliseconds. */
#include "remote/ddns.h"
#include "remote/ddns-report.h"

#include "base/error.h"
#include "common/loop.h"
#include "common/settings.h"

#include <libsoup/soup.h>
#include <string.h>
#include <unistd.h>

#define MINUTE 60
#define HOUR 3600
#define DAY 86400
#define START 1800000000 /* 2027 */
#define A "5.6.7.8"
#define B "9.9.9.9"
#define SIX "2a01:4f8::7"

typedef struct {
  guint status;
  const char *body;
  const char *header, *value; /* nullable */
} Answer;

typedef struct {
  Folder folder;
  SoupServer *server;
  guint port;
  PhDdns *ddns;
  gint64 wall, boot;
  Answer answer; /* to all calls */
  GPtrArray *calls; /* "METHOD path?query" */
  GArray *called_at; /* gint64, of boot */
  char *authorization, *user_agent, *connection; /* of the last call */
  gboolean is_silent; /* never answers */
  GPtrArray *paused;
} Fixture;

static const Answer good = { 200, "good" };
static const Answer cloudflare = { 200,
  "{\"success\":true,\"result\":[{\"id\":\"id7\",\"content\":\"7.7.7.7\"}]}" };

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer user_data)
{
  Fixture *f = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  GUri *uri = soup_server_message_get_uri (message);

  g_ptr_array_add (f->calls, g_strdup_printf ("%s %s?%s", soup_server_message_get_method (message),
                                 path, g_uri_get_query (uri) != NULL ? g_uri_get_query (uri) : ""));
  g_array_append_val (f->called_at, f->boot);
  g_free (f->authorization);
  g_free (f->user_agent);
  g_free (f->connection);
  f->authorization = g_strdup (soup_message_headers_get_one (headers, "Authorization"));
  f->user_agent = g_strdup (soup_message_headers_get_one (headers, "User-Agent"));
  f->connection = g_strdup (soup_message_headers_get_list (headers, "Connection"));
  if (f->is_silent) {
    soup_server_message_pause (message);
    g_ptr_array_add (f->paused, g_object_ref (message));
    return;
  }
  soup_server_message_set_status (message, f->answer.status, NULL);
  if (f->answer.header != NULL)
    soup_message_headers_replace (
        soup_server_message_get_response_headers (message), f->answer.header, f->answer.value);
  soup_server_message_set_response (
      message, "text/plain", SOUP_MEMORY_COPY, f->answer.body, strlen (f->answer.body));
}

static gint64
get_wall (gpointer user_data)
{
  return ((Fixture *)user_data)->wall;
}

static gint64
get_boot (gpointer user_data)
{
  return ((Fixture *)user_data)->boot;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GSList) uris = NULL;

  folder_init (&f->folder);
  f->calls = g_ptr_array_new_with_free_func (g_free);
  f->called_at = g_array_new (FALSE, FALSE, sizeof (gint64));
  f->paused = g_ptr_array_new_with_free_func (g_object_unref);
  f->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (f->server, NULL, on_request, f, NULL);
  g_assert_true (soup_server_listen_local (f->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (f->server);
  f->port = (guint)g_uri_get_port (uris->data);
  g_uri_unref (uris->data);
  f->wall = START;
  f->boot = 1000;
  f->answer = good;
}

static void
stop (Fixture *f)
{
  g_clear_pointer (&f->ddns, ph_ddns_free);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  stop (f);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  soup_server_disconnect (f->server);
  g_object_unref (f->server);
  g_ptr_array_unref (f->calls);
  g_ptr_array_unref (f->paused);
  g_array_unref (f->called_at);
  g_free (f->authorization);
  g_free (f->user_agent);
  g_free (f->connection);
  folder_clear (&f->folder);
}

/* Provider id with more keys of its group, at the test's server; names as in porthole.json, with '
 * for ". */
static void
start (Fixture *f, const char *provider, const char *names)
{
  g_autoptr (GString) group = g_string_new (provider);
  g_autofree char *port = g_strdup_printf ("%u", f->port);
  g_autofree char *providers = NULL;
  g_autofree char *settings = g_strdup_printf (
      "{ 'remote': { 'ddns_providers': 'providers.conf', 'ddns': [ %s ] } }", names);
  g_autoptr (PhConfig) config = NULL;
  PhDdnsHttp *http = NULL;
  PhClock clock = { get_wall, get_boot, f };
  PhDdnsAccounts *accounts;

  g_string_replace (group, "PORT", port, 0);
  providers = folder_put (&f->folder, "providers.conf", group->str, 0600);
  config = folder_load (&f->folder, settings, 0600);
  accounts = ph_ddns_accounts_new (config, NULL, NULL);

  g_assert_nonnull (accounts);
  stop (f);
  http = ph_ddns_http_new (NULL, "anna@example.org", NULL);
  f->ddns = ph_ddns_new (accounts, http, f->folder.path, &clock);
}

#define DYN "[dyn]\nurl=http://127.0.0.1:PORT/nic/update?hostname={hosts}&myip={ips}\n"
#define SEPARATE \
  "[he]\nurl=http://127.0.0.1:PORT/nic/update?hostname={host}&myip={ip}\nmin-interval=0\n"
#define WAITS "[he]\nurl=http://127.0.0.1:PORT/u?hostname={host}&myip={ip}\nabuse-waits=true\n"
#define DUCKDNS \
  "[duckdns]\nurl=http://127.0.0.1:PORT/update?domains={subs}&token={pass}&ip={ip4}&ipv6={ip6}\n"
#define NAME(name) \
  "{ 'provider': 'dyn', 'hostname': '" name "', 'username': 'user', 'password': 'pass' }"
#define HE "{ 'provider': 'he', 'hostname': 'a.example.org', 'password': 'pass' }"
#define HE_4 \
  "{ 'provider': 'he', 'hostname': 'a.example.org', 'password': 'pass', 'families': [ 'ipv4' ] }"
#define DUCK "{ 'provider': 'duckdns', 'hostname': 'mochi.duckdns.org', 'password': 'tok&en' }"

static gboolean
is_idle (gpointer user_data)
{
  Fixture *f = user_data;

  return !ph_ddns_is_calling (f->ddns);
}

/* Time goes by, and whatever is due in it is done. */
static void
live (Fixture *f, gint64 seconds)
{
  gint64 end = f->boot + seconds;

  for (;;) {
    gint64 wait = ph_ddns_get_wait (f->ddns), left = end - f->boot;
    gint64 step = wait < 0 || wait > left ? left : wait;

    f->boot += step;
    f->wall += step;
    if (wait < 0 || wait > left)
      break;
    ph_ddns_wake (f->ddns);
    g_assert_true (test_run_until (is_idle, f, 10));
  }
}

static void
set_ipv4 (Fixture *f, const char *address)
{
  ph_ddns_set_address (f->ddns, PH_FAMILY_IPV4, address);
  live (f, 5);
}

static void
set_ipv6 (Fixture *f, const char *address)
{
  ph_ddns_set_address (f->ddns, PH_FAMILY_IPV6, address);
  live (f, 5);
}

static void
assert_calls (Fixture *f, guint n)
{
  for (guint i = 0; i < f->calls->len; i++)
    g_test_message ("%s", (char *)g_ptr_array_index (f->calls, i));
  g_assert_cmpuint (f->calls->len, ==, n);
}

static const char *
get_call (Fixture *f, guint i)
{
  g_assert_cmpuint (i, <, f->calls->len);
  return g_ptr_array_index (f->calls, i);
}

static gint64
get_gap (Fixture *f, guint i)
{
  g_assert_cmpuint (i + 1, <, f->called_at->len);
  return g_array_index (f->called_at, gint64, i + 1) - g_array_index (f->called_at, gint64, i);
}

/* The first name's record, as it is reported. */
static JsonObject *
get_record (Fixture *f, guint record)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object;

  ph_ddns_report (builder, f->ddns);
  root = json_builder_get_root (builder);
  object = json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (root), "names"), 0);
  return json_object_ref (
      json_array_get_object_element (json_object_get_array_member (object, "records"), record));
}

static char *
get_reported (Fixture *f, guint record, const char *member)
{
  g_autoptr (JsonObject) object = get_record (f, record);

  return g_strdup (json_object_get_null_member (object, member)
                       ? NULL
                       : json_object_get_string_member (object, member));
}

static void
assert_next (Fixture *f, const char *next)
{
  g_autofree char *found = get_reported (f, 0, "next");

  g_assert_cmpstr (found, ==, next);
}

static void
an_update_is_sent_only_when_the_address_differs_from_the_last_accepted (
    Fixture *f, gconstpointer data)
{
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  assert_calls (f, 1);
  g_assert_cmpstr (get_call (f, 0), ==, "GET /nic/update?hostname=a.example.org&myip=5.6.7.8");
  g_assert_cmpstr (f->authorization, ==, "Basic dXNlcjpwYXNz");
  set_ipv4 (f, NULL);
  set_ipv4 (f, A);
  live (f, 20 * DAY);
  assert_calls (f, 1);
  set_ipv4 (f, B);
  assert_calls (f, 2);
  g_assert_cmpstr (get_call (f, 1), ==, "GET /nic/update?hostname=a.example.org&myip=9.9.9.9");
}

static void
the_first_start_may_send_one_update_and_nochg_is_fine (Fixture *f, gconstpointer data)
{
  f->answer = (Answer){ 200, "nochg " A };
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  live (f, 10 * DAY);
  assert_calls (f, 1);
  assert_next (f, "refresh");
}

static void
state_survives_restarts_for_each_family (Fixture *f, gconstpointer data)
{
  start (f, SEPARATE, HE);
  set_ipv4 (f, A);
  set_ipv6 (f, SIX);
  assert_calls (f, 2);
  g_assert_cmpstr (
      get_call (f, 1), ==, "GET /nic/update?hostname=a.example.org&myip=2a01%3A4f8%3A%3A7");
  start (f, SEPARATE, HE);
  set_ipv4 (f, A);
  set_ipv6 (f, SIX);
  live (f, DAY);
  assert_calls (f, 2);
  set_ipv6 (f, "2a01:4f8::8");
  assert_calls (f, 3);
}

static void
the_back_off_is_written_before_the_call (Fixture *f, gconstpointer data)
{
  f->is_silent = TRUE;
  start (f, DYN, NAME ("a.example.org"));
  ph_ddns_set_address (f->ddns, PH_FAMILY_IPV4, A);
  f->boot++;
  ph_ddns_wake (f->ddns);
  while (f->calls->len == 0)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < 3; i++) { /* it crashes with the call under way, and is started again */
    start (f, DYN, NAME ("a.example.org"));
    ph_ddns_set_address (f->ddns, PH_FAMILY_IPV4, A);
    g_assert_cmpint (ph_ddns_get_wait (f->ddns), >=, 50);
  }
  f->is_silent = FALSE;
  live (f, 2 * MINUTE);
  assert_calls (f, 2);
  assert_next (f, "refresh");
}

static void
another_name_or_account_voids_the_state (Fixture *f, gconstpointer data)
{
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  start (f, DYN, NAME ("b.example.org"));
  set_ipv4 (f, A);
  assert_calls (f, 2);
  start (f, DYN,
      "{ 'provider': 'dyn', 'hostname': 'a.example.org', 'username': 'other', 'password': 'pass' "
      "}");
  set_ipv4 (f, A);
  assert_calls (f, 3);
}

static void
another_password_lifts_the_stop_but_keeps_what_was_accepted (Fixture *f, gconstpointer data)
{
  const char *fixed =
      "{ 'provider': 'dyn', 'hostname': 'a.example.org', 'username': 'user', 'password': 'new' }";

  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  start (f, DYN, fixed);
  set_ipv4 (f, A);
  assert_calls (f, 1);
  live (f, HOUR);
  f->answer = (Answer){ 200, "badauth" };
  set_ipv4 (f, B);
  assert_next (f, "wait_for_user");
  start (f, DYN, NAME ("a.example.org"));
  f->answer = good;
  set_ipv4 (f, B);
  assert_calls (f, 3);
  assert_next (f, "refresh");
}

static void
a_forced_refresh_comes_after_28_days_where_it_is_allowed (Fixture *f, gconstpointer data)
{
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  live (f, 27 * DAY);
  assert_calls (f, 1);
  live (f, 2 * DAY);
  assert_calls (f, 2);
  live (f, 60 * DAY);
  assert_calls (f, 4);
}

static void
a_forced_refresh_never_comes_where_it_is_forbidden (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PhDdnsProviders) providers = ph_ddns_providers_new (NULL, problems, NULL);

  g_assert_cmpuint (ph_ddns_providers_find (providers, "cloudflare")->refresh_days, ==, 0);
  g_assert_cmpuint (ph_ddns_providers_find (providers, "desec")->refresh_days, ==, 0);
  f->answer = (Answer){ 200, "OK\n" A "\n\nUPDATED" };
  start (f, DUCKDNS, DUCK);
  set_ipv4 (f, A);
  assert_calls (f, 1);
  g_assert_cmpstr (get_call (f, 0), ==, "GET /update?domains=mochi&token=tok%26en&ip=5.6.7.8");
  live (f, 400 * DAY);
  assert_calls (f, 1);
}

static void
what_dns_contradicts_is_sent_once_again_but_never_for_proxied_names (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PhDdnsProviders) providers = ph_ddns_providers_new (NULL, problems, NULL);

  g_assert_false (ph_ddns_providers_find (providers, "cloudflare")->compare_dns);
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  live (f, HOUR);
  g_assert_true (ph_ddns_note_contradiction (f->ddns, "a.example.org", PH_FAMILY_IPV4));
  live (f, HOUR);
  assert_calls (f, 2);
  start (f, DYN "compare-dns=false\n", NAME ("a.example.org"));
  set_ipv4 (f, A);
  g_assert_false (ph_ddns_note_contradiction (f->ddns, "a.example.org", PH_FAMILY_IPV4));
}

static void
an_address_that_nobody_can_call_is_never_sent (Fixture *f, gconstpointer data)
{
  const char *const useless[] = { "192.168.1.2", "10.0.0.1", "100.64.3.4", "127.0.0.1", "0.0.0.0",
    "203.0.113.9", "169.254.1.1", SIX, "5.6.7", "5.6.7.8.9", "<html>" };

  start (f, DYN, NAME ("a.example.org"));
  for (gsize i = 0; i < G_N_ELEMENTS (useless); i++)
    set_ipv4 (f, useless[i]);
  set_ipv6 (f, "fe80::1");
  set_ipv6 (f, "fd00::1");
  set_ipv6 (f, A);
  live (f, DAY);
  assert_calls (f, 0);
  assert_next (f, "wait_for_address");
}

static void
updates_keep_their_distance (Fixture *f, gconstpointer data)
{
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  set_ipv4 (f, B);
  assert_calls (f, 1);
  live (f, HOUR);
  assert_calls (f, 2);
  g_assert_cmpint (get_gap (f, 0), ==, 5 * MINUTE);
}

static void
a_flapping_line_is_backed_off_from (Fixture *f, gconstpointer data)
{
  start (f, SEPARATE, HE_4);
  for (guint i = 0; i < 60; i++)
    set_ipv4 (f, i % 2 == 0 ? A : B);
  g_assert_cmpuint (f->calls->len, <=, 8);
  for (guint i = 0; i < 12 * 60; i++) { /* an hour of a change each 5 s */
    set_ipv4 (f, i % 2 == 0 ? B : A);
    live (f, 0);
  }
  g_assert_cmpuint (f->calls->len, <=, 16);
}

static void
after_911_and_dnserr_it_waits_half_an_hour (Fixture *f, gconstpointer data)
{
  f->answer = (Answer){ 200, "911" };
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  live (f, 29 * MINUTE);
  assert_calls (f, 1);
  g_assert_false (ph_ddns_try_again (f->ddns, "a.example.org", NULL)); /* nor for the user */
  f->answer = (Answer){ 200, "dnserr" };
  live (f, 5 * MINUTE);
  assert_calls (f, 2);
  live (f, 25 * MINUTE);
  assert_calls (f, 2);
}

static void
no_connection_is_tried_after_1_2_5_10_15_30_minutes_and_then_each_half_to_full_hour (
    Fixture *f, gconstpointer data)
{
  const gint64 minutes[] = { 1, 2, 5, 10, 15, 30 };

  f->answer = (Answer){ 503, "busy" };
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  live (f, 2 * DAY);
  for (gsize i = 0; i < G_N_ELEMENTS (minutes); i++) {
    g_assert_cmpint (get_gap (f, i), >=, minutes[i] * 54 - 1);
    g_assert_cmpint (get_gap (f, i), <=, minutes[i] * 66 + 1);
  }
  for (guint i = G_N_ELEMENTS (minutes); i + 1 < f->calls->len; i++) {
    g_assert_cmpint (get_gap (f, i), >=, 30 * MINUTE);
    g_assert_cmpint (get_gap (f, i), <=, HOUR);
  }
  g_assert_cmpuint (f->calls->len, >, 40);
  soup_server_disconnect (f->server); /* nobody listens any more */
  live (f, DAY);
  assert_next (f, "retry");
}

static void
retry_after_is_obeyed_and_429_doubles_without_it (Fixture *f, gconstpointer data)
{
  f->answer = (Answer){ 429, "slow down", "Retry-After", "7200" };
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  live (f, 2 * HOUR - 10);
  assert_calls (f, 1);
  g_assert_false (ph_ddns_try_again (f->ddns, "a.example.org", NULL));
  f->answer = (Answer){ 429, "slow down" };
  live (f, 10 * DAY);
  g_assert_cmpint (get_gap (f, 0), >=, 2 * HOUR);
  for (guint i = 1; i < 7; i++)
    g_assert_cmpint (get_gap (f, i), ==, MIN ((30 * MINUTE) << i, DAY));
  g_assert_cmpint (get_gap (f, 8), ==, DAY);
}

static void
abuse_stops_until_the_user_acts (Fixture *f, gconstpointer data)
{
  g_autofree char *words = NULL;

  f->answer = (Answer){ 200, "abuse" };
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  live (f, 100 * DAY);
  set_ipv4 (f, B);
  assert_calls (f, 1);
  assert_next (f, "wait_for_user");
  words = get_reported (f, 0, "answer");
  g_assert_nonnull (strstr (words, "unblock"));
}

static void
abuse_is_tried_again_after_an_hour_and_then_a_day_where_that_is_usual (
    Fixture *f, gconstpointer data)
{
  f->answer = (Answer){ 200, "abuse" };
  start (f, WAITS, HE_4);
  set_ipv4 (f, A);
  live (f, 5 * DAY);
  g_assert_cmpint (get_gap (f, 0), >=, HOUR);
  g_assert_cmpint (get_gap (f, 0), <=, HOUR * 11 / 10);
  for (guint i = 1; i + 1 < f->calls->len; i++)
    g_assert_cmpint (get_gap (f, i), >=, DAY);
}

static void
answers_that_need_the_user_stop_this_name_for_good_and_no_other (Fixture *f, gconstpointer data)
{
  const char *const codes[] = { "badauth", "nohost", "notfqdn", "!yours", "!donator", "!active",
    "badsys", "badagent", "numhost" };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++) {
    g_autofree char *name = g_strdup_printf ("{ 'provider': 'dyn', 'hostname': 'n%zu.example.org', "
                                             "'username': 'user', 'password': 'p' }",
        i);
    guint n_before = f->calls->len;

    f->answer = (Answer){ 200, codes[i] };
    start (f, DYN, name);
    set_ipv4 (f, A);
    live (f, 100 * DAY);
    set_ipv4 (f, B);
    start (f, DYN, name); /* nor does a restart help */
    set_ipv4 (f, A);
    live (f, DAY);
    g_test_message ("%s", codes[i]);
    assert_calls (f, n_before + 1);
    assert_next (f, "wait_for_user");
    if (i > 0)
      continue;
    f->answer = good;
    g_assert_true (ph_ddns_try_again (f->ddns, "n0.example.org", NULL));
    live (f, MINUTE);
    assert_calls (f, n_before + 2);
    assert_next (f, "refresh");
  }
}

static void
one_stopped_name_does_not_stop_the_others (Fixture *f, gconstpointer data)
{
  f->answer = (Answer){ 200, "good " A "\nnohost" };
  start (f, DYN, NAME ("a.example.org") "," NAME ("b.example.org"));
  set_ipv4 (f, A);
  assert_calls (f, 1);
  g_assert_cmpstr (
      get_call (f, 0), ==, "GET /nic/update?hostname=a.example.org,b.example.org&myip=5.6.7.8");
  live (f, HOUR);
  f->answer = good;
  set_ipv4 (f, B);
  assert_calls (f, 2);
  g_assert_cmpstr (get_call (f, 1), ==, "GET /nic/update?hostname=a.example.org&myip=9.9.9.9");
}

static void
one_line_for_several_names_is_about_all_of_them (Fixture *f, gconstpointer data)
{
  f->answer = (Answer){ 200, "badauth" };
  start (f, DYN, NAME ("a.example.org") "," NAME ("b.example.org"));
  set_ipv4 (f, A);
  live (f, DAY);
  assert_calls (f, 1);
}

static void
nochg_twice_in_a_row_ends_forced_updates_for_a_day (Fixture *f, gconstpointer data)
{
  f->answer = (Answer){ 200, "nochg" };
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  live (f, HOUR);
  g_assert_true (ph_ddns_note_contradiction (f->ddns, "a.example.org", PH_FAMILY_IPV4));
  live (f, MINUTE);
  assert_calls (f, 2);
  live (f, HOUR);
  assert_next (f, "refresh");
  g_assert_cmpint (ph_ddns_get_wait (f->ddns), >=, 22 * HOUR);
}

static void
good_127_0_0_1_is_a_refusal (Fixture *f, gconstpointer data)
{
  f->answer = (Answer){ 200, "good 127.0.0.1" };
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  live (f, 100 * DAY);
  assert_calls (f, 1);
  assert_next (f, "wait_for_user");
}

static void
good_with_another_address_than_was_sent_is_no_success (Fixture *f, gconstpointer data)
{
  g_autofree char *published = NULL;

  f->answer = (Answer){ 200, "good 9.8.7.6" };
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  published = get_reported (f, 0, "published");
  g_assert_null (published);
  assert_next (f, "retry");
}

static void
an_unknown_or_empty_answer_is_a_failure_for_half_an_hour (Fixture *f, gconstpointer data)
{
  const char *const bodies[] = { "", "<html>login</html>", "goodbye", "OK", "\n\n",
    "Good 5.6.7.8" };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++) {
    g_autofree char *name = g_strdup_printf ("{ 'provider': 'dyn', 'hostname': 'n%zu.example.org', "
                                             "'username': 'user', 'password': 'p' }",
        i);
    guint n_before = f->calls->len;

    f->answer = (Answer){ 200, bodies[i] };
    start (f, DYN, name);
    set_ipv4 (f, A);
    live (f, 29 * MINUTE);
    g_test_message ("\"%s\"", bodies[i]);
    assert_calls (f, n_before + 1);
    live (f, 10 * MINUTE);
    assert_calls (f, n_before + 2);
    assert_next (f, "retry");
  }
}

static void
the_user_agent_is_company_program_os_version_contact (Fixture *f, gconstpointer data)
{
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  g_assert_true (
      g_regex_match_simple ("^\\S+ \\S+/\\S+-[0-9.]+ anna@example\\.org$", f->user_agent, 0, 0));
  g_assert_cmpstr (f->connection, ==, "close");
}

static void
redirections_are_not_followed_with_a_password (Fixture *f, gconstpointer data)
{
  f->answer = (Answer){ 302, "", "Location", "/elsewhere" };
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  assert_calls (f, 1);
  assert_next (f, "retry");
}

static void
redirections_are_followed_to_the_same_server_only (Fixture *f, gconstpointer data)
{
  g_autofree char *elsewhere = g_strdup_printf ("http://localhost:%u/elsewhere", f->port);

  f->answer = (Answer){ 302, "", "Location", "/elsewhere" };
  start (f, DUCKDNS, DUCK);
  set_ipv4 (f, A);
  assert_calls (f, 4); /* no more than three of them */
  g_assert_cmpstr (get_call (f, 1), ==, "GET /elsewhere?");
  live (f, 20 * MINUTE);
  f->answer = (Answer){ 302, "", "Location", elsewhere };
  live (f, 20 * MINUTE);
  assert_calls (f, 5);
}

static void
an_endless_answer_is_cut_off (Fixture *f, gconstpointer data)
{
  g_autofree char *body = g_strnfill (1024 * 1024, 'x');

  f->answer = (Answer){ 200, body };
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  assert_next (f, "retry");
}

static void
both_families_go_in_one_call_where_the_provider_takes_that (Fixture *f, gconstpointer data)
{
  start (f, DYN, NAME ("a.example.org"));
  ph_ddns_set_address (f->ddns, PH_FAMILY_IPV6, SIX);
  set_ipv4 (f, A);
  assert_calls (f, 1);
  g_assert_cmpstr (
      get_call (f, 0), ==, "GET /nic/update?hostname=a.example.org&myip=5.6.7.8,2a01%3A4f8%3A%3A7");
}

static void
a_family_without_address_is_kept_where_leaving_it_out_deletes_it (Fixture *f, gconstpointer data)
{
  start (f, "[desec]\nurl=http://127.0.0.1:PORT/?hostname={host}&myipv4={ip4}&myipv6={ip6}\n",
      "{ 'provider': 'desec', 'hostname': 'a.dedyn.io', 'password': 'token' }");
  set_ipv4 (f, A);
  g_assert_cmpstr (get_call (f, 0), ==, "GET /?hostname=a.dedyn.io&myipv4=5.6.7.8&myipv6=preserve");
  g_assert_cmpstr (f->authorization, ==, "Basic YS5kZWR5bi5pbzp0b2tlbg==");
}

static void
who_takes_the_callers_address_is_called_over_that_family (Fixture *f, gconstpointer data)
{
  f->answer = (Answer){ 200, "Updated a.example.org" };
  /* The server listens on IPv4 only, and "localhost" is both. */
  start (f,
      "[freedns]\nurl=http://localhost:PORT/u/{pass}/\nurl6=http://localhost:PORT/v6/{pass}/\n",
      "{ 'provider': 'freedns', 'hostname': 'a.example.org', 'password': 'to/ken' }");
  set_ipv4 (f, A);
  assert_calls (f, 1);
  g_assert_cmpstr (get_call (f, 0), ==, "GET /u/to/ken/?");
  set_ipv6 (f, SIX);
  assert_calls (f, 1);
}

static void
a_quota_of_calls_a_day_is_kept (Fixture *f, gconstpointer data)
{
  start (f, SEPARATE "max-per-day=5\n", HE_4);
  for (guint i = 0; i < 10; i++) {
    set_ipv4 (f, i % 2 == 0 ? A : B);
    live (f, HOUR);
  }
  assert_calls (f, 5);
  live (f, DAY);
  g_assert_cmpuint (f->calls->len, >, 5);
}

static void
waits_are_those_of_a_clock_that_nobody_sets (Fixture *f, gconstpointer data)
{
  f->answer = (Answer){ 429, "slow down", "Retry-After", "7200" };
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  f->wall += 10 * DAY;
  live (f, HOUR);
  assert_calls (f, 1);
  live (f, 2 * HOUR);
  assert_calls (f, 2);
}

static void
a_wrong_clock_forces_nothing_and_shortens_no_wait (Fixture *f, gconstpointer data)
{
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  stop (f);
  f->wall = 0; /* a machine without a battery, as it starts */
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  live (f, 100 * DAY);
  assert_calls (f, 1);
  f->answer = (Answer){ 429, "slow down", "Retry-After", "7200" };
  set_ipv4 (f, B);
  stop (f);
  f->wall = 0;
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, B);
  live (f, 2 * HOUR - MINUTE);
  assert_calls (f, 2);
}

static void
a_broken_state_is_told_and_survived (Fixture *f, gconstpointer data)
{
  g_autofree char *file = NULL;

  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  stop (f);
  file = folder_put (&f->folder, "ddns-dyn-a.example.org-ipv4.json", "{ \"salt", 0600);
  start (f, DYN, NAME ("a.example.org"));
  set_ipv4 (f, A);
  assert_calls (f, 2);
}

static void
trying_again_is_for_what_has_failed (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  start (f, DYN, NAME ("a.example.org"));
  g_assert_false (ph_ddns_try_again (f->ddns, "b.example.org", &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (ph_ddns_try_again (f->ddns, "a.example.org", &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  f->answer = (Answer){ 200, "<html>" };
  set_ipv4 (f, A);
  f->answer = good;
  g_assert_true (ph_ddns_try_again (f->ddns, "A.example.org", &error));
  live (f, 5);
  assert_calls (f, 2);
  g_assert_false (ph_ddns_try_again (f->ddns, "a.example.org", &error));
}

static void
a_password_that_comes_back_is_not_shown (Fixture *f, gconstpointer data)
{
  g_autofree char *words = NULL;

  f->answer = (Answer){ 200, "what is tok&en or tok%26en" };
  start (f, DUCKDNS, DUCK);
  set_ipv4 (f, A);
  words = get_reported (f, 0, "answer");
  g_assert_nonnull (strstr (words, "what is"));
  g_assert_null (strstr (words, "tok"));
}

static void
assert_told_to_prometheus (Fixture *f, const char *line)
{
  g_autoptr (PhMetricsText) text = ph_metrics_text_new (PH_METRICS_PLAIN);
  g_autoptr (GBytes) body = NULL;
  g_autofree char *all = NULL;

  ph_ddns_add_metrics (f->ddns, text);
  body = ph_metrics_text_finish (text);
  all = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  g_test_message ("%s\n%s", line, all);
  g_assert_nonnull (strstr (all, line));
}

#define LABELS "hostname=\"a.example.org\",provider=\"he\",family=\"ipv4\""

static void
how_a_name_stands_is_told_to_prometheus (Fixture *f, gconstpointer data)
{
  start (f, SEPARATE, HE_4);
  assert_told_to_prometheus (
      f, "porthole_ddns_state{" LABELS ",porthole_ddns_state=\"no_address\"} 1\n");
  set_ipv4 (f, A);
  assert_told_to_prometheus (
      f, "porthole_ddns_state{" LABELS ",porthole_ddns_state=\"published\"} 1\n");
  assert_told_to_prometheus (f, "porthole_ddns_published_timestamp_seconds{" LABELS "} 180000000");
  f->answer = (Answer){ 503, "busy" };
  set_ipv4 (f, B);
  assert_told_to_prometheus (
      f, "porthole_ddns_state{" LABELS ",porthole_ddns_state=\"retrying\"} 1\n");
  assert_told_to_prometheus (f, "porthole_ddns_calls_total{" LABELS ",result=\"unreachable\"} 1\n");
  f->answer = (Answer){ 200, "nohost" };
  live (f, 2 * MINUTE);
  assert_told_to_prometheus (
      f, "porthole_ddns_state{" LABELS ",porthole_ddns_state=\"refused\"} 1\n");
  assert_told_to_prometheus (f, "porthole_ddns_calls_total{" LABELS ",result=\"updated\"} 1\n");
}

static void
start_cloudflare (Fixture *f)
{
  start (f, "[cloudflare]\nurl=http://127.0.0.1:PORT\nmin-interval=0\n",
      "{ 'provider': 'cloudflare', 'hostname': 'a.example.org', 'password': 'token' }");
}

static void
cloudflare_is_asked_for_its_ids_once (Fixture *f, gconstpointer data)
{
  f->answer = cloudflare;
  start_cloudflare (f);
  set_ipv4 (f, A);
  assert_calls (f, 3);
  g_assert_cmpstr (get_call (f, 0), ==, "GET /zones?name=example.org");
  g_assert_cmpstr (get_call (f, 1), ==, "GET /zones/id7/dns_records?type=A&name=a.example.org");
  g_assert_cmpstr (get_call (f, 2), ==, "PATCH /zones/id7/dns_records/id7?");
  set_ipv4 (f, B);
  assert_calls (f, 4);
  start_cloudflare (f);
  set_ipv4 (f, A);
  assert_calls (f, 5);
  g_assert_cmpstr (get_call (f, 4), ==, "PATCH /zones/id7/dns_records/id7?");
  set_ipv6 (f, SIX); /* another record */
  assert_calls (f, 8);
}

static void
cloudflares_ids_are_asked_for_anew_once_they_are_of_no_use (Fixture *f, gconstpointer data)
{
  f->answer = cloudflare;
  start_cloudflare (f);
  set_ipv4 (f, A);
  f->answer = (Answer){ 500, "{}" };
  set_ipv4 (f, B);
  assert_calls (f, 4);
  f->answer = (Answer){ 404, "{\"errors\":[{\"message\":\"Record does not exist.\"}]}" };
  live (f, 70);
  assert_calls (f, 6);
  g_assert_cmpstr (get_call (f, 5), ==, "GET /zones?name=example.org");
  assert_next (f, "wait_for_user");
  f->answer = cloudflare;
  g_assert_true (ph_ddns_try_again (f->ddns, "a.example.org", NULL));
  live (f, 5);
  assert_calls (f, 9);
  assert_next (f, "nothing");
}

/* What DNS says; "": the name has no address; NULL: it does not answer. */
static const char *in_dns;
static guint dns_ttl_s, n_look_ups;

static void
look_up_async (const char *hostname, GSocketFamily family, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  PhDnsAnswer *answer = NULL;

  n_look_ups++;
  g_assert_cmpstr (hostname, ==, "a.example.org");
  if (in_dns == NULL) {
    g_task_return_new_error (task, PH_ERROR, PH_ERROR_UNAVAILABLE, "nobody there");
    return;
  }
  answer = ph_dns_answer_new ();
  answer->ttl_s = dns_ttl_s;
  if (*in_dns != '\0')
    g_ptr_array_add (answer->addresses, g_inet_address_new_from_string (in_dns));
  g_task_return_pointer (task, answer, (GDestroyNotify)ph_dns_answer_free);
}

static void
start_with_dns (Fixture *f, const char *provider, const char *says)
{
  const PhDdnsLookup lookup = { look_up_async, ph_dns_ask_finish };

  in_dns = says;
  dns_ttl_s = 10 * MINUTE;
  n_look_ups = 0;
  start (f, provider, HE_4);
  ph_ddns_set_lookup (f->ddns, &lookup);
}

static void
the_own_name_is_looked_up_at_most_each_ttl_and_never_within_5_minutes (
    Fixture *f, gconstpointer data)
{
  start_with_dns (f, SEPARATE, B);
  set_ipv4 (f, A);
  live (f, 4 * MINUTE);
  g_assert_cmpuint (n_look_ups, ==, 0);
  live (f, 2 * MINUTE);
  g_assert_cmpuint (n_look_ups, ==, 1);
  live (f, 8 * MINUTE);
  g_assert_cmpuint (n_look_ups, ==, 1);
  dns_ttl_s = 1;
  live (f, 2 * MINUTE);
  g_assert_cmpuint (n_look_ups, ==, 2);
  live (f, 3 * MINUTE);
  g_assert_cmpuint (n_look_ups, ==, 2);
  in_dns = A;
  live (f, DAY);
  g_assert_cmpuint (n_look_ups, >=, 40);
  g_assert_cmpuint (n_look_ups, <=, 52);
  dns_ttl_s = 2 * HOUR;
  live (f, HOUR);
  n_look_ups = 0;
  in_dns = B;
  set_ipv4 (f, B); /* another address is looked for, however long the first one had to wait */
  live (f, 6 * MINUTE);
  g_assert_cmpuint (n_look_ups, ==, 1);
}

static void
a_mismatch_that_lasts_more_than_2_ttl_is_sent_again_once_a_day (Fixture *f, gconstpointer data)
{
  start_with_dns (f, SEPARATE, B);
  set_ipv4 (f, A);
  live (f, 25 * MINUTE); /* looked up after 5 and 15 */
  assert_calls (f, 1);
  live (f, 20 * MINUTE);
  assert_calls (f, 2);
  g_assert_cmpstr (get_call (f, 1), ==, "GET /nic/update?hostname=a.example.org&myip=5.6.7.8");
  live (f, 23 * HOUR);
  assert_calls (f, 2);
  start_with_dns (f, SEPARATE, ""); /* nor after a restart; no address at all is a mismatch */
  set_ipv4 (f, A);
  live (f, 30 * MINUTE);
  assert_calls (f, 2);
  live (f, 2 * HOUR);
  assert_calls (f, 3);
}

static void
a_mismatch_that_passes_or_that_nobody_can_tell_sends_nothing (Fixture *f, gconstpointer data)
{
  start_with_dns (f, SEPARATE, B);
  set_ipv4 (f, A);
  live (f, 20 * MINUTE);
  in_dns = A; /* it only took its time */
  live (f, HOUR);
  in_dns = B;
  live (f, 20 * MINUTE);
  in_dns = NULL;
  live (f, 10 * DAY);
  assert_calls (f, 1);
}

static void
assert_dns_is_shown_as (Fixture *f, const char *shown)
{
  g_autoptr (JsonObject) record = get_record (f, 0);
  g_autofree char *text = json_to_string (json_object_get_member (record, "dns"), FALSE);

  g_assert_cmpstr (text, ==, shown);
}

static void
what_dns_says_is_shown (Fixture *f, gconstpointer data)
{
  start_with_dns (f, SEPARATE, B);
  set_ipv4 (f, A);
  assert_dns_is_shown_as (f, "null");
  live (f, 6 * MINUTE);
  assert_dns_is_shown_as (f, "{\"addresses\":[\"" B "\"],\"looked_up_at\":\"2027-01-15T08:05:01Z\","
                             "\"differs_since\":\"2027-01-15T08:05:01Z\",\"error\":null}");
  in_dns = NULL;
  live (f, 15 * MINUTE);
  assert_dns_is_shown_as (f,
      "{\"addresses\":[\"" B "\"],\"looked_up_at\":\"2027-01-15T08:05:01Z\","
      "\"differs_since\":\"2027-01-15T08:05:01Z\",\"error\":\"nobody there\"}");
  in_dns = A;
  live (f, 30 * MINUTE);
  assert_dns_is_shown_as (f, "{\"addresses\":[\"" A "\"],\"looked_up_at\":\"2027-01-15T08:45:01Z\","
                             "\"differs_since\":null,\"error\":null}");
  set_ipv4 (f, B); /* what it said of another address says nothing of this one */
  assert_dns_is_shown_as (f, "null");
  in_dns = "";
  live (f, 6 * MINUTE);
  assert_dns_is_shown_as (f, "{\"addresses\":[],\"looked_up_at\":\"2027-01-15T08:56:06Z\","
                             "\"differs_since\":\"2027-01-15T08:56:06Z\",\"error\":null}");
}

static void
assert_terminal_shows (
    const char *resolved, gint64 differs_since, const char *error, const char *shown)
{
  PhDdnsProvider provider = { .name = "Dyn" };
  PhDdnsAccount account = { .provider = &provider, .hostname = (char *)"a.example.org" };
  g_autoptr (PhDdnsState) state = ph_ddns_state_new ();
  PhDdnsState *states[PH_N_FAMILIES] = { state };
  g_autofree char *text = NULL;

  state->resolved = g_strdup (resolved);
  state->looked_at = START;
  state->differs_since = differs_since;
  state->look_error = g_strdup (error);
  text = ph_ddns_report_make_text (&account, states, START, START);
  g_test_message ("%s", text);
  g_assert_true (shown != NULL ? strstr (text, shown) != NULL : strstr (text, "DNS") == NULL);
}

static void
what_dns_says_is_told_in_a_terminal (Fixture *f, gconstpointer data)
{
  assert_terminal_shows (NULL, 0, NULL, NULL);
  assert_terminal_shows (A, 0, NULL, "in DNS: 5.6.7.8, 20");
  assert_terminal_shows (A " " B, START, NULL, "in DNS: 5.6.7.8 9.9.9.9, which differs, 20");
  assert_terminal_shows ("", START, NULL, "in DNS: no address, which differs, 20");
  assert_terminal_shows (NULL, 0, "nobody there", "in DNS: not known now, nobody there\n");
}

static void
names_that_are_proxied_are_never_looked_up (Fixture *f, gconstpointer data)
{
  start_with_dns (f, SEPARATE "compare-dns=false\n", B);
  set_ipv4 (f, A);
  live (f, 10 * DAY);
  g_assert_cmpuint (n_look_ups, ==, 0);
  assert_calls (f, 1);
}

typedef void (*Test) (Fixture *f, gconstpointer data);

#define ROW(test) \
  { \
    "/remote/ddns/" #test, test \
  }
static const struct {
  const char *path;
  Test test;
} tests[] = {
  ROW (an_update_is_sent_only_when_the_address_differs_from_the_last_accepted),
  ROW (the_first_start_may_send_one_update_and_nochg_is_fine),
  ROW (state_survives_restarts_for_each_family),
  ROW (the_back_off_is_written_before_the_call),
  ROW (another_name_or_account_voids_the_state),
  ROW (another_password_lifts_the_stop_but_keeps_what_was_accepted),
  ROW (a_forced_refresh_comes_after_28_days_where_it_is_allowed),
  ROW (a_forced_refresh_never_comes_where_it_is_forbidden),
  ROW (what_dns_contradicts_is_sent_once_again_but_never_for_proxied_names),
  ROW (the_own_name_is_looked_up_at_most_each_ttl_and_never_within_5_minutes),
  ROW (a_mismatch_that_lasts_more_than_2_ttl_is_sent_again_once_a_day),
  ROW (a_mismatch_that_passes_or_that_nobody_can_tell_sends_nothing),
  ROW (cloudflare_is_asked_for_its_ids_once),
  ROW (cloudflares_ids_are_asked_for_anew_once_they_are_of_no_use),
  ROW (what_dns_says_is_shown),
  ROW (what_dns_says_is_told_in_a_terminal),
  ROW (names_that_are_proxied_are_never_looked_up),
  ROW (an_address_that_nobody_can_call_is_never_sent),
  ROW (updates_keep_their_distance),
  ROW (a_flapping_line_is_backed_off_from),
  ROW (after_911_and_dnserr_it_waits_half_an_hour),
  ROW (no_connection_is_tried_after_1_2_5_10_15_30_minutes_and_then_each_half_to_full_hour),
  ROW (retry_after_is_obeyed_and_429_doubles_without_it),
  ROW (abuse_stops_until_the_user_acts),
  ROW (abuse_is_tried_again_after_an_hour_and_then_a_day_where_that_is_usual),
  ROW (answers_that_need_the_user_stop_this_name_for_good_and_no_other),
  ROW (one_stopped_name_does_not_stop_the_others),
  ROW (one_line_for_several_names_is_about_all_of_them),
  ROW (nochg_twice_in_a_row_ends_forced_updates_for_a_day),
  ROW (good_127_0_0_1_is_a_refusal),
  ROW (good_with_another_address_than_was_sent_is_no_success),
  ROW (an_unknown_or_empty_answer_is_a_failure_for_half_an_hour),
  ROW (the_user_agent_is_company_program_os_version_contact),
  ROW (redirections_are_not_followed_with_a_password),
  ROW (redirections_are_followed_to_the_same_server_only),
  ROW (an_endless_answer_is_cut_off),
  ROW (both_families_go_in_one_call_where_the_provider_takes_that),
  ROW (a_family_without_address_is_kept_where_leaving_it_out_deletes_it),
  ROW (who_takes_the_callers_address_is_called_over_that_family),
  ROW (a_quota_of_calls_a_day_is_kept),
  ROW (waits_are_those_of_a_clock_that_nobody_sets),
  ROW (a_wrong_clock_forces_nothing_and_shortens_no_wait),
  ROW (a_broken_state_is_told_and_survived),
  ROW (trying_again_is_for_what_has_failed),
  ROW (a_password_that_comes_back_is_not_shown),
  ROW (how_a_name_stands_is_told_to_prometheus),
};

int
main (int argc, char **argv)
{
  /* Another one asks GSettings, which ends a program where there are no schemas. */
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  if (g_access ("/dev/shm", W_OK) == 0) /* what is written to the disk each time takes long there */
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  g_test_init (&argc, &argv, NULL);
  /* Failures are warned of, and are the matter here. */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
