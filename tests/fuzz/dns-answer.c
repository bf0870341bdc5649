/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/dns.h"

#include "fuzz.h"

/* The first byte chooses the family that is asked for. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *bytes = size > 0 ? g_memdup2 (data + 1, size - 1) : NULL;
  GSocketFamily family = size > 0 && data[0] % 2 != 0 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4;
  g_autoptr (PhDnsAnswer) answer = NULL;

  if (bytes == NULL)
    return 0;
  answer = ph_dns_parse_any (bytes, size - 1, family, NULL);
  for (guint i = 0; answer != NULL && i < answer->addresses->len; i++)
    g_assert_cmpint (
        g_inet_address_get_family (g_ptr_array_index (answer->addresses, i)), ==, family);
  g_assert_true (answer == NULL || answer->alias == NULL || answer->addresses->len == 0);
  return 0;
}
