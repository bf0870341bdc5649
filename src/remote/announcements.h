/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hears what the router calls out: a new public address (RFC 6886, section 3.2.1), or that it has
 * lost its mappings (RFC 6887, section 14.1.2). Main thread. */
#pragma once

#include "remote/gateway.h"

typedef struct _PhAnnouncements PhAnnouncements;

typedef void (*PhAnnounced) (gpointer user_data);

/* Listens on the interfaces of ipv4 and ipv6, either nullable. Calls announced once for each burst.
 * Where listening fails, that is a debug message: whoever listens asks from time to time as well.
 */
PhAnnouncements *ph_announcements_new (
    const PhGateway *ipv4, const PhGateway *ipv6, PhAnnounced announced, gpointer user_data);
void ph_announcements_free (PhAnnouncements *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhAnnouncements, ph_announcements_free)
