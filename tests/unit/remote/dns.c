/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A name server on loopback that says what the test wants. */
#include "remote/dns.h"

#include "base/error.h"

#include <string.h>

#define HOST "cam.example.org"
#define A_RECORD "\xc0\x0c\0\x01\0\x01\0\0\x01\x2c\0\x04\x05\x06\x07\x08" /* 300 s, 5.6.7.8 */
#define AAAA_RECORD \
  "\xc0\x0c\0\x1c\0\x01\0\0\0\x3c\0\x10\x2a\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07" /* 60 s */
#define CNAME_RECORD "\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x0d\4home\3net\1x\0\0" /* home.net.x */

typedef struct {
  const char *name;
  guint8 flags[2];
  guint n_records;
  const char *records;
  gsize length;
  GSocketFamily family;
  const char *address; /* nullable */
  const char *alias; /* nullable */
  guint ttl_s;
  const char *problem; /* nullable: there is an answer */
} Case;

#define RECORDS(text) text, sizeof (text) - 1
#define KNOWS \
  { \
    0x84, 0 \
  } /* QR, AA */

static const Case cases[] = {
  { "address", KNOWS, 1, RECORDS (A_RECORD), G_SOCKET_FAMILY_IPV4, "5.6.7.8", NULL, 300 },
  { "ipv6", KNOWS, 1, RECORDS (AAAA_RECORD), G_SOCKET_FAMILY_IPV6, "2a01:db8::7", NULL, 60 },
  { "another family's", KNOWS, 1, RECORDS (A_RECORD), G_SOCKET_FAMILY_IPV6, NULL, NULL, 0 },
  { "alias", KNOWS, 1, RECORDS (CNAME_RECORD), G_SOCKET_FAMILY_IPV4, NULL, "home.net.x", 0 },
  { "alias with address", KNOWS, 2, RECORDS (CNAME_RECORD A_RECORD), G_SOCKET_FAMILY_IPV4,
      "5.6.7.8", NULL, 300 },
  { "none", KNOWS, 0, RECORDS (""), G_SOCKET_FAMILY_IPV4, NULL, NULL, 0 },
  { "no such name", { 0x84, 3 }, 0, RECORDS (""), G_SOCKET_FAMILY_IPV4, NULL, NULL, 0 },
  { "somebody in between", { 0x80, 0x80 }, 1, RECORDS (A_RECORD), G_SOCKET_FAMILY_IPV4, NULL, NULL,
      0, "who answers is no name server of this zone" },
  { "more records than there are", KNOWS, 9, RECORDS (A_RECORD), G_SOCKET_FAMILY_IPV4, NULL, NULL,
      0, "the name server's answer is none" },
  { "a loop of names", KNOWS, 1, RECORDS ("\xc0\x21\0\x01\0\x01\0\0\0\0\0\x04\x05\x06\x07\x08"),
      G_SOCKET_FAMILY_IPV4, NULL, NULL, 0, "the name server's answer is none" },
};

typedef struct {
  GSocket *socket;
  guint port;
  const Case *answer;
} Server;

static gpointer
answer_once_on_worker (gpointer user_data)
{
  Server *server = user_data;
  const Case *answer = server->answer;
  g_autoptr (GSocketAddress) peer = NULL;
  guint8 bytes[512];
  gssize length = g_socket_receive_from (
      server->socket, &peer, (char *)bytes, sizeof bytes - answer->length, NULL, NULL);

  if (length < 12)
    return NULL;
  memcpy (bytes + 2, answer->flags, sizeof answer->flags);
  bytes[7] = (guint8)answer->n_records;
  memcpy (bytes + length, answer->records, answer->length);
  g_socket_send_to (
      server->socket, peer, (const char *)bytes, (gsize)length + answer->length, NULL, NULL);
  return NULL;
}

/* FALSE: there is no such loopback here. */
static gboolean
server_init (Server *self, GInetAddress *loopback, const Case *answer)
{
  g_autoptr (GSocketAddress) wish = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) local = NULL;

  self->answer = answer;
  self->socket = g_socket_new (g_inet_address_get_family (loopback), G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_DEFAULT, NULL);
  if (self->socket == NULL || !g_socket_bind (self->socket, wish, FALSE, NULL))
    return FALSE;
  g_socket_set_timeout (self->socket, 10);
  local = g_socket_get_local_address (self->socket, NULL);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  return TRUE;
}

static void
assert_answer (const PhDnsAnswer *answer, const Case *wanted)
{
  g_autoptr (GInetAddress) address =
      wanted->address != NULL ? g_inet_address_new_from_string (wanted->address) : NULL;

  g_assert_cmpuint (answer->addresses->len, ==, address != NULL ? 1 : 0);
  g_assert_true (address == NULL || ph_dns_answer_has (answer, address));
  g_assert_cmpstr (answer->alias, ==, wanted->alias);
  g_assert_cmpuint (answer->ttl_s, ==, wanted->ttl_s);
}

static void
assert_understood (GSocketFamily way, const Case *wanted)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (way);
  Server server = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PhDnsAnswer) answer = NULL;
  GThread *thread = NULL;

  g_test_message ("%s", wanted->name);
  g_assert_true (server_init (&server, loopback, wanted));
  thread = g_thread_new ("dns", answer_once_on_worker, &server);
  answer = ph_dns_ask_server_on_worker (loopback, server.port, HOST, wanted->family, &error);
  g_thread_join (thread);
  g_object_unref (server.socket);
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, wanted->problem);
  if (answer != NULL)
    assert_answer (answer, wanted);
}

static void
a_server_is_asked_and_its_answer_understood (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_understood (G_SOCKET_FAMILY_IPV4, &cases[i]);
}

static void
a_server_is_asked_by_ipv6 (void)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV6);
  Server server = { 0 };
  gboolean has_ipv6 = server_init (&server, loopback, &cases[0]);

  g_clear_object (&server.socket);
  if (!has_ipv6) {
    g_test_skip ("this machine has no IPv6");
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_understood (G_SOCKET_FAMILY_IPV6, &cases[i]);
}

static void
nobody_there_is_told (void)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  Server server = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (server_init (&server, loopback, &cases[0]));
  g_object_unref (server.socket);
  g_assert_null (
      ph_dns_ask_server_on_worker (loopback, server.port, HOST, G_SOCKET_FAMILY_IPV4, &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE);
  g_assert_cmpstr (error->message, ==, "the name server 127.0.0.1 does not answer");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote/dns/server", a_server_is_asked_and_its_answer_understood);
  g_test_add_func ("/remote/dns/server-by-ipv6", a_server_is_asked_by_ipv6);
  g_test_add_func ("/remote/dns/nobody", nobody_there_is_told);
  return g_test_run ();
}
