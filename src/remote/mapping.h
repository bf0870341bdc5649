/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every protocol is asked for and answers: one TCP port of this machine to be reached from
 * outside. Plain data; main thread. */
#pragma once

#include "remote/gateway.h"
#include "remote/pcp-packet.h"

typedef enum { PH_MAPPING_PCP, PH_MAPPING_NATPMP, PH_MAPPING_UPNP } PhMappingProtocol;
#define PH_N_MAPPING_PROTOCOLS 3

/* "PCP", "NAT-PMP", "UPnP". */
const char *ph_mapping_protocol_get_name (PhMappingProtocol protocol);
/* FALSE: no such name. */
gboolean ph_mapping_protocol_from_name (const char *name, PhMappingProtocol *protocol);

typedef struct {
  PhGateway *gateway; /* owned */
  guint internal_port;
  guint external_port; /* the one that is wished for; other ones may come */
  guint lifetime_s; /* 0: take the mapping away */
  guint8 nonce[PH_PCP_NONCE_SIZE]; /* PCP: who asks; must be kept to take it away */
  gboolean has_pinhole; /* UPnP of IPv6: there may be one already … */
  guint pinhole; /* … and the router's number for it */
} PhMappingRequest;

PhMappingRequest *ph_mapping_request_copy (const PhMappingRequest *self);
void ph_mapping_request_free (PhMappingRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMappingRequest, ph_mapping_request_free)

typedef enum {
  PH_MAPPING_DONE,
  PH_MAPPING_ABSENT, /* nobody there speaks this protocol */
  PH_MAPPING_NOT_ALLOWED, /* the router's rules: this port, or this machine */
  PH_MAPPING_TAKEN, /* the ports tried belong to others */
  PH_MAPPING_NO_ADDRESS, /* the router itself cannot be reached from outside */
  PH_MAPPING_FULL, /* no room; later maybe */
  PH_MAPPING_FAILED /* anything else */
} PhMappingOutcome;

typedef struct {
  PhMappingOutcome outcome;
  char *said; /* what the router said, in words; never NULL */
  guint external_port;
  guint lifetime_s; /* 0: until it is taken away */
  GInetAddress *external_address; /* nullable; known also from some failures */
  gboolean has_epoch;
  guint32 epoch_s; /* as the router counts, since it lost its mappings */
  gboolean has_pinhole; /* as in the request */
  guint pinhole;
} PhMappingAnswer;

/* said is a format for all that follows. */
PhMappingAnswer *ph_mapping_answer_new (PhMappingOutcome outcome, const char *said, ...)
    G_GNUC_PRINTF (2, 3);
/* What it means that a question by datagram failed with error. */
PhMappingAnswer *ph_mapping_answer_new_for_error (PhMappingProtocol protocol, const GError *error);
void ph_mapping_answer_free (PhMappingAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMappingAnswer, ph_mapping_answer_free)
