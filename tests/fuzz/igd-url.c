/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The address in an answer to a search (SSDP), and any text of a router that is shown. */
#include "remote/igd-device.h"

#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autofree char *clean = ph_igd_clean_text (text);
  g_autoptr (GInetAddress) router = g_inet_address_new_from_string ("192.168.77.1");

  g_assert_cmpuint (strlen (clean), <=, 80);
  if (ph_igd_is_routers_url (text, router)) {
    g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);

    g_assert_cmpstr (g_uri_get_host (uri), ==, "192.168.77.1");
  }
  return 0;
}
