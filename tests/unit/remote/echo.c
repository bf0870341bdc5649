/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/echo.h"

#include <libsoup/soup.h>
#include <string.h>

typedef struct {
  SoupServer *server;
  guint port;
  guint n_done;
  PhEcho *echo;
} Fixture;

/* Answers with what stands in the path: /5.6.7.8. */
static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer user_data)
{
  g_autofree char *flood = NULL;

  if (g_str_equal (path, "/flood")) {
    flood = g_strnfill (100000, '5');
    soup_server_message_set_response (
        message, "text/plain", SOUP_MEMORY_COPY, flood, strlen (flood));
  } else
    soup_server_message_set_response (
        message, "text/plain", SOUP_MEMORY_COPY, path + 1, strlen (path + 1));
  soup_server_message_set_status (message, g_str_equal (path, "/503") ? 503 : 200, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  GSList *uris = NULL;

  f->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (f->server, NULL, on_request, NULL, NULL);
  g_assert_true (soup_server_listen_local (f->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (f->server);
  f->port = g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify)g_uri_unref);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->echo, ph_echo_free);
  g_clear_object (&f->server);
}

static void
on_done (gpointer user_data)
{
  ((Fixture *)user_data)->n_done++;
}

/* What the services that answer with these come to; NULL: nothing. */
static void
assert_agreed (Fixture *f, const char *const *paths, const char *wanted)
{
  g_autoptr (GStrvBuilder) urls = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  g_autofree char *found = NULL;

  for (; *paths != NULL; paths++) {
    g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/%s", f->port, *paths);

    g_strv_builder_add (urls, url);
  }
  list = g_strv_builder_end (urls);
  g_clear_pointer (&f->echo, ph_echo_free);
  f->echo = ph_echo_new ((const char *const *)list, NULL, on_done, f);
  f->n_done = 0;
  ph_echo_ask (f->echo);
  while (f->n_done == 0)
    g_main_context_iteration (NULL, TRUE);
  if (ph_echo_get_address (f->echo) != NULL)
    found = g_inet_address_to_string (ph_echo_get_address (f->echo));
  g_assert_cmpstr (found, ==, wanted);
}

#define PATHS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
two_must_agree_and_one_decides_alone (Fixture *f, gconstpointer data)
{
  assert_agreed (f, PATHS ("5.6.7.8", "5.6.7.8"), "5.6.7.8");
  assert_agreed (f, PATHS ("5.6.7.8", "5.6.7.9"), NULL);
  assert_agreed (f, PATHS ("5.6.7.8", "5.6.7.9", "5.6.7.9"), "5.6.7.9");
  assert_agreed (f, PATHS ("5.6.7.8", "503"), NULL);
  assert_agreed (f, PATHS ("5.6.7.8"), "5.6.7.8");
}

static void
only_a_public_address_of_ipv4_counts (Fixture *f, gconstpointer data)
{
  assert_agreed (f, PATHS ("192.168.1.2"), NULL);
  assert_agreed (f, PATHS ("100.64.0.7"), NULL);
  assert_agreed (f, PATHS ("2001:470::1"), NULL);
  assert_agreed (f, PATHS ("<html>5.6.7.8</html>"), NULL);
  assert_agreed (f, PATHS ("5.6.7.8 5.6.7.9"), NULL);
  assert_agreed (f, PATHS ("503"), NULL);
  assert_agreed (f, PATHS ("flood"), NULL);
}

static void
white_space_around_an_address_is_no_harm (void)
{
  g_autoptr (GInetAddress) address = ph_echo_parse (" 5.6.7.8\r\n", 10);

  g_assert_nonnull (address);
  g_assert_null (ph_echo_parse ("5.6.7.8\0evil", 12));
  g_assert_null (ph_echo_parse ("", 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add (
      "/remote/echo/agree", Fixture, NULL, set_up, two_must_agree_and_one_decides_alone, tear_down);
  g_test_add ("/remote/echo/public", Fixture, NULL, set_up, only_a_public_address_of_ipv4_counts,
      tear_down);
  g_test_add_func ("/remote/echo/white-space", white_space_around_an_address_is_no_harm);
  return g_test_run ();
}
