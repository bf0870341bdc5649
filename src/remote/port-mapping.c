/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/port-mapping.h"

#include <string.h>

#define LIFETIME_S 3600
/* A router that was restarted without a word has forgotten: each question puts that right. */
#define VERIFY_S 600
#define STOP_MS 1000
#define FIRST_PORT 20000
#define N_PORTS 40000

typedef struct {
  PhPortEntry public; /* first: what others see */
  PhPortMapping *owner;
  char *best; /* nullable: the first answer in this round that says something */
  PhMappingOutcome best_outcome;
  gboolean is_full_round; /* all protocols are tried, not just the one that worked */
  gboolean is_again_wanted; /* something changed while it was under way */
  gboolean is_busy;
  gboolean has_moved; /* from a low port that was not allowed */
  guint n_failures; /* rounds in a row */
  guint timer;
} Entry;

struct _PhPortMapping {
  GObject parent_instance;
  PhRouter *router;
  gulong restarted, address_changed;
  GPtrArray *records; /* element-type PhMappingRecord */
  GPtrArray *entries; /* element-type Entry */
  char *refusal; /* nullable */
  GCancellable *cancellable;
  guint n_removing;
};

G_DEFINE_FINAL_TYPE (PhPortMapping, ph_port_mapping, G_TYPE_OBJECT)

static void
free_entry (gpointer user_data)
{
  Entry *self = user_data;

  g_clear_handle_id (&self->timer, g_source_remove);
  for (guint i = 0; i < PH_N_MAPPING_PROTOCOLS; i++)
    g_free (self->public.answers[i]);
  g_clear_object (&self->public.external_address);
  g_free (self->public.said);
  g_free (self->public.conflict);
  g_free (self->best);
  g_free (self);
}

PhPortMapping *
ph_port_mapping_new (PhRouter *router)
{
  PhPortMapping *self = g_object_new (PH_TYPE_PORT_MAPPING, NULL);

  self->router = g_object_ref (router);
  self->records = ph_mapping_store_load ();
  return self;
}

static void
save (PhPortMapping *self)
{
  ph_mapping_store_save (self->records);
}

static const char *
get_ip_name (GSocketFamily family)
{
  return family == G_SOCKET_FAMILY_IPV4 ? "IPv4" : "IPv6";
}

/* Takes said. */
static void
set_state (Entry *self, PhPortState state, char *said)
{
  PhPortEntry *entry = &self->public;
  gboolean is_news = entry->state != state || g_strcmp0 (entry->said, said) != 0;

  entry->state = state;
  g_free (entry->said);
  entry->said = said;
  if (is_news && state != PH_PORT_TRYING)
    g_message ("port mapping of %s for %s: %s", entry->record->name,
        get_ip_name (entry->record->family), said);
}

/* Of which nothing is owned. */
static PhMappingRequest
make_request (const PhMappingRecord *record, const PhGateway *gateway, guint lifetime_s)
{
  PhMappingRequest request = { .gateway = (PhGateway *)gateway,
    .internal_port = record->internal_port,
    .external_port = record->external_port,
    .lifetime_s = lifetime_s,
    .has_pinhole = record->has_pinhole,
    .pinhole = record->pinhole };

  memcpy (request.nonce, record->nonce, sizeof request.nonce);
  return request;
}

static void begin_round (Entry *self);

static gboolean
on_next_due (gpointer user_data)
{
  Entry *self = user_data;

  self->timer = 0;
  begin_round (self);
  return G_SOURCE_REMOVE;
}

static void
schedule (Entry *self, guint after_ms)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add (after_ms, on_next_due, self);
  self->public.next_s = g_get_real_time () / G_USEC_PER_SEC + after_ms / 1000;
}

/* RFC 6887, section 11.2.1: not all at once after a power cut. */
static guint
find_renewal_ms (guint lifetime_s)
{
  guint half_ms = MIN (lifetime_s, LIFETIME_S) * 500;

  if (lifetime_s == 0)
    return VERIFY_S * 1000;
  half_ms += g_random_int_range (0, half_ms / 4 + 1);
  return CLAMP (half_ms, 500, VERIFY_S * 1000);
}

/* n_failures: at least 1. A table that is full gets no emptier by asking; but a router that has
 * just been started may say so, too. */
static guint
find_retry_ms (guint n_failures, PhMappingOutcome outcome)
{
  static const guint seconds[] = { 10, 30, 60, 120, 300, 900, 1800 };
  guint last = G_N_ELEMENTS (seconds);

  if (outcome == PH_MAPPING_FULL && n_failures > 1)
    n_failures = last;
  return seconds[MIN (n_failures, last) - 1] * 1000;
}

static char *
describe_open (Entry *self)
{
  const PhMappingRecord *record = self->public.record;
  g_autofree char *address = self->public.external_address != NULL
                                 ? g_inet_address_to_string (self->public.external_address)
                                 : g_strdup ("the router");
  const char *protocol = ph_mapping_protocol_get_name (self->public.protocol);

  if (record->family == G_SOCKET_FAMILY_IPV6)
    return g_strdup_printf (
        "port %u is open in the router's firewall, by %s", record->external_port, protocol);
  if (record->external_port == record->internal_port && self->public.conflict == NULL)
    return g_strdup_printf (
        "port %u of %s leads here, by %s", record->external_port, address, protocol);
  return g_strdup_printf ("port %u of %s leads here to port %u, by %s%s%s", record->external_port,
      address, record->internal_port, protocol, self->public.conflict != NULL ? "; " : "",
      self->public.conflict != NULL ? self->public.conflict : "");
}

/* An answer tells it once; those that renew what was granted then say no more of it. */
static void
note_conflict (PhPortEntry *entry, const PhMappingAnswer *answer)
{
  gboolean is_other = entry->record->external_port != entry->record->wished_port;

  if (strchr (answer->said, ';') == NULL && is_other)
    return;
  g_free (entry->conflict);
  entry->conflict = is_other ? g_strdup (answer->said) : NULL;
}

static void
take_open (Entry *self, const PhMappingAnswer *answer, const PhGateway *gateway)
{
  PhPortEntry *entry = &self->public;
  PhMappingRecord *record = entry->record;
  GInetAddress *address = answer->external_address != NULL || record->family == G_SOCKET_FAMILY_IPV6
                              ? answer->external_address
                              : ph_router_get_address (self->owner->router);

  g_set_object (&entry->external_address, address);
  entry->lifetime_s = answer->lifetime_s;
  self->n_failures = 0;
  entry->outcome = PH_MAPPING_DONE;
  g_free (record->router);
  record->router = g_inet_address_to_string (gateway->router);
  record->is_open = TRUE;
  record->protocol = entry->protocol;
  record->external_port = answer->external_port;
  record->has_pinhole = answer->has_pinhole;
  record->pinhole = answer->pinhole;
  record->until_s = answer->lifetime_s > 0 ? entry->answered_s + answer->lifetime_s : 0;
  save (self->owner);
  note_conflict (entry, answer);
  set_state (self, PH_PORT_OPEN, describe_open (self));
  schedule (self, find_renewal_ms (answer->lifetime_s));
}

static void
give_up_round (Entry *self)
{
  self->n_failures++;
  self->public.outcome = self->best != NULL ? self->best_outcome : PH_MAPPING_ABSENT;
  set_state (self, PH_PORT_CLOSED,
      g_strdup (self->best != NULL ? self->best
                : self->public.record->family == G_SOCKET_FAMILY_IPV4
                    ? "the router answers neither to PCP nor NAT-PMP nor UPnP"
                    : "the router answers neither to PCP, nor lets UPnP open IPv6"));
  schedule (self, find_retry_ms (self->n_failures, self->public.outcome));
}

static void ask (Entry *self);

static void
try_next_protocol (Entry *self)
{
  PhPortEntry *entry = &self->public;

  if (!self->is_full_round) { /* what worked before does no longer: from the beginning */
    self->is_full_round = TRUE;
    entry->protocol = PH_MAPPING_PCP;
    ask (self);
    return;
  }
  do
    entry->protocol++;
  while (entry->protocol < PH_N_MAPPING_PROTOCOLS &&
         !ph_router_has_protocol (entry->record->family, entry->protocol));
  if (entry->protocol < PH_N_MAPPING_PROTOCOLS) {
    ask (self);
    return;
  }
  entry->protocol = PH_MAPPING_PCP;
  give_up_round (self);
}

/* Always the same one for each installation. */
static guint
find_own_port (const PhMappingRecord *record)
{
  return FIRST_PORT + (record->nonce[0] << 8 | record->nonce[1]) % N_PORTS;
}

static void
take_failure (Entry *self, const PhMappingAnswer *answer)
{
  PhPortEntry *entry = &self->public;

  if (answer->outcome == PH_MAPPING_NOT_ALLOWED && entry->record->external_port < 1024 &&
      !self->has_moved) {
    self->has_moved = TRUE;
    entry->record->external_port = find_own_port (entry->record);
    ask (self);
    return;
  }
  if (self->best == NULL && answer->outcome != PH_MAPPING_ABSENT) {
    self->best = g_strdup (answer->said);
    self->best_outcome = answer->outcome;
  }
  try_next_protocol (self);
}

typedef struct {
  Entry *entry; /* may be gone, unless it is one of owner's */
  PhPortMapping *owner; /* reference */
  PhGateway *gateway;
} Question;

static void
free_question (Question *self)
{
  g_object_unref (self->owner);
  ph_gateway_free (self->gateway);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, free_question)

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  Entry *self = question->entry;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMappingAnswer) answer = ph_router_map_finish (PH_ROUTER (source), result, &error);

  if (answer == NULL || !g_ptr_array_find (question->owner->entries, self, NULL))
    return;
  self->is_busy = FALSE;
  self->public.answered_s = g_get_real_time () / G_USEC_PER_SEC;
  g_free (self->public.answers[self->public.protocol]);
  self->public.answers[self->public.protocol] = g_strdup (answer->said);
  g_debug ("%s: %s", ph_mapping_protocol_get_name (self->public.protocol), answer->said);
  if (self->is_again_wanted)
    begin_round (self);
  else if (answer->outcome == PH_MAPPING_DONE)
    take_open (self, answer, question->gateway);
  else
    take_failure (self, answer);
}

static void
ask (Entry *self)
{
  const PhMappingRecord *record = self->public.record;
  g_autoptr (GError) error = NULL;
  const PhGateway *gateway = ph_router_get_gateway (self->owner->router, record->family, &error);
  PhMappingRequest request = make_request (record, gateway, LIFETIME_S);
  Question *question = NULL;

  if (gateway == NULL) {
    self->public.outcome = PH_MAPPING_ABSENT;
    set_state (self, PH_PORT_CLOSED, g_strdup (error->message));
    self->public.next_s = 0;
    return;
  }
  question = g_new0 (Question, 1);
  question->entry = self;
  question->owner = g_object_ref (self->owner);
  question->gateway = ph_gateway_copy (gateway);
  self->is_busy = TRUE;
  ph_router_map_async (self->owner->router, self->public.protocol, &request,
      self->owner->cancellable, on_answered, question);
}

static void
begin_round (Entry *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->is_again_wanted = self->is_busy;
  if (self->is_busy)
    return;
  g_clear_pointer (&self->best, g_free);
  self->has_moved = FALSE;
  self->is_full_round = self->public.state != PH_PORT_OPEN;
  if (self->is_full_round)
    self->public.protocol = PH_MAPPING_PCP;
  ask (self);
}

static void
on_restarted (PhRouter *router, PhPortMapping *self)
{
  for (guint i = 0; i < self->entries->len; i++) {
    Entry *entry = g_ptr_array_index (self->entries, i);

    entry->n_failures = 0;
    begin_round (entry);
  }
}

/* Known by another way than the answer to a mapping: then that is of before. */
static void
on_address_changed (PhRouter *router, PhPortMapping *self)
{
  GInetAddress *address = ph_router_get_address (router);

  for (guint i = 0; i < self->entries->len && address != NULL; i++) {
    Entry *entry = g_ptr_array_index (self->entries, i);

    if (!entry->is_busy && entry->public.state == PH_PORT_OPEN &&
        entry->public.record->family == G_SOCKET_FAMILY_IPV4 &&
        entry->public.external_address != NULL &&
        !g_inet_address_equal (entry->public.external_address, address))
      begin_round (entry);
  }
}

typedef struct {
  PhPortMapping *owner; /* reference */
  PhMappingRecord *record; /* owner's */
} Removal;

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Removal *removal = user_data;
  g_autoptr (PhPortMapping) self = removal->owner;
  g_autoptr (PhMappingAnswer) answer = ph_router_map_finish (PH_ROUTER (source), result, NULL);

  self->n_removing--;
  if (answer == NULL)
    return;
  if (answer->outcome == PH_MAPPING_DONE) {
    removal->record->is_open = FALSE;
    removal->record->has_pinhole = FALSE;
    save (self);
  }
  g_debug (
      "port %u is taken away from the router: %s", removal->record->external_port, answer->said);
}

/* From another router it is not ours to take away: it is in another house. */
static void
maybe_remove (PhPortMapping *self, PhMappingRecord *record)
{
  const PhGateway *gateway = ph_router_get_gateway (self->router, record->family, NULL);
  g_autofree char *router = gateway != NULL ? g_inet_address_to_string (gateway->router) : NULL;
  PhMappingRequest request = make_request (record, gateway, 0);
  Removal *removal = NULL;

  if (!record->is_open || gateway == NULL || g_strcmp0 (router, record->router) != 0)
    return;
  removal = g_new0 (Removal, 1);
  removal->owner = g_object_ref (self);
  removal->record = record;
  self->n_removing++;
  ph_router_map_async (self->router, record->protocol, &request, NULL, on_removed, removal);
}

/* IPv6 knows no translation, so nothing to be wished. */
static PhMappingRecord *
ensure_record (PhPortMapping *self, const PhPortWish *wish, GSocketFamily family)
{
  gboolean is_same = wish->external_port == 0 || family == G_SOCKET_FAMILY_IPV6;
  guint wished = is_same ? wish->port : wish->external_port;
  PhMappingRecord *record = NULL;

  for (guint i = 0; i < self->records->len; i++) {
    record = g_ptr_array_index (self->records, i);
    if (g_str_equal (record->name, wish->name) && record->family == family &&
        record->internal_port == wish->port && record->wished_port == wished)
      return record;
  }
  record = ph_mapping_record_new (wish->name, family, wish->port, wished);
  g_ptr_array_add (self->records, record);
  return record;
}

/* NULL: there is none. */
static Entry *
find_entry (PhPortMapping *self, const PhMappingRecord *record)
{
  for (guint i = 0; i < self->entries->len; i++) {
    Entry *entry = g_ptr_array_index (self->entries, i);

    if (entry->public.record == record)
      return entry;
  }
  return NULL;
}

gboolean
ph_port_mapping_has_leftovers (PhPortMapping *self)
{
  for (guint i = 0; i < self->records->len; i++)
    if (((PhMappingRecord *)g_ptr_array_index (self->records, i))->is_open)
      return TRUE;
  return FALSE;
}

static void
remove_leftovers (PhPortMapping *self)
{
  for (guint i = 0; i < self->records->len; i++) {
    PhMappingRecord *record = g_ptr_array_index (self->records, i);

    if (find_entry (self, record) == NULL)
      maybe_remove (self, record);
  }
}

static void
ensure_entry (PhPortMapping *self, GPtrArray *before, const PhPortWish *wish, GSocketFamily family)
{
  PhMappingRecord *record = ensure_record (self, wish, family);
  Entry *entry = NULL;

  for (guint i = 0; i < before->len && entry == NULL; i++)
    if (((Entry *)g_ptr_array_index (before, i))->public.record == record)
      entry = g_ptr_array_steal_index (before, i);
  if (entry == NULL && find_entry (self, record) == NULL) {
    entry = g_new0 (Entry, 1);
    entry->owner = self;
    entry->public.record = record;
    entry->public.said = g_strdup ("the router is being asked");
  }
  if (entry != NULL)
    g_ptr_array_add (self->entries, entry);
}

static GPtrArray *
take_entries (PhPortMapping *self)
{
  GPtrArray *before = g_steal_pointer (&self->entries);

  self->entries = g_ptr_array_new_with_free_func (free_entry);
  return before;
}

void
ph_port_mapping_open (PhPortMapping *self, const PhPortWish *wishes)
{
  g_autoptr (GPtrArray) before = take_entries (self);

  g_clear_pointer (&self->refusal, g_free);
  for (; wishes->name != NULL; wishes++) {
    ensure_entry (self, before, wishes, G_SOCKET_FAMILY_IPV4);
    ensure_entry (self, before, wishes, G_SOCKET_FAMILY_IPV6);
  }
  remove_leftovers (self);
  if (self->restarted == 0) {
    self->restarted = g_signal_connect (self->router, "restarted", G_CALLBACK (on_restarted), self);
    self->address_changed =
        g_signal_connect (self->router, "address-changed", G_CALLBACK (on_address_changed), self);
  }
  for (guint i = 0; i < self->entries->len; i++) {
    Entry *entry = g_ptr_array_index (self->entries, i);

    if (entry->public.state == PH_PORT_TRYING && !entry->is_busy)
      begin_round (entry);
  }
}

void
ph_port_mapping_refuse (PhPortMapping *self, const char *why)
{
  g_autoptr (GPtrArray) before G_GNUC_UNUSED = take_entries (self);

  if (why != NULL && g_strcmp0 (why, self->refusal) != 0)
    g_warning ("no port is opened at the router: %s", why);
  g_free (self->refusal);
  self->refusal = g_strdup (why);
  remove_leftovers (self);
}

static gboolean
on_stop_over (gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
  return G_SOURCE_REMOVE;
}

void
ph_port_mapping_stop (PhPortMapping *self)
{
  gboolean is_over = FALSE;
  guint timer = 0;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  g_clear_signal_handler (&self->restarted, self->router);
  g_clear_signal_handler (&self->address_changed, self->router);
  g_cancellable_cancel (self->cancellable);
  g_ptr_array_set_size (self->entries, 0);
  for (guint i = 0; i < self->records->len; i++)
    maybe_remove (self, g_ptr_array_index (self->records, i));
  timer = g_timeout_add (STOP_MS, on_stop_over, &is_over);
  while (self->n_removing > 0 && !is_over)
    g_main_context_iteration (NULL, TRUE);
  if (!is_over)
    g_source_remove (timer);
}

GPtrArray *
ph_port_mapping_get_entries (PhPortMapping *self)
{
  return self->entries;
}

const char *
ph_port_mapping_get_refusal (PhPortMapping *self)
{
  return self->refusal;
}

void
ph_port_mapping_verify (PhPortMapping *self)
{
  for (guint i = 0; i < self->entries->len; i++) {
    Entry *entry = g_ptr_array_index (self->entries, i);

    if (!entry->is_busy)
      begin_round (entry);
  }
}

gboolean
ph_port_mapping_is_busy (PhPortMapping *self)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (((Entry *)g_ptr_array_index (self->entries, i))->is_busy)
      return TRUE;
  return FALSE;
}

static void
ph_port_mapping_init (PhPortMapping *self)
{
  self->entries = g_ptr_array_new_with_free_func (free_entry);
  self->cancellable = g_cancellable_new ();
}

static void
ph_port_mapping_finalize (GObject *object)
{
  PhPortMapping *self = PH_PORT_MAPPING (object);

  g_clear_signal_handler (&self->restarted, self->router);
  g_clear_signal_handler (&self->address_changed, self->router);
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->records);
  g_object_unref (self->cancellable);
  g_object_unref (self->router);
  g_free (self->refusal);
  G_OBJECT_CLASS (ph_port_mapping_parent_class)->finalize (object);
}

static void
ph_port_mapping_class_init (PhPortMappingClass *class)
{
  G_OBJECT_CLASS (class)->finalize = ph_port_mapping_finalize;
}
