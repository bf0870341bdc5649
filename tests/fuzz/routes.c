/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's tables as text. */
#include "remote/routes.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (GInetAddress) stable G_GNUC_UNUSED = ph_routes_find_stable_ipv6 (text, NULL, NULL);
  PhRoute ipv4, ipv6;

  if (ph_routes_find_ipv4 (text, &ipv4))
    g_object_unref (ipv4.router);
  if (ph_routes_find_ipv6 (text, &ipv6))
    g_object_unref (ipv6.router);
  return 0;
}
