/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/natpmp-packet.h"

static const guint8 address_answer[] = { 0, 0x80, 0, 0, 0, 0, 0, 31, 5, 6, 7, 8 };
static const guint8 map_answer[] = { 0, 0x82, 0, 0, 0, 0, 0, 31, 0x20, 0xfb, 0x48, 0x0c, 0, 0, 0,
  60 };

static void
requests_are_as_the_rfc_has_them (void)
{
  static const guint8 address[] = { 0, 0 };
  static const guint8 map[] = { 0, 2, 0, 0, 0x20, 0xfb, 0x48, 0x0b, 0, 0, 0x0e, 0x10 };
  g_autoptr (GBytes) ask = ph_natpmp_make_address_request ();
  g_autoptr (GBytes) request = ph_natpmp_make_map (8443, 18443, 3600);

  g_assert_cmpmem (g_bytes_get_data (ask, NULL), g_bytes_get_size (ask), address, sizeof address);
  g_assert_cmpmem (g_bytes_get_data (request, NULL), g_bytes_get_size (request), map, sizeof map);
}

static void
an_answer_tells_the_address (void)
{
  PhNatpmpAnswer answer;
  g_autoptr (GInetAddress) address = NULL;
  g_autofree char *text = NULL;

  g_assert_true (ph_natpmp_parse_answer (address_answer, sizeof address_answer, &answer));
  g_assert_cmpuint (answer.opcode, ==, PH_NATPMP_ADDRESS);
  g_assert_cmpuint (answer.epoch_s, ==, 31);
  address = ph_natpmp_answer_get_address (&answer);
  text = g_inet_address_to_string (address);
  g_assert_cmpstr (text, ==, "5.6.7.8");
}

static void
an_answer_tells_another_port_than_asked_for (void)
{
  PhNatpmpAnswer answer;

  g_assert_true (ph_natpmp_parse_answer (map_answer, sizeof map_answer, &answer));
  g_assert_cmpuint (answer.opcode, ==, PH_NATPMP_MAP_TCP);
  g_assert_cmpuint (answer.internal_port, ==, 8443);
  g_assert_cmpuint (answer.external_port, ==, 18444);
  g_assert_cmpuint (answer.lifetime_s, ==, 60);
}

static void
no_length_but_the_whole_is_an_answer (void)
{
  PhNatpmpAnswer answer;

  for (gsize length = 0; length < sizeof map_answer; length++) {
    g_autofree guint8 *part = g_memdup2 (map_answer, length); /* the sanitizers see its end */

    g_assert_false (ph_natpmp_parse_answer (part, length, &answer));
  }
  for (gsize length = 0; length < sizeof address_answer; length++) {
    g_autofree guint8 *part = g_memdup2 (address_answer, length);

    g_assert_false (ph_natpmp_parse_answer (part, length, &answer));
  }
}

static void
a_failure_needs_no_more_than_its_code (void)
{
  static const guint8 bytes[] = { 0, 0x80, 0, 3, 0, 0, 0, 9 };
  PhNatpmpAnswer answer;

  g_assert_true (ph_natpmp_parse_answer (bytes, sizeof bytes, &answer));
  g_assert_cmpuint (answer.result, ==, PH_NATPMP_NETWORK_FAILURE);
  g_assert_null (ph_natpmp_answer_get_address (&answer));
  g_assert_cmpstr (ph_natpmp_result_get_words (0xffff), !=, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote/natpmp-packet/requests", requests_are_as_the_rfc_has_them);
  g_test_add_func ("/remote/natpmp-packet/address", an_answer_tells_the_address);
  g_test_add_func ("/remote/natpmp-packet/map", an_answer_tells_another_port_than_asked_for);
  g_test_add_func ("/remote/natpmp-packet/cut-short", no_length_but_the_whole_is_an_answer);
  g_test_add_func ("/remote/natpmp-packet/failure", a_failure_needs_no_more_than_its_code);
  return g_test_run ();
}
