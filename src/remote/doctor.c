/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/doctor.h"

#include "build-config.h"
#include "remote/address.h"
#include "remote/dns.h"
#include "remote/hop.h"

#include <stdio.h>
#include <string.h>

#define DEADLINE_MS 15000
#define CONNECT_S 4
#define TICK_MS 200
#define STABLE_BYTES 8 /* of an IPv6 address: its network's */

struct _PhDoctor {
  PhRemote *remote;
  PhDoctorOwner owner;
  PhDoctorFacts *facts; /* NULL: there was no run yet */
  PhDoctorStep steps[PH_DOCTOR_N_STEPS];
  guint done; /* PH_PROBE_… */
  GCancellable *cancellable; /* NULL: nothing is under way */
  PhEcho *echo; /* nullable */
  guint n_look_ups; /* of names, under way */
  guint deadline, tick;
  gboolean is_hairpin_tried;
  gint64 finished_at;
};

/* One question under way. self is gone once cancellable is cancelled. */
typedef struct {
  PhDoctor *self;
  GCancellable *cancellable;
  guint probe;
  guint index; /* of the name */
} Question;

static Question *
begin (PhDoctor *self, guint probe)
{
  Question *question = g_new0 (Question, 1);

  *question = (Question){ self, g_object_ref (self->cancellable), probe, 0 };
  return question;
}

static void
free_question (Question *self)
{
  g_object_unref (self->cancellable);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, free_question)

static void
stop (PhDoctor *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->echo, ph_echo_free);
  g_clear_handle_id (&self->deadline, g_source_remove);
  g_clear_handle_id (&self->tick, g_source_remove);
}

/* ---- steps as they come ---------------------------------------------------------------------- */

static void
judge_what_can_be (PhDoctor *self)
{
  for (guint i = 0; i < PH_DOCTOR_N_STEPS; i++)
    if (!self->steps[i].is_judged && (ph_doctor_step_get_needs (i) & ~self->done) == 0)
      ph_doctor_judge (self->facts, self->steps, i);
}

static void maybe_try_hairpin (PhDoctor *self);

static void
note (PhDoctor *self, guint probe)
{
  self->done |= probe;
  if (probe != PH_PROBE_HAIRPIN)
    maybe_try_hairpin (self);
  judge_what_can_be (self);
  if (self->done == PH_PROBE_ALL) {
    stop (self);
    self->finished_at = g_get_real_time () / G_USEC_PER_SEC;
  }
  self->owner.changed (self->owner.user_data);
}

static gboolean
on_deadline (gpointer user_data)
{
  PhDoctor *self = user_data;

  self->deadline = 0;
  stop (self);
  note (self, PH_PROBE_ALL);
  return G_SOURCE_REMOVE;
}

/* ---- connections ----------------------------------------------------------------------------- */

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  PhDoctor *self = question->self;
  PhFact fact = connection != NULL ? PH_FACT_YES : PH_FACT_NO;

  if (g_cancellable_is_cancelled (question->cancellable))
    return;
  if (question->probe == PH_PROBE_HAIRPIN) {
    self->facts->hairpin = fact;
  } else {
    self->facts->answers = fact;
    self->facts->why_no_answer = error != NULL ? g_strdup (error->message) : NULL;
  }
  note (self, question->probe);
}

static void
try_connect (PhDoctor *self, GInetAddress *address, guint port, guint probe)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) peer = g_inet_socket_address_new (address, port);

  g_socket_client_set_timeout (client, CONNECT_S);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_async (
      client, G_SOCKET_CONNECTABLE (peer), self->cancellable, on_connected, begin (self, probe));
}

static void
try_own (PhDoctor *self)
{
  GInetAddress *address = self->facts->self != NULL ? self->facts->self : self->facts->self_ipv6;

  if (self->facts->is_running && !self->facts->is_loopback && address != NULL &&
      self->facts->https_port != 0)
    try_connect (self, address, self->facts->https_port, PH_PROBE_OWN);
  else
    note (self, PH_PROBE_OWN);
}

static void
maybe_try_hairpin (PhDoctor *self)
{
  static const guint needs = PH_PROBE_WEB | PH_PROBE_ROUTER | PH_PROBE_MAPPING;
  GInetAddress *address = NULL;
  guint port = 0;

  if (self->is_hairpin_tried || (self->done & needs) != needs || self->cancellable == NULL)
    return;
  self->is_hairpin_tried = TRUE;
  address = ph_doctor_facts_get_public (self->facts);
  port = ph_doctor_facts_get_port (self->facts);
  if (address != NULL && port != 0)
    try_connect (self, address, port, PH_PROBE_HAIRPIN);
  else
    self->done |= PH_PROBE_HAIRPIN;
}

/* ---- outside --------------------------------------------------------------------------------- */

static void
on_echoed (gpointer user_data)
{
  PhDoctor *self = user_data;
  PhDoctorFacts *facts = self->facts;
  GPtrArray *answers = ph_echo_get_answers (self->echo);

  for (guint i = 0; i < answers->len; i++) {
    const PhEchoAnswer *answer = g_ptr_array_index (answers, i);

    facts->n_addresses += answer->address != NULL;
    facts->n_answers += answer->has_answered;
    if (answer->address == NULL && facts->echo_said == NULL)
      facts->echo_said = g_strdup_printf ("%s, %s", answer->url, answer->said);
  }
  g_set_object (&facts->web, ph_echo_get_address (self->echo));
  note (self, PH_PROBE_WEB);
}

static void
ask_web (PhDoctor *self, const char *const *sources, const char *ca_file)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) urls = NULL;

  for (; *sources != NULL; sources++)
    if (strstr (*sources, "://") != NULL)
      g_strv_builder_add (builder, *sources);
  urls = g_strv_builder_end (builder);
  self->facts->n_echoes = g_strv_length (urls);
  if (urls[0] == NULL) {
    note (self, PH_PROBE_WEB);
    return;
  }
  self->echo = ph_echo_new ((const char *const *)urls, ca_file, on_echoed, self);
  ph_echo_ask (self->echo);
}

/* ---- the router ------------------------------------------------------------------------------ */

/* /proc/net/arp, see proc(5). */
static PhFact
find_neighbour (GInetAddress *address)
{
  g_autofree char *table = NULL, *text = g_inet_address_to_string (address);
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/net/arp", &table, NULL, NULL))
    return PH_FACT_UNKNOWN;
  lines = g_strsplit (table, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    char ip[64];
    unsigned type, flags;

    if (sscanf (*line, "%63s 0x%x 0x%x", ip, &type, &flags) == 3 && g_str_equal (ip, text))
      return (flags & 2) != 0 ? PH_FACT_YES : PH_FACT_NO;
  }
  return PH_FACT_UNKNOWN;
}

/* What the router tells may come by the way of a mapping as well. */
static void
take_router (PhDoctor *self)
{
  PhRouter *router = ph_remote_get_router (self->remote);
  GInetAddress *address = ph_router_get_address (router);

  g_set_object (&self->facts->router_address, address);
  g_free (self->facts->router_protocol);
  self->facts->router_protocol =
      address != NULL
          ? g_strdup (ph_mapping_protocol_get_name (ph_router_get_address_protocol (router)))
          : NULL;
  g_free (self->facts->router_said);
  self->facts->router_said = g_strdup (ph_router_get_address_words (router));
  if (self->facts->gateway != NULL)
    self->facts->has_neighbour = find_neighbour (self->facts->gateway);
}

static void
on_router_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  G_GNUC_UNUSED g_autoptr (PhMappingAnswer) answer =
      ph_router_ask_address_finish (PH_ROUTER (source), result, NULL);

  if (g_cancellable_is_cancelled (question->cancellable))
    return;
  take_router (question->self);
  note (question->self, PH_PROBE_ROUTER);
}

static void
on_hop_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GInetAddress) hop = ph_hop_find_finish (result, NULL);

  if (g_cancellable_is_cancelled (question->cancellable))
    return;
  g_set_object (&question->self->facts->hop, hop);
  note (question->self, PH_PROBE_HOP);
}

static void
ask_router (PhDoctor *self)
{
  PhRouter *router = ph_remote_get_router (self->remote);

  if (self->facts->gateway == NULL) {
    note (self, PH_PROBE_ROUTER | PH_PROBE_HOP);
    return;
  }
  ph_router_ask_address_async (
      router, self->cancellable, on_router_answered, begin (self, PH_PROBE_ROUTER));
  ph_hop_find_async (
      self->facts->gateway, self->cancellable, on_hop_found, begin (self, PH_PROBE_HOP));
}

static void
look_at_ways_out (PhDoctor *self)
{
  PhRouter *router = ph_remote_get_router (self->remote);
  PhDoctorFacts *facts = self->facts;
  g_autoptr (GError) error = NULL;
  const PhGateway *gateway = NULL;

  ph_router_start (router);
  gateway = ph_router_get_gateway (router, G_SOCKET_FAMILY_IPV4, &error);
  if (gateway != NULL) {
    g_set_object (&facts->gateway, gateway->router);
    g_set_object (&facts->self, gateway->self);
    g_strlcpy (facts->interface, gateway->interface, sizeof facts->interface);
  } else {
    facts->why_no_gateway = g_strdup (error->message);
    facts->self = ph_gateway_find_ipv4_source ();
  }
  facts->self_ipv6 = ph_gateway_find_stable_ipv6 (NULL);
}

/* ---- the port at the router ------------------------------------------------------------------ */

static void
take_ports (PhDoctor *self)
{
  GPtrArray *entries = ph_port_mapping_get_entries (ph_remote_get_port_mapping (self->remote));

  g_ptr_array_set_size (self->facts->ports, 0);
  for (guint i = 0; i < entries->len; i++) {
    const PhPortEntry *entry = g_ptr_array_index (entries, i);
    PhDoctorPort *port = NULL;

    if (!g_str_equal (entry->record->name, "https"))
      continue;
    port = ph_doctor_facts_add_port (self->facts);
    port->is_ipv6 = entry->record->family == G_SOCKET_FAMILY_IPV6;
    port->state = entry->state;
    port->outcome = entry->outcome;
    port->internal_port = entry->record->internal_port;
    port->wished_port = entry->record->wished_port;
    port->external_port = entry->record->external_port;
    port->said = g_strdup (entry->said);
    port->natpmp_said = g_strdup (entry->answers[PH_MAPPING_NATPMP]);
  }
}

static gboolean
on_tick (gpointer user_data)
{
  PhDoctor *self = user_data;

  if (ph_port_mapping_is_busy (ph_remote_get_port_mapping (self->remote)))
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  take_ports (self);
  take_router (self);
  note (self, PH_PROBE_MAPPING);
  return G_SOURCE_REMOVE;
}

/* What stands is verified by asking for it once more. */
static void
ask_for_port (PhDoctor *self)
{
  PhPortMapping *mapping = ph_remote_get_port_mapping (self->remote);

  if (ph_port_mapping_get_entries (mapping)->len == 0) {
    note (self, PH_PROBE_MAPPING);
    return;
  }
  ph_port_mapping_verify (mapping);
  self->tick = g_timeout_add (TICK_MS, on_tick, self);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Each name is looked up three times: by the system, and at its zone's own name servers for each
 * family, whose word counts more. */
#define LOOK_UPS 3

static PhDoctorName *
get_name (const Question *question)
{
  return g_ptr_array_index (question->self->facts->names, question->index);
}

static void
note_look_up (PhDoctor *self)
{
  if (--self->n_look_ups == 0)
    note (self, PH_PROBE_NAMES);
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  GList *addresses =
      g_resolver_lookup_by_name_with_flags_finish (G_RESOLVER (source), result, &error);

  if (!g_cancellable_is_cancelled (question->cancellable)) {
    PhDoctorName *name = get_name (question);

    for (GList *link = addresses; link != NULL && !name->is_first_hand; link = link->next)
      g_ptr_array_add (name->addresses, g_object_ref (link->data));
    if (!name->is_first_hand || name->resolves != PH_FACT_YES)
      name->resolves = addresses != NULL ? PH_FACT_YES : PH_FACT_NO;
    name->why_not = error != NULL ? g_strdup (error->message) : NULL;
    note_look_up (question->self);
  }
  g_resolver_free_addresses (addresses);
}

static void
take_first_hand (PhDoctorName *name, GPtrArray *addresses)
{
  if (!name->is_first_hand)
    g_ptr_array_set_size (name->addresses, 0);
  name->is_first_hand = TRUE;
  name->resolves = PH_FACT_YES;
  for (guint i = 0; i < addresses->len; i++)
    g_ptr_array_add (name->addresses, g_object_ref (g_ptr_array_index (addresses, i)));
}

/* A family that the name has no address of says nothing of the other one. */
static void
on_asked_first_hand (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (PhDnsAnswer) answer = ph_dns_ask_finish (result, NULL);

  if (g_cancellable_is_cancelled (question->cancellable))
    return;
  if (answer != NULL && answer->addresses->len > 0)
    take_first_hand (get_name (question), answer->addresses);
  note_look_up (question->self);
}

static Question *
begin_look_up (PhDoctor *self, guint index)
{
  Question *question = begin (self, PH_PROBE_NAMES);

  question->index = index;
  return question;
}

static void
look_names_up (PhDoctor *self)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GPtrArray *names = self->facts->names;

  self->n_look_ups = names->len * LOOK_UPS;
  for (guint i = 0; i < names->len; i++) {
    const char *hostname = ((PhDoctorName *)g_ptr_array_index (names, i))->hostname;

    g_resolver_lookup_by_name_with_flags_async (resolver, hostname,
        G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT, self->cancellable, on_looked_up,
        begin_look_up (self, i));
    ph_dns_ask_async (hostname, G_SOCKET_FAMILY_IPV4, self->cancellable, on_asked_first_hand,
        begin_look_up (self, i));
    ph_dns_ask_async (hostname, G_SOCKET_FAMILY_IPV6, self->cancellable, on_asked_first_hand,
        begin_look_up (self, i));
  }
  if (names->len == 0)
    note (self, PH_PROBE_NAMES);
}

/* ---- a run ----------------------------------------------------------------------------------- */

PhDoctor *
ph_doctor_new (PhRemote *remote, const PhDoctorOwner *owner)
{
  PhDoctor *self = g_new0 (PhDoctor, 1);

  self->remote = remote;
  self->owner = *owner;
  return self;
}

static void
forget (PhDoctor *self)
{
  stop (self);
  g_clear_pointer (&self->facts, ph_doctor_facts_free);
  for (guint i = 0; i < PH_DOCTOR_N_STEPS; i++)
    ph_doctor_step_clear (&self->steps[i]);
  self->done = 0;
  self->is_hairpin_tried = FALSE;
}

void
ph_doctor_free (PhDoctor *self)
{
  forget (self);
  g_free (self);
}

void
ph_doctor_start (PhDoctor *self, const char *const *sources, const char *ca_file)
{
  if (ph_doctor_is_running (self))
    return;
  forget (self);
  self->facts = ph_doctor_facts_new ();
  self->facts->now = g_get_real_time () / G_USEC_PER_SEC;
  self->facts->released = PH_RELEASED;
  self->cancellable = g_cancellable_new ();
  self->deadline = g_timeout_add (DEADLINE_MS, on_deadline, self);
  self->owner.fill (self->facts, self->owner.user_data);
  look_at_ways_out (self);
  note (self, PH_PROBE_SERVER);
  try_own (self);
  ask_for_port (self);
  ask_router (self);
  ask_web (self, sources, ca_file);
  look_names_up (self);
}

gboolean
ph_doctor_is_running (PhDoctor *self)
{
  return self->cancellable != NULL;
}

gint64
ph_doctor_get_finished_at (PhDoctor *self)
{
  return self->finished_at;
}

void
ph_doctor_note_visit (PhDoctor *self)
{
  static const guint affected[] = { PH_DOCTOR_VERDICT - 1, PH_DOCTOR_VERDICT };

  if (self->facts == NULL)
    return;
  self->facts->now = g_get_real_time () / G_USEC_PER_SEC;
  g_clear_object (&self->facts->visitor);
  self->owner.fill_visitor (self->facts, self->owner.user_data);
  for (gsize i = 0; i < G_N_ELEMENTS (affected); i++)
    if (self->steps[affected[i]].is_judged)
      ph_doctor_judge (self->facts, self->steps, affected[i]);
}

const PhDoctorStep *
ph_doctor_get_steps (PhDoctor *self)
{
  return self->steps;
}

/* A name that certainly leads here, else the address. */
static char *
find_best_host (const PhDoctorFacts *facts)
{
  GInetAddress *address = ph_doctor_facts_get_public (facts);

  for (guint i = 0; i < facts->names->len; i++) {
    const PhDoctorName *name = g_ptr_array_index (facts->names, i);

    if (name->is_served && name->resolves == PH_FACT_YES)
      return g_strdup (name->hostname);
  }
  return address != NULL ? g_inet_address_to_string (address) : NULL;
}

char *
ph_doctor_make_base_url (PhDoctor *self)
{
  g_autofree char *host = self->facts != NULL ? find_best_host (self->facts) : NULL;
  guint port = self->facts != NULL ? ph_doctor_facts_get_port (self->facts) : 0;

  return host != NULL && port != 0 ? g_strdup_printf ("https://%s:%u", host, port) : NULL;
}

static gboolean
has_same_network (GInetAddress *a, GInetAddress *b)
{
  return g_inet_address_get_family (a) == G_SOCKET_FAMILY_IPV6 &&
         g_inet_address_get_family (b) == G_SOCKET_FAMILY_IPV6 &&
         memcmp (g_inet_address_to_bytes (a), g_inet_address_to_bytes (b), STABLE_BYTES) == 0;
}

/* Who calls the public address from inside seems to come from it, or from the router. */
gboolean
ph_doctor_is_inside (PhDoctor *self, GInetAddress *peer)
{
  GInetAddress *public = self->facts != NULL ? ph_doctor_facts_get_public (self->facts) : NULL;
  g_autoptr (GInetAddress) own = ph_gateway_find_stable_ipv6 (NULL);

  return ph_address_classify (peer) != PH_ADDRESS_PUBLIC ||
         (public != NULL && g_inet_address_equal (peer, public)) ||
         (own != NULL && has_same_network (peer, own));
}
