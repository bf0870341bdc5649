/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/request-head.h"

#include <string.h>

#define PLAIN "GET /front/index.m3u8?stream=main HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n"

static void
one_head_from_end_to_end_is_single (void)
{
  static const struct {
    const char *data;
    gboolean is_single;
  } rows[] = {
    { PLAIN, TRUE },
    { "\r\n\r\n", TRUE },
    { "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n", TRUE }, /* libsoup waits for the rest */
    { "", FALSE },
    { "\r\n", FALSE },
    { "GET / HTTP/1.1\r\nHost: a\r\n", FALSE },
    { "GET / HTTP/1.1\r\nHost: a\n\n", FALSE },
    { PLAIN PLAIN, FALSE },
    { PLAIN "G", FALSE },
    { PLAIN "\r\n", FALSE },
    { "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\n", FALSE },
    { "GET / HTTP/1.1\n\nGET /2 HTTP/1.1\r\n\r\n", FALSE },
    { "GET / HTTP/1.1\n\r\nGET /2 HTTP/1.1\r\n\r\n", FALSE },
    { "GET / HTTP/1.1\r\n\nGET /2 HTTP/1.1\r\n\r\n", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s", rows[i].data);
    g_assert_cmpint (
        ph_request_head_is_single_any (rows[i].data, strlen (rows[i].data)), ==, rows[i].is_single);
  }
}

static void
what_a_plain_get_asks_for_is_read (void)
{
  PhRequestHead head;

  g_assert_true (ph_request_head_read_get_any (PLAIN, strlen (PLAIN), &head));
  g_assert_cmpmem (head.target, head.target_length, "/front/index.m3u8?stream=main", 29);
  g_assert_cmpmem (head.fields, head.fields_length, "Host: a\r\nAccept: */*\r\n\r\n", 24);
}

static void
whatever_else_is_left_to_libsoup (void)
{
  static const char *const rows[] = {
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.1 \r\n\r\n",
    "GET  / HTTP/1.1\r\n\r\n",
    "GET /  HTTP/1.1\r\n\r\n",
    "GET /a b HTTP/1.1\r\n\r\n",
    "GET /a\tb HTTP/1.1\r\n\r\n",
    "GET /\xc3\xa4 HTTP/1.1\r\n\r\n",
    "GET http://a/ HTTP/1.1\r\n\r\n",
    "GET * HTTP/1.1\r\n\r\n",
    "GET HTTP/1.1\r\n\r\n",
    "GET  HTTP/1.1\r\n\r\n",
    "get / HTTP/1.1\r\n\r\n",
    "HEAD / HTTP/1.1\r\n\r\n",
    "POST / HTTP/1.1\r\n\r\n",
    "\r\nGET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\r\n\r\n",
    "\r\n\r\n",
    "GET / HTTP/1.1\r\n",
  };
  PhRequestHead head;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s", rows[i]);
    g_assert_false (ph_request_head_read_get_any (rows[i], strlen (rows[i]), &head));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/request-head/single", one_head_from_end_to_end_is_single);
  g_test_add_func ("/http/request-head/get", what_a_plain_get_asks_for_is_read);
  g_test_add_func ("/http/request-head/others", whatever_else_is_left_to_libsoup);
  return g_test_run ();
}
