/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/pcp-packet.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *bytes = g_memdup2 (data, size); /* whose end the sanitizers see */
  PhPcpAnswer answer;
  g_autoptr (GInetAddress) address G_GNUC_UNUSED = NULL;

  if (!ph_pcp_parse_answer (bytes, size, &answer))
    return 0;
  g_assert_cmpuint (answer.external_port, <=, G_MAXUINT16);
  g_assert_nonnull (ph_pcp_result_get_words (answer.result));
  address = ph_pcp_answer_get_external_address (&answer);
  return 0;
}
