/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* X-Forwarded-For, and X-Forwarded-Proto in a second line. */
#include "access/forwarded.h"
#include "access/network.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 2);
  g_autoptr (GPtrArray) trusted =
      ph_network_parse_list_any ((const char *const[]){ "10.0.0.0/8", "fd00::/8", NULL });
  g_autoptr (GInetAddress) proxy = g_inet_address_new_from_string ("10.0.0.1");
  g_autoptr (GInetAddress) stranger = g_inet_address_new_from_string ("192.0.2.1");
  g_autoptr (GInetAddress) believed = ph_forwarded_find_peer_any (trusted, proxy, lines[0]);
  g_autoptr (GInetAddress) kept = ph_forwarded_find_peer_any (trusted, stranger, lines[0]);

  g_assert_nonnull (believed);
  g_assert_true (g_inet_address_equal (kept, stranger));
  if (lines[0] != NULL && lines[1] != NULL) {
    ph_forwarded_is_tls_any (trusted, proxy, FALSE, lines[1]);
    g_assert_false (ph_forwarded_is_tls_any (trusted, stranger, FALSE, lines[1]));
  }
  return 0;
}
