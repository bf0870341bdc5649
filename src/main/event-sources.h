/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the rooms tell those who listen to /api/v1/events. Main thread. */
#pragma once

#include "access/tls.h"
#include "camera/data-use.h"
#include "camera/viewers.h"
#include "config/changes.h"
#include "http/events.h"
#include "remote/public-address.h"

/* "viewer": somebody came or left. */
void ph_event_sources_add_viewers (PhEvents *events, PhViewers *viewers);
/* "address": another one is seen from outside; as long as address lives, which is no longer than
 * events. */
void ph_event_sources_add_address (PhEvents *events, PhPublicAddress *address);
/* "reload": the settings were read anew (changes), or refused (problems, element-type char *). */
void ph_event_sources_tell_reload (PhEvents *events, GPtrArray *problems, const PhChanges *changes);
/* "allowance": it is nearly spent, or exceeded, or no longer. */
void ph_event_sources_add_data_use (PhEvents *events, PhDataUse *data_use);
/* "certificate": it ends soon. tls: nullable. */
void ph_event_sources_tell_certificate (PhEvents *events, PhTls *tls);
