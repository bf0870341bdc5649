/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/pcp-packet.h"

#include <string.h>

#define VERSION 2
#define IS_ANSWER 0x80
#define HEADER_SIZE 24
#define MAP_SIZE (HEADER_SIZE + 36)
#define PROTOCOL_TCP 6

static const guint8 mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static void
put_16 (guint8 *at, guint value)
{
  at[0] = value >> 8;
  at[1] = value;
}

static void
put_32 (guint8 *at, guint32 value)
{
  put_16 (at, value >> 16);
  put_16 (at + 2, value & 0xffff);
}

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

static void
put_address (guint8 *at, GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6) {
    memcpy (at, bytes, 16);
    return;
  }
  memcpy (at, mapped_prefix, sizeof mapped_prefix);
  memcpy (at + sizeof mapped_prefix, bytes, 4);
}

GBytes *
ph_pcp_make_map (GInetAddress *client, const guint8 nonce[PH_PCP_NONCE_SIZE], guint internal_port,
    guint external_port, guint lifetime_s)
{
  guint8 bytes[MAP_SIZE] = { VERSION, PH_PCP_MAP };

  put_32 (bytes + 4, lifetime_s);
  put_address (bytes + 8, client);
  memcpy (bytes + 24, nonce, PH_PCP_NONCE_SIZE);
  bytes[36] = PROTOCOL_TCP;
  put_16 (bytes + 40, internal_port);
  put_16 (bytes + 42, external_port);
  /* No address is asked for: all zero, in the way of its family (section 11.1). */
  if (g_inet_address_get_family (client) == G_SOCKET_FAMILY_IPV4)
    memcpy (bytes + 44, mapped_prefix, sizeof mapped_prefix);
  return g_bytes_new (bytes, sizeof bytes);
}

static void
parse_map (const guint8 *bytes, PhPcpAnswer *answer)
{
  memcpy (answer->nonce, bytes + 24, PH_PCP_NONCE_SIZE);
  answer->internal_port = get_16 (bytes + 40);
  answer->external_port = get_16 (bytes + 42);
  memcpy (answer->external_address, bytes + 44, 16);
}

gboolean
ph_pcp_parse_answer (const guint8 *bytes, gsize length, PhPcpAnswer *answer)
{
  memset (answer, 0, sizeof *answer);
  if (length < 4 || length > PH_PCP_MAX_SIZE || (bytes[1] & IS_ANSWER) == 0)
    return FALSE;
  answer->opcode = bytes[1] & ~IS_ANSWER;
  if (bytes[0] == 0) { /* RFC 6886, section 3.5 */
    answer->result = PH_PCP_UNSUPP_VERSION;
    return TRUE;
  }
  if (length < HEADER_SIZE || length % 4 != 0)
    return FALSE;
  answer->version = bytes[0];
  answer->result = bytes[3];
  answer->lifetime_s = get_32 (bytes + 4);
  answer->epoch_s = get_32 (bytes + 8);
  if (answer->version != VERSION)
    return answer->result == PH_PCP_UNSUPP_VERSION;
  if (answer->opcode != PH_PCP_MAP)
    return TRUE;
  if (length >= MAP_SIZE)
    parse_map (bytes, answer);
  return length >= MAP_SIZE;
}

GInetAddress *
ph_pcp_answer_get_external_address (const PhPcpAnswer *answer)
{
  static const guint8 zero[16];
  const guint8 *bytes = answer->external_address;

  if (memcmp (bytes, mapped_prefix, sizeof mapped_prefix) == 0)
    return get_32 (bytes + 12) != 0
               ? g_inet_address_new_from_bytes (bytes + 12, G_SOCKET_FAMILY_IPV4)
               : NULL;
  return memcmp (bytes, zero, sizeof zero) != 0
             ? g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV6)
             : NULL;
}

const char *
ph_pcp_result_get_words (guint result)
{
  static const char *const words[] = {
    "the router agrees (SUCCESS)",
    "the router speaks another version (UNSUPP_VERSION)",
    "the router does not allow it (NOT_AUTHORIZED)",
    "the router does not understand the request (MALFORMED_REQUEST)",
    "the router cannot do that (UNSUPP_OPCODE)",
    "the router cannot do that (UNSUPP_OPTION)",
    "the router does not understand the request (MALFORMED_OPTION)",
    "the router itself is not connected (NETWORK_FAILURE)",
    "the router has no room for it, or no public address (NO_RESOURCES)",
    "the router cannot do that for TCP (UNSUPP_PROTOCOL)",
    "the router allows no more mappings to this machine (USER_EX_QUOTA)",
    "the router cannot give that port (CANNOT_PROVIDE_EXTERNAL)",
    "another router stands between this machine and that one (ADDRESS_MISMATCH)",
    "the router does not allow so many peers (EXCESSIVE_REMOTE_PEERS)",
  };

  return result < G_N_ELEMENTS (words) ? words[result]
                                       : "the router answers with a code that is not known";
}
