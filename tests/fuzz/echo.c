/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a web service answers to "which address do I have?". */
#include "remote/echo.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *bytes = g_memdup2 (data, size); /* whose end the sanitizers see */
  g_autoptr (GInetAddress) address G_GNUC_UNUSED = ph_echo_parse (bytes, size);

  return 0;
}
