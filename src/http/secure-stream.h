/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TLS connection that is read by way of another stream. libsoup takes for HTTPS what is a
 * GTlsConnection, so this is one, though all the work is done by the one below. Main thread. */
#pragma once

#include <gio/gio.h>

/* input: what reads base and closes it when it is closed; both are referenced. */
GIOStream *ph_secure_stream_new (GTlsConnection *base, GInputStream *input);
