/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which names of this machine the HTTP server answers to. Any thread. */
#pragma once

#include <glib.h>

/* FALSE for the name of a stranger in the Host header. A page on the internet can point its own
 * name at 127.0.0.1 (DNS rebinding) and would then read our pictures as its own; it cannot do so
 * with an address, with localhost, or with this machine's own name. more (nullable): names beside
 * those. */
gboolean ph_own_host_is (const char *host, const char *const *more);
