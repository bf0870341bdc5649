/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the doctor has found out, before anybody judges it. Plain data: it owns what it points to.
 * Main thread. */
#pragma once

#include "remote/address-verdict.h"
#include "remote/port-mapping.h"

typedef enum { PH_FACT_UNKNOWN, PH_FACT_YES, PH_FACT_NO } PhFact;

/* A name that leads here, or should. */
typedef struct {
  char *hostname;
  gboolean is_dynamic; /* Porthole itself keeps it up to date */
  gboolean wants_ipv4, wants_ipv6; /* of a dynamic one */
  gboolean is_elsewhere; /* it leads to somebody who passes connections on, as Cloudflare does */
  gboolean is_served; /* HTTP answers to it */
  PhFact is_certified; /* the certificate is good for it */
  gboolean is_stopped; /* the provider refuses it until the user does something */
  char *provider_said; /* nullable */
  PhFact resolves;
  char *why_not; /* nullable: with PH_FACT_NO */
  GPtrArray *addresses; /* element-type GInetAddress: what DNS says */
  gboolean is_first_hand; /* the zone's own name servers say so, not the router's */
} PhDoctorName;

/* A port that the router is asked to open. */
typedef struct {
  gboolean is_ipv6;
  PhPortState state;
  PhMappingOutcome outcome; /* of the answer that said is about */
  guint internal_port, wished_port, external_port;
  char *said; /* nullable */
  char *natpmp_said; /* nullable: what came of NAT-PMP; refused at once, or silent */
} PhDoctorPort;

typedef struct {
  gint64 now; /* seconds since 1970 */
  gint64 released; /* a clock that shows less is wrong */

  /* The server. */
  gboolean is_running;
  gboolean has_users;
  gboolean is_loopback; /* it answers this machine only */
  guint https_port; /* 0: none */
  gboolean has_certificate, is_self_signed;
  int certificate_days;
  PhFact answers; /* to a connection to its own address */
  char *why_no_answer; /* nullable */

  /* The way out. */
  GInetAddress *gateway, *self; /* nullable */
  GInetAddress *self_ipv6; /* nullable: public */
  char interface[16];
  char *why_no_gateway; /* nullable */
  PhFact has_neighbour; /* the router's hardware address is known */

  /* Outside. */
  guint n_echoes; /* asked */
  guint n_answers; /* of these, in whatever words */
  guint n_addresses; /* of these, that were public addresses */
  char *echo_said; /* nullable: the first that was no address */
  GInetAddress *web; /* nullable */

  /* The router, and what is behind it. */
  GInetAddress *router_address; /* nullable */
  char *router_protocol; /* nullable: the one it told its address by */
  char *router_said; /* nullable */
  GInetAddress *hop; /* nullable: who comes after the router */
  gboolean wants_mapping;
  char *mapping_refusal; /* nullable: why Porthole does not ask for it */
  GPtrArray *ports; /* element-type PhDoctorPort */
  GPtrArray *names; /* element-type PhDoctorName */
  PhFact hairpin; /* the public address can be called from inside */

  /* Who was here from outside the last time. */
  GInetAddress *visitor; /* nullable */
  gint64 visited_at;
} PhDoctorFacts;

PhDoctorFacts *ph_doctor_facts_new (void);
void ph_doctor_facts_free (PhDoctorFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDoctorFacts, ph_doctor_facts_free)

/* Adds one of each to facts, who owns it. */
PhDoctorName *ph_doctor_facts_add_name (PhDoctorFacts *self, const char *hostname);
PhDoctorPort *ph_doctor_facts_add_port (PhDoctorFacts *self);

/* Who has the public IPv4 address, as far as the facts tell. */
PhAddressFinding ph_doctor_facts_get_finding (const PhDoctorFacts *self);
/* The public IPv4 address. NULL: unknown, or none. Owned by self. */
GInetAddress *ph_doctor_facts_get_public (const PhDoctorFacts *self);
/* The port that is to be called from outside by IPv4; 0: none. */
guint ph_doctor_facts_get_port (const PhDoctorFacts *self);
/* NULL: none is asked for. */
const PhDoctorPort *ph_doctor_facts_find_port (const PhDoctorFacts *self, gboolean is_ipv6);
