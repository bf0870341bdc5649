/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Under which addresses this place is seen from outside: of IPv4 what the router, the own interface
 * and web services say, held against one another; of IPv6 this machine's own. Main thread only.
 *
 * Signal "changed" (): ph_public_address_get gives another answer for one version of IP. */
#pragma once

#include "config/remote-config.h"
#include "remote/address-verdict.h"
#include "remote/echo.h"
#include "remote/router.h"

#define PH_TYPE_PUBLIC_ADDRESS (ph_public_address_get_type ())
G_DECLARE_FINAL_TYPE (PhPublicAddress, ph_public_address, PH, PUBLIC_ADDRESS, GObject)

/* router is referenced. */
PhPublicAddress *ph_public_address_new (PhRouter *router);
/* Whom to ask; config is only read. ca_file as for ph_echo_new. Asks at once if it was started and
 * they are others than before. */
void ph_public_address_set_config (
    PhPublicAddress *self, const PhPublicAddressConfig *config, const char *ca_file);
/* Looks from now on: when the router calls out, when the network changes, and from time to time. */
void ph_public_address_start (PhPublicAddress *self);
void ph_public_address_stop (PhPublicAddress *self);
gboolean ph_public_address_is_started (PhPublicAddress *self);
/* Asks everybody once more. */
void ph_public_address_refresh (PhPublicAddress *self);

/* NULL: there is none, or it is not known (yet). Owned by self. */
GInetAddress *ph_public_address_get (PhPublicAddress *self, GSocketFamily family);
/* Of IPv4: who has it, as far as that is known. */
PhAddressFinding ph_public_address_get_finding (PhPublicAddress *self);
/* The facts that it was found from; owned by self. */
void ph_public_address_get_facts (PhPublicAddress *self, PhAddressFacts *facts);
/* Element-type PhEchoAnswer; owned by self. */
GPtrArray *ph_public_address_get_echoes (PhPublicAddress *self);
/* Unix time since when the IPv4 answer is what it is; 0: there was none yet. */
gint64 ph_public_address_get_since (PhPublicAddress *self);
