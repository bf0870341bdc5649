/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/dns.h"

#include "base/error.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_S 2 /* for one server */
#define DEADLINE_S 11 /* nobody is asked afterwards, who may take two more WAIT_S */
#define MAX_SERVERS 3
#define MAX_ALIASES 4
#define MAX_BYTES 4096
#define MAX_TTL_S 86400

PhDnsAnswer *
ph_dns_answer_new (void)
{
  PhDnsAnswer *self = g_new0 (PhDnsAnswer, 1);

  self->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
ph_dns_answer_free (PhDnsAnswer *self)
{
  g_ptr_array_unref (self->addresses);
  g_free (self->alias);
  g_free (self);
}

gboolean
ph_dns_answer_has (const PhDnsAnswer *self, GInetAddress *address)
{
  for (guint i = 0; i < self->addresses->len; i++)
    if (g_inet_address_equal (g_ptr_array_index (self->addresses, i), address))
      return TRUE;
  return FALSE;
}

static void G_GNUC_PRINTF (2, 3) fail (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, PH_ERROR, PH_ERROR_UNAVAILABLE, text);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void
take_record (PhDnsAnswer *self, ns_msg *message, ns_rr *record, GSocketFamily family)
{
  gboolean is_ipv4 = family == G_SOCKET_FAMILY_IPV4;
  guint ttl_s = MIN (ns_rr_ttl (*record), MAX_TTL_S);
  char alias[NS_MAXDNAME];

  if (ns_rr_type (*record) == ns_t_cname &&
      ns_name_uncompress (ns_msg_base (*message), ns_msg_end (*message), ns_rr_rdata (*record),
          alias, sizeof alias) > 0) {
    g_free (self->alias);
    self->alias = g_strdup (alias);
  } else if (ns_rr_type (*record) == (is_ipv4 ? ns_t_a : ns_t_aaaa) &&
             ns_rr_rdlen (*record) == (is_ipv4 ? NS_INADDRSZ : NS_IN6ADDRSZ)) {
    g_ptr_array_add (
        self->addresses, g_inet_address_new_from_bytes (ns_rr_rdata (*record), family));
    self->ttl_s = self->ttl_s == 0 ? ttl_s : MIN (self->ttl_s, ttl_s);
  }
}

/* NULL: there is a fault in it. */
static PhDnsAnswer *
read_records (ns_msg *message, GSocketFamily family)
{
  g_autoptr (PhDnsAnswer) self = ph_dns_answer_new ();
  ns_rr record;

  for (int i = 0; i < ns_msg_count (*message, ns_s_an); i++) {
    if (ns_parserr (message, ns_s_an, i, &record) < 0)
      return NULL;
    take_record (self, message, &record, family);
  }
  if (self->addresses->len > 0)
    g_clear_pointer (&self->alias, g_free);
  return g_steal_pointer (&self);
}

/* Somebody on the way who answers instead of the server does not say that he knows himself (AA). */
static gboolean
knows_himself (ns_msg *message)
{
  int code = ns_msg_getflag (*message, ns_f_rcode);

  return ns_msg_getflag (*message, ns_f_qr) && ns_msg_getflag (*message, ns_f_aa) &&
         (code == ns_r_noerror || code == ns_r_nxdomain);
}

PhDnsAnswer *
ph_dns_parse_any (const guint8 *bytes, gsize length, GSocketFamily family, GError **error)
{
  g_autoptr (PhDnsAnswer) self = NULL;
  ns_msg message;

  if (length <= MAX_BYTES && ns_initparse (bytes, (int)length, &message) == 0)
    self = read_records (&message, family);
  if (self == NULL)
    fail (error, "the name server's answer is none");
  else if (!knows_himself (&message))
    fail (error, "who answers is no name server of this zone");
  else
    return g_steal_pointer (&self);
  return NULL;
}

/* ---- questions ------------------------------------------------------------------------------- */

static gboolean
open_resolver_on_worker (struct __res_state *state, GError **error)
{
  memset (state, 0, sizeof *state);
  if (res_ninit (state) != 0) {
    fail (error, "the system's resolver cannot be used");
    return FALSE;
  }
  state->retrans = WAIT_S;
  state->retry = 1;
  state->options |= RES_IGNTC; /* TCP would wait for as long as the kernel likes */
  return TRUE;
}

/* The resolver reads an IPv6 server from nsaddrs where nsaddr_list has no family, and frees nsaddrs
 * of as many servers as it knows of. FALSE: it is no address that can be asked. */
static gboolean
set_server (struct __res_state *state, GInetAddress *server, guint port)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (server, (guint16)port);
  gboolean is_ipv4 = g_inet_address_get_family (server) == G_SOCKET_FAMILY_IPV4;

  for (int i = 0; i < MAXNS; i++)
    g_clear_pointer (&state->_u._ext.nsaddrs[i], free);
  memset (&state->nsaddr_list[0], 0, sizeof state->nsaddr_list[0]);
  state->nscount = 1;
  state->options &= ~(unsigned long)RES_RECURSE;
  if (is_ipv4)
    return g_socket_address_to_native (
        address, &state->nsaddr_list[0], sizeof state->nsaddr_list[0], NULL);
  state->_u._ext.nsaddrs[0] = calloc (1, sizeof (struct sockaddr_in6));
  return state->_u._ext.nsaddrs[0] != NULL &&
         g_socket_address_to_native (
             address, state->_u._ext.nsaddrs[0], sizeof (struct sockaddr_in6), NULL);
}

PhDnsAnswer *
ph_dns_ask_server_on_worker (
    GInetAddress *server, guint port, const char *hostname, GSocketFamily family, GError **error)
{
  struct __res_state state;
  guint8 question[NS_PACKETSZ], bytes[MAX_BYTES];
  int type = family == G_SOCKET_FAMILY_IPV4 ? ns_t_a : ns_t_aaaa, length = -1;
  g_autofree char *text = g_inet_address_to_string (server);

  if (!open_resolver_on_worker (&state, error))
    return NULL;
  if (set_server (&state, server, port))
    length = res_nmkquery (
        &state, ns_o_query, hostname, ns_c_in, type, NULL, 0, NULL, question, sizeof question);
  if (length > 0)
    length = res_nsend (&state, question, length, bytes, sizeof bytes);
  res_nclose (&state);
  if (length > 0)
    return ph_dns_parse_any (bytes, (gsize)length, family, error);
  fail (error, "the name server %s does not answer", text);
  return NULL;
}

/* ---- the way to the server ------------------------------------------------------------------- */

/* Names of the servers of zone; element-type char *. NULL with PH_ERROR_UNAVAILABLE: nobody could
 * tell; empty: it is no zone. */
static GPtrArray *
list_servers_on_worker (struct __res_state *state, const char *zone, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  guint8 bytes[MAX_BYTES];
  int length = res_nquery (state, zone, ns_c_in, ns_t_ns, bytes, sizeof bytes);
  ns_msg message;
  ns_rr record;

  if (length < 0 && state->res_h_errno != HOST_NOT_FOUND && state->res_h_errno != NO_DATA) {
    fail (error, "the resolver does not answer");
    return NULL;
  }
  if (length < 0 || ns_initparse (bytes, MIN (length, MAX_BYTES), &message) < 0)
    return g_steal_pointer (&names);
  for (int i = 0; i < ns_msg_count (message, ns_s_an) && names->len < MAX_SERVERS; i++) {
    char name[NS_MAXDNAME];

    if (ns_parserr (&message, ns_s_an, i, &record) == 0 && ns_rr_type (record) == ns_t_ns &&
        ns_name_uncompress (ns_msg_base (message), ns_msg_end (message), ns_rr_rdata (record), name,
            sizeof name) > 0)
      g_ptr_array_add (names, g_strdup (name));
  }
  return g_steal_pointer (&names);
}

/* Of the innermost zone of hostname. An alias may have more parts than there is time for. */
static GPtrArray *
find_servers_on_worker (
    struct __res_state *state, const char *hostname, gint64 end_us, GError **error)
{
  for (const char *zone = hostname; strchr (zone, '.') != NULL && g_get_monotonic_time () < end_us;
       zone = strchr (zone, '.') + 1) {
    g_autoptr (GPtrArray) names = list_servers_on_worker (state, zone, error);

    if (names == NULL)
      return NULL;
    if (names->len > 0)
      return g_steal_pointer (&names);
  }
  fail (error, "there is no zone that the name is of");
  return NULL;
}

/* The server's own address of family. NULL: it has none. */
static GInetAddress *
find_address_on_worker (struct __res_state *state, const char *server, GSocketFamily family)
{
  guint8 bytes[MAX_BYTES];
  int type = family == G_SOCKET_FAMILY_IPV4 ? ns_t_a : ns_t_aaaa;
  int length = res_nquery (state, server, ns_c_in, type, bytes, sizeof bytes);
  g_autoptr (PhDnsAnswer) answer = NULL;
  ns_msg message;

  if (length > 0 && ns_initparse (bytes, MIN (length, MAX_BYTES), &message) == 0)
    answer = read_records (&message, family);
  return answer != NULL && answer->addresses->len > 0
             ? g_object_ref (g_ptr_array_index (answer->addresses, 0))
             : NULL;
}

/* By IPv4 and, where that leads to no answer, by IPv6. NULL with error unset: it has no address, or
 * time is over. */
static PhDnsAnswer *
ask_by_any_family_on_worker (struct __res_state *state, const char *server, const char *hostname,
    GSocketFamily family, gint64 end_us, GError **error)
{
  static const GSocketFamily families[] = { G_SOCKET_FAMILY_IPV4, G_SOCKET_FAMILY_IPV6 };

  for (gsize i = 0; i < G_N_ELEMENTS (families) && g_get_monotonic_time () < end_us; i++) {
    g_autoptr (GInetAddress) address = find_address_on_worker (state, server, families[i]);
    PhDnsAnswer *answer = NULL;

    if (address == NULL)
      continue;
    g_clear_error (error);
    answer = ph_dns_ask_server_on_worker (address, PH_DNS_PORT, hostname, family, error);
    if (answer != NULL)
      return answer;
  }
  return NULL;
}

static PhDnsAnswer *
ask_zone_on_worker (struct __res_state *state, const char *hostname, GSocketFamily family,
    gint64 end_us, GError **error)
{
  g_autoptr (GPtrArray) servers = find_servers_on_worker (state, hostname, end_us, error);
  g_autoptr (GError) reason = NULL;

  if (servers == NULL)
    return NULL;
  for (guint i = 0; i < servers->len && g_get_monotonic_time () < end_us; i++) {
    const char *server = g_ptr_array_index (servers, i);
    PhDnsAnswer *answer = NULL;

    g_clear_error (&reason);
    answer = ask_by_any_family_on_worker (state, server, hostname, family, end_us, &reason);
    if (answer != NULL)
      return answer;
  }
  fail (error, "%s", reason != NULL ? reason->message : "the zone's name servers cannot be found");
  return NULL;
}

typedef struct {
  char *hostname;
  GSocketFamily family;
} Question;

static void
free_question (gpointer data)
{
  Question *self = data;

  g_free (self->hostname);
  g_free (self);
}

static PhDnsAnswer *
follow_on_worker (struct __res_state *state, const Question *question, GError **error)
{
  gint64 end_us = g_get_monotonic_time () + DEADLINE_S * G_USEC_PER_SEC;
  g_autofree char *hostname = g_strdup (question->hostname);

  for (guint i = 0; i <= MAX_ALIASES; i++) {
    g_autoptr (PhDnsAnswer) answer =
        ask_zone_on_worker (state, hostname, question->family, end_us, error);

    if (answer == NULL)
      return NULL;
    if (answer->alias == NULL)
      return g_steal_pointer (&answer);
    g_free (hostname);
    hostname = g_steal_pointer (&answer->alias);
  }
  fail (error, "the name leads from one alias to the next");
  return NULL;
}

static void
ask_on_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  struct __res_state state;
  GError *error = NULL;
  PhDnsAnswer *answer = NULL;

  if (open_resolver_on_worker (&state, &error)) {
    answer = follow_on_worker (&state, task_data, &error);
    res_nclose (&state);
  }
  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify)ph_dns_answer_free);
  else
    g_task_return_error (task, error);
}

void
ph_dns_ask_async (const char *hostname, GSocketFamily family, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Question *question = g_new0 (Question, 1);

  question->hostname = g_strdup (hostname);
  question->family = family;
  g_task_set_source_tag (task, ph_dns_ask_async);
  g_task_set_task_data (task, question, free_question);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, ask_on_worker);
}

PhDnsAnswer *
ph_dns_ask_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
