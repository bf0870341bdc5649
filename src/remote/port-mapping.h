/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps ports of this machine open at the router: by PCP, else NAT-PMP, else UPnP; renewed before
 * they end, asked for again when the router was restarted or another address came, taken away at
 * the end. Main thread only. */
#pragma once

#include "remote/mapping-store.h"
#include "remote/router.h"

typedef enum {
  PH_PORT_TRYING,
  PH_PORT_OPEN, /* the router lets connections in */
  PH_PORT_CLOSED /* it does not; tried again later */
} PhPortState;

/* One port for one version of IP. To be looked at only; NULL and 0 where nothing is known yet. */
typedef struct {
  PhPortState state;
  PhMappingRecord *record; /* what is asked for, and what for */
  PhMappingProtocol protocol; /* the one that opened it, or is tried */
  char *said; /* how it stands, in words */
  char *conflict; /* who has the port that was asked for, where it is another one; nullable */
  PhMappingOutcome outcome; /* of the answer that said is about */
  char *answers[PH_N_MAPPING_PROTOCOLS]; /* what each protocol came to the last time, in words */
  GInetAddress *external_address;
  guint lifetime_s; /* as the router granted; 0: until it is taken away */
  gint64 answered_s; /* Unix time of the router's last answer */
  gint64 next_s; /* Unix time of the next question; 0: none before something changes */
} PhPortEntry;

typedef struct {
  const char *name; /* "https"; copied */
  guint port;
  guint external_port; /* of IPv4; 0: the same */
} PhPortWish;

#define PH_TYPE_PORT_MAPPING (ph_port_mapping_get_type ())
G_DECLARE_FINAL_TYPE (PhPortMapping, ph_port_mapping, PH, PORT_MAPPING, GObject)

/* router is referenced. */
PhPortMapping *ph_port_mapping_new (PhRouter *router);

/* Whether something may still be open from before. */
gboolean ph_port_mapping_has_leftovers (PhPortMapping *self);

/* Opens wishes, ended by one without name, and takes away what is open and not among them, also
 * from before. Those that are open stay so. */
void ph_port_mapping_open (PhPortMapping *self, const PhPortWish *wishes);
/* Opens nothing, because of why (a sentence without full stop; NULL: it was not asked for), and
 * takes away what is open. */
void ph_port_mapping_refuse (PhPortMapping *self, const char *why);
/* Takes all mappings away; returns when the router has agreed, or after a second. Calls back
 * nothing from then on. */
void ph_port_mapping_stop (PhPortMapping *self);

/* Asks the router now, also for what is open: that does no harm to it. */
void ph_port_mapping_verify (PhPortMapping *self);
/* Whether the router is being asked. */
gboolean ph_port_mapping_is_busy (PhPortMapping *self);

/* Element-type PhPortEntry; owned by self. */
GPtrArray *ph_port_mapping_get_entries (PhPortMapping *self);
/* NULL: it is not refused. */
const char *ph_port_mapping_get_refusal (PhPortMapping *self);
