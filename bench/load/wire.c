/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static gboolean
start_tls (LoadWire *self, gnutls_certificate_credentials_t credentials)
{
  if (gnutls_init (&self->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK) != GNUTLS_E_SUCCESS)
    return FALSE;
  gnutls_set_default_priority (self->tls);
  gnutls_credentials_set (self->tls, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int (self->tls, self->fd);
  return TRUE;
}

gboolean
load_wire_open (
    LoadWire *self, GSocketAddress *server, gnutls_certificate_credentials_t credentials)
{
  struct sockaddr_storage address;
  gssize size = g_socket_address_get_native_size (server);

  *self = (LoadWire){ .fd = -1 };
  if (!g_socket_address_to_native (server, &address, sizeof address, NULL))
    return FALSE;
  self->fd = socket (address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (self->fd >= 0 &&
      (connect (self->fd, (struct sockaddr *)&address, size) == 0 || errno == EINPROGRESS) &&
      (credentials == NULL || start_tls (self, credentials)))
    return TRUE;
  load_wire_close (self);
  return FALSE;
}

void
load_wire_close (LoadWire *self)
{
  g_clear_pointer (&self->tls, gnutls_deinit);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  self->is_up = FALSE;
}

LoadWireResult
load_wire_bring_up (LoadWire *self)
{
  int error = 0;
  socklen_t size = sizeof error;
  int result;

  getsockopt (self->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0)
    return LOAD_WIRE_BROKEN;
  if (self->tls != NULL) {
    result = gnutls_handshake (self->tls);
    if (result != GNUTLS_E_SUCCESS)
      return gnutls_error_is_fatal (result) ? LOAD_WIRE_BROKEN : LOAD_WIRE_AGAIN;
  }
  self->is_up = TRUE;
  return LOAD_WIRE_DONE;
}

gboolean
load_wire_send (LoadWire *self, const char *text)
{
  gssize size = strlen (text);

  if (self->tls != NULL)
    return gnutls_record_send (self->tls, text, size) == size;
  return send (self->fd, text, size, MSG_NOSIGNAL) == size;
}

static LoadWireResult
read_tls (LoadWire *self, guint8 *data, gsize size, gsize *n_read)
{
  gssize result = gnutls_record_recv (self->tls, data, size);

  if (result > 0) {
    *n_read = result;
    return LOAD_WIRE_DONE;
  }
  return result == 0 || gnutls_error_is_fatal (result) ? LOAD_WIRE_BROKEN : LOAD_WIRE_AGAIN;
}

static LoadWireResult
take_result (gssize result, gsize *n_read)
{
  if (result > 0) {
    *n_read = result;
    return LOAD_WIRE_DONE;
  }
  return result < 0 && (errno == EAGAIN || errno == EINTR) ? LOAD_WIRE_AGAIN : LOAD_WIRE_BROKEN;
}

LoadWireResult
load_wire_discard (LoadWire *self, gsize size, gsize *n_read)
{
  return take_result (recv (self->fd, NULL, size, MSG_TRUNC), n_read); /* tcp(7) */
}

LoadWireResult
load_wire_read (LoadWire *self, guint8 *data, gsize size, gsize *n_read)
{
  if (self->tls != NULL)
    return read_tls (self, data, size, n_read);
  return take_result (recv (self->fd, data, size, 0), n_read);
}
