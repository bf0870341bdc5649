/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/pcp-packet.h"

#include <string.h>

static const guint8 nonce[PH_PCP_NONCE_SIZE] = "abcdefghijkl";

/* What miniupnpd 2.3.1 answered to a request for port 18500. */
static const guint8 answer_bytes[] = { 2, 0x81, 0, 0, 0, 0, 0, 120, 0, 0, 0, 31, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 6, 0, 0, 0, 0x1f,
  0x90, 0x48, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 5, 6, 7, 8 };

static void
a_request_is_as_the_rfc_has_it (void)
{
  static const guint8 wanted[] = { 2, 1, 0, 0, 0, 0, 0x0e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
    0xff, 192, 168, 77, 10, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 6, 0, 0, 0,
    0x20, 0xfb, 0x48, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0 };
  g_autoptr (GInetAddress) client = g_inet_address_new_from_string ("192.168.77.10");
  g_autoptr (GBytes) request = ph_pcp_make_map (client, nonce, 8443, 18500, 3600);

  g_assert_cmpmem (
      g_bytes_get_data (request, NULL), g_bytes_get_size (request), wanted, sizeof wanted);
}

static void
ipv6_asks_for_any_address_with_zeros (void)
{
  static const guint8 zero[16];
  g_autoptr (GInetAddress) client = g_inet_address_new_from_string ("2001:470::10");
  g_autoptr (GBytes) request = ph_pcp_make_map (client, nonce, 8443, 8443, 3600);
  const guint8 *bytes = g_bytes_get_data (request, NULL);

  g_assert_cmpmem (bytes + 8, 16, g_inet_address_to_bytes (client), 16);
  g_assert_cmpmem (bytes + 44, 16, zero, 16);
}

static void
an_answer_tells_port_lifetime_and_address (void)
{
  PhPcpAnswer answer;
  g_autoptr (GInetAddress) address = NULL;
  g_autofree char *text = NULL;

  g_assert_true (ph_pcp_parse_answer (answer_bytes, sizeof answer_bytes, &answer));
  g_assert_cmpuint (answer.result, ==, PH_PCP_SUCCESS);
  g_assert_cmpuint (answer.lifetime_s, ==, 120);
  g_assert_cmpuint (answer.epoch_s, ==, 31);
  g_assert_cmpuint (answer.internal_port, ==, 8080);
  g_assert_cmpuint (answer.external_port, ==, 18500);
  g_assert_cmpmem (answer.nonce, sizeof answer.nonce, nonce, sizeof nonce);
  address = ph_pcp_answer_get_external_address (&answer);
  text = g_inet_address_to_string (address);
  g_assert_cmpstr (text, ==, "5.6.7.8");
}

static void
no_length_but_the_whole_is_an_answer (void)
{
  PhPcpAnswer answer;

  for (gsize length = 0; length < sizeof answer_bytes; length++) {
    g_autofree guint8 *part = g_memdup2 (answer_bytes, length); /* the sanitizers see its end */

    g_assert_false (ph_pcp_parse_answer (part, length, &answer));
  }
}

static void
what_is_too_long_or_no_answer_is_passed_over (void)
{
  guint8 bytes[PH_PCP_MAX_SIZE + 4] = { 0 };
  PhPcpAnswer answer;

  memcpy (bytes, answer_bytes, sizeof answer_bytes);
  g_assert_true (ph_pcp_parse_answer (bytes, PH_PCP_MAX_SIZE, &answer));
  g_assert_false (ph_pcp_parse_answer (bytes, sizeof bytes, &answer));
  bytes[1] = PH_PCP_MAP; /* a request */
  g_assert_false (ph_pcp_parse_answer (bytes, sizeof answer_bytes, &answer));
  bytes[1] = 0x81;
  bytes[0] = 3;
  g_assert_false (ph_pcp_parse_answer (bytes, sizeof answer_bytes, &answer));
}

static void
a_router_with_natpmp_only_is_recognized (void)
{
  static const guint8 bytes[] = { 0, 0x81, 0, 1, 0, 0, 0, 9 };
  PhPcpAnswer answer;

  g_assert_true (ph_pcp_parse_answer (bytes, sizeof bytes, &answer));
  g_assert_cmpuint (answer.version, ==, 0);
  g_assert_cmpuint (answer.result, ==, PH_PCP_UNSUPP_VERSION);
}

static void
an_address_of_zeros_is_none (void)
{
  guint8 bytes[sizeof answer_bytes];
  PhPcpAnswer answer;

  memcpy (bytes, answer_bytes, sizeof bytes);
  memset (bytes + 56, 0, 4);
  g_assert_true (ph_pcp_parse_answer (bytes, sizeof bytes, &answer));
  g_assert_null (ph_pcp_answer_get_external_address (&answer));
  memset (bytes + 44, 0, 16);
  g_assert_true (ph_pcp_parse_answer (bytes, sizeof bytes, &answer));
  g_assert_null (ph_pcp_answer_get_external_address (&answer));
}

static void
every_code_has_words (void)
{
  for (guint result = 0; result < 256; result++)
    g_assert_cmpstr (ph_pcp_result_get_words (result), !=, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote/pcp-packet/request", a_request_is_as_the_rfc_has_it);
  g_test_add_func ("/remote/pcp-packet/ipv6", ipv6_asks_for_any_address_with_zeros);
  g_test_add_func ("/remote/pcp-packet/answer", an_answer_tells_port_lifetime_and_address);
  g_test_add_func ("/remote/pcp-packet/cut-short", no_length_but_the_whole_is_an_answer);
  g_test_add_func ("/remote/pcp-packet/no-answer", what_is_too_long_or_no_answer_is_passed_over);
  g_test_add_func ("/remote/pcp-packet/natpmp", a_router_with_natpmp_only_is_recognized);
  g_test_add_func ("/remote/pcp-packet/no-address", an_address_of_zeros_is_none);
  g_test_add_func ("/remote/pcp-packet/words", every_code_has_words);
  return g_test_run ();
}
