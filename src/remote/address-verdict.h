/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What to make of the answers to "which address am I reached at?": they are held against one
 * another. IPv4. Pure; any thread. */
#pragma once

#include <gio/gio.h>

typedef struct {
  GInetAddress *interface; /* nullable: this machine's own address on the way out */
  GInetAddress *router; /* nullable: the other side of the router, as that says itself */
  GInetAddress *web; /* nullable: where the internet sees us come from */
} PhAddressFacts;

typedef enum {
  PH_ADDRESS_FOUND_NONE, /* nobody could tell */
  PH_ADDRESS_FOUND_DIRECT, /* this machine itself has it */
  PH_ADDRESS_FOUND_ROUTER, /* the router has it */
  PH_ADDRESS_FOUND_CGNAT, /* the provider has it, and shares it among customers */
  PH_ADDRESS_FOUND_DOUBLE_NAT, /* another router in front of the router has it */
  PH_ADDRESS_FOUND_HIDDEN_NAT, /* the router has another one than the internet sees */
  PH_ADDRESS_FOUND_WEB /* somebody in between has it: it is not known who */
} PhAddressFinding;

typedef struct {
  PhAddressFinding finding;
  GInetAddress *address; /* owned by the facts; NULL: none is known */
} PhAddressVerdict;

PhAddressVerdict ph_address_verdict (const PhAddressFacts *facts);

/* Seconds until the next question, if nothing is heard meanwhile. is_silent: the router tells its
 * address, but calls out no change (UPnP without events). */
guint ph_address_finding_get_poll_time (PhAddressFinding finding, gboolean is_silent);
/* Whether web services are asked then, too, who were asked web_age seconds ago. */
gboolean ph_address_finding_wants_web (PhAddressFinding finding, gint64 web_age);

/* "router", "cgnat", …. */
const char *ph_address_finding_get_name (PhAddressFinding finding);
/* A sentence for a person, without full stop. */
const char *ph_address_finding_get_words (PhAddressFinding finding);
