/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Datagrams of the Port Control Protocol (RFC 6887): bytes in, struct out. Pure; any thread. */
#pragma once

#include <gio/gio.h>

#define PH_PCP_NONCE_SIZE 12
#define PH_PCP_MAX_SIZE 1100 /* section 7 */

enum { PH_PCP_ANNOUNCE = 0, PH_PCP_MAP = 1 };

/* Section 7.4. */
typedef enum {
  PH_PCP_SUCCESS = 0,
  PH_PCP_UNSUPP_VERSION = 1,
  PH_PCP_NOT_AUTHORIZED = 2,
  PH_PCP_UNSUPP_OPCODE = 4,
  PH_PCP_NETWORK_FAILURE = 7,
  PH_PCP_NO_RESOURCES = 8,
  PH_PCP_UNSUPP_PROTOCOL = 9,
  PH_PCP_USER_EX_QUOTA = 10,
  PH_PCP_CANNOT_PROVIDE_EXTERNAL = 11,
  PH_PCP_ADDRESS_MISMATCH = 12
} PhPcpResult;

typedef struct {
  guint version; /* 0: a router that speaks NAT-PMP only; nothing else is filled then */
  guint opcode; /* without the bit that says it is an answer */
  guint result;
  guint lifetime_s; /* of a failure: how long it will last */
  guint32 epoch_s; /* since the router lost its mappings */
  /* Of a MAP. An error has what was asked for. */
  guint8 nonce[PH_PCP_NONCE_SIZE];
  guint internal_port;
  guint external_port;
  guint8 external_address[16]; /* IPv4 as mapped IPv6 (RFC 4291, section 2.5.5.2) */
} PhPcpAnswer;

/* Asks that TCP connections to external_port (0: any) come to internal_port of client, the address
 * that the request is sent from (section 11.1). Lifetime 0 takes the mapping of nonce away. */
GBytes *ph_pcp_make_map (GInetAddress *client, const guint8 nonce[PH_PCP_NONCE_SIZE],
    guint internal_port, guint external_port, guint lifetime_s);

/* FALSE: this is no answer (sections 8.3, 11.4 and 14.1.2); answer is then undefined. */
gboolean ph_pcp_parse_answer (const guint8 *bytes, gsize length, PhPcpAnswer *answer);

/* NULL: answer has none (all zero). */
GInetAddress *ph_pcp_answer_get_external_address (const PhPcpAnswer *answer);

/* "the router does not allow it (NOT_AUTHORIZED)". */
const char *ph_pcp_result_get_words (guint result);
