/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/hop.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *bytes = g_memdup2 (data, size); /* whose end the sanitizers see */
  struct msghdr header = { .msg_control = bytes, .msg_controllen = size };
  g_autoptr (GInetAddress) offender = ph_hop_read_offender_any (&header);

  if (offender != NULL)
    g_assert_cmpint (g_inet_address_get_family (offender), ==, G_SOCKET_FAMILY_IPV4);
  return 0;
}
