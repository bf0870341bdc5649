/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Host header. */
#include "http/own-host.h"

#include "fuzz.h"

#include <gio/gio.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const more[] = { "cam.example.org", NULL };
  g_autofree char *host = g_strndup ((const char *)data, size);
  g_autofree char *hostile = g_strconcat (host, ".evil.example", NULL);

  ph_own_host_is (host, more);
  g_assert_false (ph_own_host_is (hostile, more));
  return 0;
}
