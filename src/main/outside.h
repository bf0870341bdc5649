/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is needed to be reached from outside, as the settings want it, and who tells whom: the
 * public address goes to the names. Main thread. */
#pragma once

#include "config/config.h"
#include "http/api.h"
#include "remote/ddns.h"
#include "remote/public-address.h"

typedef struct _PhOutside PhOutside;

/* address is referenced: what it finds goes to the names. */
PhOutside *ph_outside_new (PhPublicAddress *address);
void ph_outside_free (PhOutside *self);

/* What can fail of the settings: providers, passwords, authorities. NULL with PH_ERROR_SETTINGS.
 * Blocks on the disk. */
PhDdns *ph_outside_prepare (const PhConfig *config, GError **error);
/* Takes ddns, in place of what was before. */
void ph_outside_apply (PhOutside *self, const PhConfig *config, PhDdns *ddns);

/* Whether the provider of hostname refuses it, and how. NULL: it does not; owned by self. */
const char *ph_outside_find_refusal (PhOutside *self, const char *hostname);

/* /api/v1/ddns */
void ph_outside_add_to_api (PhOutside *self, PhApi *api);
/* For /metrics, as a PhMetricsSource. user_data is the PhOutside. */
void ph_outside_add_metrics (PhMetricsText *text, gpointer user_data);
