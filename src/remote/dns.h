/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the name servers of a zone themselves say of a name (RFC 1034, RFC 1035). Neither the
 * router's word, which inside may be another one than outside, nor what anybody on the way still
 * remembers. */
#pragma once

#include <gio/gio.h>

#define PH_DNS_PORT 53

typedef struct {
  GPtrArray *addresses; /* element-type GInetAddress; empty: the name has none of this family */
  guint ttl_s; /* how long others may remember it; 0: not said */
  char *alias; /* nullable: the name is another one's (CNAME), which this server knows nothing of */
} PhDnsAnswer;

PhDnsAnswer *ph_dns_answer_new (void);
void ph_dns_answer_free (PhDnsAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDnsAnswer, ph_dns_answer_free)
gboolean ph_dns_answer_has (const PhDnsAnswer *self, GInetAddress *address);

/* Finds the name servers with the system's resolver, and asks one of them after the other over UDP,
 * by IPv4 first and then by IPv6, whatever they have of it. Answers within 15 seconds. Main thread;
 * never blocks. */
void ph_dns_ask_async (const char *hostname, GSocketFamily family, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);
/* Never has an alias. NULL with PH_ERROR_UNAVAILABLE: nobody could tell, and why;
 * G_IO_ERROR_CANCELLED. */
PhDnsAnswer *ph_dns_ask_finish (GAsyncResult *result, GError **error);

/* Asks the one server at port of its address, of either family, for hostname's addresses of family;
 * it must know them itself. Blocks for up to 2 seconds. Errors: PH_ERROR_UNAVAILABLE. */
PhDnsAnswer *ph_dns_ask_server_on_worker (
    GInetAddress *server, guint port, const char *hostname, GSocketFamily family, GError **error);
/* Of the datagram of an answer. NULL with PH_ERROR_UNAVAILABLE: it is none, or not one of somebody
 * who knows. Any thread. */
PhDnsAnswer *ph_dns_parse_any (
    const guint8 *bytes, gsize length, GSocketFamily family, GError **error);
