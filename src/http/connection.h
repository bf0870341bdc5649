/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One connection to the HTTP server, from its accept to its end: counted, and given up when a
 * request takes too long to come, its peer takes nothing, or nothing is asked any more. libsoup
 * keeps all of these as long as the peer likes. Main thread. */
#pragma once

#include "access/gate.h"

#include <libsoup/soup.h>

/* Of "request-started", which libsoup emits first when the connection is accepted, before anything
 * has come, and then for each request. gate must outlive all connections. Answers message itself,
 * with 503 or 429, when there are too many. */
void ph_http_connection_begin (SoupServerMessage *message, PhGate *gate);
