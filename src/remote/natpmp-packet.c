/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/natpmp-packet.h"

#include <string.h>

#define IS_ANSWER 0x80

static guint
get_16 (const guint8 *at)
{
  return at[0] << 8 | at[1];
}

static guint32
get_32 (const guint8 *at)
{
  return (guint32)get_16 (at) << 16 | get_16 (at + 2);
}

GBytes *
ph_natpmp_make_address_request (void)
{
  static const guint8 bytes[] = { 0, PH_NATPMP_ADDRESS };

  return g_bytes_new_static (bytes, sizeof bytes);
}

GBytes *
ph_natpmp_make_map (guint internal_port, guint external_port, guint lifetime_s)
{
  guint8 bytes[12] = { 0, PH_NATPMP_MAP_TCP };

  bytes[4] = internal_port >> 8;
  bytes[5] = internal_port;
  bytes[6] = external_port >> 8;
  bytes[7] = external_port;
  bytes[8] = lifetime_s >> 24;
  bytes[9] = lifetime_s >> 16;
  bytes[10] = lifetime_s >> 8;
  bytes[11] = lifetime_s;
  return g_bytes_new (bytes, sizeof bytes);
}

static gboolean
parse_success (const guint8 *bytes, gsize length, PhNatpmpAnswer *answer)
{
  if (answer->opcode == PH_NATPMP_ADDRESS && length >= 12) {
    memcpy (answer->address, bytes + 8, 4);
    return TRUE;
  }
  if (answer->opcode == PH_NATPMP_MAP_TCP && length >= 16) {
    answer->internal_port = get_16 (bytes + 8);
    answer->external_port = get_16 (bytes + 10);
    answer->lifetime_s = get_32 (bytes + 12);
    return TRUE;
  }
  return FALSE;
}

gboolean
ph_natpmp_parse_answer (const guint8 *bytes, gsize length, PhNatpmpAnswer *answer)
{
  memset (answer, 0, sizeof *answer);
  if (length < 8 || bytes[0] != 0 || (bytes[1] & IS_ANSWER) == 0)
    return FALSE;
  answer->opcode = bytes[1] & ~IS_ANSWER;
  answer->result = get_16 (bytes + 2);
  answer->epoch_s = get_32 (bytes + 4);
  return answer->result != PH_NATPMP_SUCCESS || parse_success (bytes, length, answer);
}

GInetAddress *
ph_natpmp_answer_get_address (const PhNatpmpAnswer *answer)
{
  return get_32 (answer->address) != 0
             ? g_inet_address_new_from_bytes (answer->address, G_SOCKET_FAMILY_IPV4)
             : NULL;
}

const char *
ph_natpmp_result_get_words (guint result)
{
  static const char *const words[] = {
    "the router agrees (code 0)",
    "the router speaks another version (code 1)",
    "the router does not allow it (code 2)",
    "the router has no public address (code 3)",
    "the router has no room for it (code 4)",
    "the router cannot do that (code 5)",
  };

  return result < G_N_ELEMENTS (words) ? words[result]
                                       : "the router answers with a code that is not known";
}
