/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/listen.h"

#include "base/error.h"
#include "base/inherited-sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define BACKLOG 1024
/* With port 0 the port that is free for IPv4 may be taken for IPv6. */
#define FREE_PORT_TRIES 16

gboolean
ph_listen_is_loopback (const char *listen)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (listen);

  return g_str_equal (listen, "loopback") ||
         (address != NULL && g_inet_address_get_is_loopback (address));
}

static GPtrArray *
make_both (GInetAddress *(*make) (GSocketFamily family))
{
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (addresses, make (G_SOCKET_FAMILY_IPV4));
  g_ptr_array_add (addresses, make (G_SOCKET_FAMILY_IPV6));
  return addresses;
}

/* Element-type GInetAddress; NULL when listen is none of what is allowed. */
static GPtrArray *
choose_addresses (const char *listen, PhListenScope scope)
{
  GInetAddress *address = g_inet_address_new_from_string (listen);
  GPtrArray *addresses;

  if (address == NULL || (scope == PH_LISTEN_LOOPBACK && !ph_listen_is_loopback (listen))) {
    g_clear_object (&address);
    if (scope == PH_LISTEN_LOOPBACK || g_str_equal (listen, "loopback"))
      return make_both (g_inet_address_new_loopback);
    return g_str_equal (listen, "any") ? make_both (g_inet_address_new_any) : NULL;
  }
  addresses = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (addresses, address);
  return addresses;
}

/* Linux looks at it when somebody binds, on both sides, so it can be changed at any time. */
static void
set_shared (GSocket *socket, gboolean is_shared)
{
  g_socket_set_option (socket, SOL_SOCKET, SO_REUSEPORT, is_shared, NULL);
}

/* g_socket_bind () takes SO_REUSEPORT away from TCP sockets. */
static gboolean
bind_shared (GSocket *socket, GSocketAddress *name, GError **error)
{
  struct sockaddr_storage native;
  gssize size = g_socket_address_get_native_size (name);

  if (!g_socket_address_to_native (name, &native, sizeof native, error))
    return FALSE;
  g_socket_set_option (socket, SOL_SOCKET, SO_REUSEADDR, TRUE, NULL);
  set_shared (socket, TRUE);
  if (bind (g_socket_get_fd (socket), (struct sockaddr *)&native, size) == 0)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
  return FALSE;
}

static GSocket *
open_socket (GInetAddress *address, guint port, gboolean is_shared, GError **error)
{
  g_autoptr (GSocketAddress) name = g_inet_socket_address_new (address, port);
  g_autoptr (GSocket) socket = g_socket_new (
      g_inet_address_get_family (address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, BACKLOG);
  /* "any" has a socket of its own for IPv4, so that peers have plain IPv4 addresses */
  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, 1, NULL);
  if (!(is_shared ? bind_shared (socket, name, error)
                  : g_socket_bind (socket, name, TRUE, error)) ||
      !g_socket_listen (socket, error))
    return NULL;
  set_shared (socket, FALSE);
  return g_steal_pointer (&socket);
}

/* A machine without IPv6 is no fault; a port that is taken is one. */
static gboolean
is_fatal (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static GPtrArray *
open_all (GPtrArray *addresses, guint port, gboolean is_shared, GError **error)
{
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < addresses->len; i++) {
    g_autoptr (GError) cause = NULL;
    GSocket *socket = open_socket (g_ptr_array_index (addresses, i), port, is_shared, &cause);

    if (socket == NULL && (sockets->len == 0 || is_fatal (cause))) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }
    if (socket == NULL) {
      g_debug ("not listening on the second address: %s", cause->message);
      continue;
    }
    g_ptr_array_add (sockets, socket);
    port = ph_listen_get_port (sockets);
  }
  return g_steal_pointer (&sockets);
}

static void
explain (const char *section, const char *key, guint port, const GError *cause, GError **error)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "port %u is in use by another program: stop it, or set another %s.%s", port, section, key);
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "not allowed to listen on port %u: set a %s.%s of 1024 or more", port, section, key);
  else
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "cannot listen on port %u (%s.listen, %s.%s): %s", port, section, section, key,
        cause->message);
}

/* Without users nothing but loopback may be open, whoever opened it. */
static gboolean
check_inherited (const char *section, GPtrArray *sockets, PhListenScope scope, GError **error)
{
  for (guint i = 0; i < sockets->len; i++) {
    g_autoptr (GSocketAddress) name =
        g_socket_get_local_address (g_ptr_array_index (sockets, i), NULL);
    gboolean is_inet = G_IS_INET_SOCKET_ADDRESS (name);
    g_autofree char *text =
        is_inet ? g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (name)) : NULL;

    if (is_inet && (scope == PH_LISTEN_AS_ASKED ||
                       g_inet_address_get_is_loopback (
                           g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (name)))))
      continue;
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
        "the socket \"%s\" that the service manager hands over listens on %s; allowed is %s",
        section, is_inet ? text : "something else than IP",
        is_inet ? "loopback alone while there are no users (type: porthole user NAME)" : "TCP");
    return FALSE;
  }
  return TRUE;
}

/* NULL without an error: there are none. */
static GPtrArray *
take_inherited (const char *section, gboolean is_tls, PhListenScope scope, GError **error)
{
  g_autofree char *name = g_strconcat (section, is_tls ? "s" : NULL, NULL);
  g_autoptr (GPtrArray) sockets = ph_inherited_sockets_find (name);

  if (sockets == NULL || !check_inherited (name, sockets, scope, error))
    return NULL;
  return g_steal_pointer (&sockets);
}

static GPtrArray *
open_for (const char *section, const char *key, const char *listen, guint port, PhListenScope scope,
    gboolean is_shared, GError **error)
{
  g_autoptr (GPtrArray) addresses = choose_addresses (listen, scope);
  guint n_tries = port == 0 ? FREE_PORT_TRIES : 1;
  g_autoptr (GError) cause = NULL;

  if (addresses == NULL) {
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
        "%s.listen is \"%s\"; allowed are any, loopback or an address of this machine", section,
        listen);
    return NULL;
  }
  for (guint i = 0; i < n_tries; i++) {
    GPtrArray *sockets;

    g_clear_error (&cause);
    sockets = open_all (addresses, port, is_shared, &cause);
    if (sockets != NULL)
      return sockets;
  }
  explain (section, key, port, cause, error);
  return NULL;
}

static void
set_all_shared (GPtrArray *sockets, gboolean is_shared)
{
  for (guint i = 0; sockets != NULL && i < sockets->len; i++)
    set_shared (g_ptr_array_index (sockets, i), is_shared);
}

/* own: nullable, see ph_listen_open_beside (). */
static GPtrArray *
open_or_take (GPtrArray *own, const char *section, const char *key, const char *listen, guint port,
    PhListenScope scope, GError **error)
{
  GError *cause = NULL;
  GPtrArray *sockets = take_inherited (section, g_str_equal (key, "tls_port"), scope, &cause);

  if (cause != NULL)
    g_propagate_error (error, cause);
  if (sockets != NULL || cause != NULL)
    return sockets;
  set_all_shared (own, TRUE);
  sockets = open_for (section, key, listen, port, scope, own != NULL, error);
  set_all_shared (own, FALSE);
  return sockets;
}

GPtrArray *
ph_listen_open (
    const char *section, const char *listen, guint port, PhListenScope scope, GError **error)
{
  return open_or_take (NULL, section, "port", listen, port, scope, error);
}

GPtrArray *
ph_listen_open_tls (
    const char *section, const char *listen, guint port, PhListenScope scope, GError **error)
{
  return open_or_take (NULL, section, "tls_port", listen, port, scope, error);
}

GPtrArray *
ph_listen_open_beside (GPtrArray *own, const char *section, const char *key, const char *listen,
    guint port, PhListenScope scope, GError **error)
{
  return open_or_take (own, section, key, listen, port, scope, error);
}

guint
ph_listen_get_port (GPtrArray *sockets)
{
  g_autoptr (GSocketAddress) name =
      g_socket_get_local_address (g_ptr_array_index (sockets, 0), NULL);

  return name != NULL ? g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (name)) : 0;
}
