/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Datagrams of NAT-PMP (RFC 6886, section 3): bytes in, struct out. Pure; any thread. */
#pragma once

#include <gio/gio.h>

#define PH_NATPMP_MAX_SIZE 16

enum { PH_NATPMP_ADDRESS = 0, PH_NATPMP_MAP_TCP = 2 };

/* Section 3.5. */
typedef enum {
  PH_NATPMP_SUCCESS = 0,
  PH_NATPMP_UNSUPP_VERSION = 1,
  PH_NATPMP_NOT_AUTHORIZED = 2,
  PH_NATPMP_NETWORK_FAILURE = 3,
  PH_NATPMP_NO_RESOURCES = 4,
  PH_NATPMP_UNSUPP_OPCODE = 5
} PhNatpmpResult;

typedef struct {
  guint opcode; /* without the bit that says it is an answer */
  guint result;
  guint32 epoch_s; /* since the router lost its mappings */
  guint8 address[4]; /* of PH_NATPMP_ADDRESS with success */
  /* Of PH_NATPMP_MAP_TCP with success. */
  guint internal_port;
  guint external_port;
  guint lifetime_s;
} PhNatpmpAnswer;

GBytes *ph_natpmp_make_address_request (void);
/* Asks that TCP connections to external_port come to internal_port of whoever sends this. Lifetime
 * 0 takes the mapping away (section 3.4). */
GBytes *ph_natpmp_make_map (guint internal_port, guint external_port, guint lifetime_s);

/* FALSE: this is no answer; answer is then undefined. */
gboolean ph_natpmp_parse_answer (const guint8 *bytes, gsize length, PhNatpmpAnswer *answer);

/* NULL: the router has none. */
GInetAddress *ph_natpmp_answer_get_address (const PhNatpmpAnswer *answer);

/* "the router does not allow it (code 2)". */
const char *ph_natpmp_result_get_words (guint result);
