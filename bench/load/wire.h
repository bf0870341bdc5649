/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TCP connection that never blocks, in clear or with TLS. The server's certificate is not
 * checked: what is measured is the cost of the wire. */
#pragma once

#include <gio/gio.h>
#include <gnutls/gnutls.h>

typedef struct {
  int fd; /* -1: closed */
  gnutls_session_t tls; /* NULL: in clear */
  gboolean is_up; /* connected, and its handshake over */
} LoadWire;

typedef enum { LOAD_WIRE_AGAIN, LOAD_WIRE_DONE, LOAD_WIRE_BROKEN } LoadWireResult;

/* FALSE: no socket, or refused at once. credentials: NULL for a wire in clear; kept. */
gboolean load_wire_open (
    LoadWire *self, GSocketAddress *server, gnutls_certificate_credentials_t credentials);
void load_wire_close (LoadWire *self);

/* To be called whenever the socket stirs, until it is done. */
LoadWireResult load_wire_bring_up (LoadWire *self);

/* Sends all of text, which is short, or nothing. */
gboolean load_wire_send (LoadWire *self, const char *text);

/* AGAIN: nothing there. BROKEN: the end, too. DONE: n_read bytes. */
/* Throws away what is there, up to size bytes: as it came, encrypted or not. */
LoadWireResult load_wire_discard (LoadWire *self, gsize size, gsize *n_read);
LoadWireResult load_wire_read (LoadWire *self, guint8 *data, gsize size, gsize *n_read);
