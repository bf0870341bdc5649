/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns.h"

#include "base/error.h"
#include "build-config.h"
#include "remote/address.h"
#include "remote/ddns-call.h"
#include "remote/ddns-metrics.h"
#include "remote/ddns-report.h"
#include "remote/ddns-rules.h"

#define DAY 86400
#define SETTLE 1 /* seconds: IPv4 and IPv6 often change together */
#define LONGEST_SLEEP 60 /* seconds; timers do not see the time a machine was asleep */

typedef struct {
  const PhDdnsAccount *account;
  PhDdnsState *states[PH_N_FAMILIES]; /* NULL: not asked for */
} Name;

struct _PhDdns {
  PhDdnsAccounts *accounts;
  PhDdnsHttp *http;
  char *folder;
  PhClock clock;
  gint64 offset; /* from the time since boot to that of the states */
  GPtrArray *names; /* element-type Name */
  GHashTable *free_at; /* PhDdnsProvider -> gint64: when it may be called again */
  gint64 settled_at;
  guint timer;
  GCancellable *cancellable;

  /* the one call under way, if there is any */
  PhDdnsCall *call; /* nullable */
  Name *called[100]; /* of each account of call's task */

  PhDdnsLookup lookup; /* of NULLs: nothing is looked up */
  Name *looked; /* nullable: the one that DNS is asked about now */
  PhFamily looked_family;
};

static void
free_name (gpointer data)
{
  Name *name = data;

  for (PhFamily family = 0; family < PH_N_FAMILIES; family++)
    g_clear_pointer (&name->states[family], ph_ddns_state_free);
  g_free (name);
}

/* It never goes back and counts sleep, unlike the wall clock. */
static gint64
get_now (PhDdns *self)
{
  return self->clock.get_boot (self->clock.user_data) + self->offset;
}

static gint64
get_wall (PhDdns *self)
{
  return self->clock.get_wall (self->clock.user_data);
}

/* 0: the clock cannot be right. */
static gint64
get_trusted_wall (PhDdns *self)
{
  gint64 wall = get_wall (self);

  return wall >= PH_RELEASED && wall >= get_now (self) - DAY ? wall : 0;
}

/* A clock that lies before what was written last, or before this program was made, is wrong: time
 * goes on from there then, and every wait is waited in full. */
static void
set_offset (PhDdns *self)
{
  gint64 start = MAX (get_wall (self), PH_RELEASED);

  for (guint i = 0; i < self->names->len; i++) {
    const Name *name = g_ptr_array_index (self->names, i);

    for (PhFamily family = 0; family < PH_N_FAMILIES; family++)
      if (name->states[family] != NULL)
        start = MAX (start, name->states[family]->saved_at);
  }
  self->offset = start - self->clock.get_boot (self->clock.user_data);
}

static Name *
load_name (PhDdns *self, const PhDdnsAccount *account)
{
  Name *name = g_new0 (Name, 1);

  name->account = account;
  for (PhFamily family = 0; family < PH_N_FAMILIES; family++) {
    if (!account->has_family[family])
      continue;
    name->states[family] = ph_ddns_state_load (self->folder, account, family);
    g_clear_pointer (&name->states[family]->wanted, g_free);
  }
  return name;
}

PhDdns *
ph_ddns_new (PhDdnsAccounts *accounts, PhDdnsHttp *http, const char *folder, const PhClock *clock)
{
  PhDdns *self = g_new0 (PhDdns, 1);

  self->accounts = accounts;
  self->http = http;
  self->folder = g_strdup (folder);
  self->clock = *clock;
  self->cancellable = g_cancellable_new ();
  self->free_at = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->names = g_ptr_array_new_with_free_func (free_name);
  for (guint i = 0; i < accounts->list->len; i++)
    g_ptr_array_add (self->names, load_name (self, g_ptr_array_index (accounts->list, i)));
  set_offset (self);
  return self;
}

const char *
ph_ddns_get_folder (PhDdns *self)
{
  return self->folder;
}

void
ph_ddns_free (PhDdns *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->call, ph_ddns_call_free);
  ph_ddns_http_free (self->http);
  g_hash_table_unref (self->free_at);
  g_ptr_array_unref (self->names);
  ph_ddns_accounts_free (self->accounts);
  g_free (self->folder);
  g_free (self);
}

/* A disk that is full is no reason to let a name point nowhere. */
static void
save (PhDdns *self, Name *name, PhFamily family)
{
  g_autoptr (GError) error = NULL;

  if (!ph_ddns_state_save (
          name->states[family], self->folder, name->account, family, get_now (self), &error))
    g_warning ("%s: its state will be lost at the next start: %s", name->account->hostname,
        error->message);
}

static double
make_jitter (void)
{
  return g_random_double_range (-1, 1);
}

static gboolean
is_published (const PhDdnsState *state)
{
  return state->wanted != NULL && g_strcmp0 (state->wanted, state->accepted) == 0;
}

static void
log_outcome (PhDdns *self, const Name *name, PhFamily family, const PhDdnsOutcome *outcome)
{
  const PhDdnsState *state = name->states[family];
  const PhDdnsAccount *account = name->account;
  g_autofree char *next =
      ph_ddns_report_describe_next (account, state, get_now (self), get_trusted_wall (self));

  if (!is_published (state))
    g_warning ("%s: %s did not take %s: %s; %s", account->hostname, account->provider->name,
        state->wanted, outcome->answer, next);
  else if (state->n_unchanged > 1)
    g_warning ("%s: %s says again that %s is nothing new, so what Porthole remembers was wrong; "
               "it is not sent again for a day",
        account->hostname, account->provider->name, state->accepted);
  else
    g_message ("%s is %s now: %s, %s", account->hostname, state->accepted, account->provider->name,
        outcome->answer);
}

static gboolean
is_carried (const PhDdnsCall *call, const Name *name, PhFamily family)
{
  return name->states[family] != NULL && call->task.address[family] != NULL &&
         (ph_ddns_account_is_joint (name->account) || call->task.family == family);
}

static void
conclude (PhDdns *self)
{
  g_autoptr (PhDdnsCall) call = g_steal_pointer (&self->call);
  double jitter = make_jitter ();

  for (guint i = 0; i < call->task.n_accounts; i++) {
    Name *name = self->called[i];

    for (PhFamily family = 0; family < PH_N_FAMILIES; family++) {
      if (!is_carried (call, name, family))
        continue;
      g_free (name->states[family]->record);
      name->states[family]->record = g_strdup (call->record);
      ph_ddns_rules_note_outcome (name->states[family], name->account->provider, &call->outcomes[i],
          call->task.address[family], get_now (self), jitter);
      save (self, name, family);
      log_outcome (self, name, family, &call->outcomes[i]);
    }
  }
}

static void on_reply (const PhDdnsReply *reply, gpointer user_data);

static void
take_step (PhDdns *self, const PhDdnsReply *reply)
{
  PhDdnsRequest *request = ph_ddns_call_next (self->call, reply);

  if (request != NULL) {
    ph_ddns_http_send (self->http, request, self->cancellable, on_reply, self);
    return;
  }
  conclude (self);
  ph_ddns_wake (self);
}

static void
on_reply (const PhDdnsReply *reply, gpointer user_data)
{
  take_step (user_data, reply);
}

/* NULL: there is none, or the family is stopped. Owned by name. */
static const char *
get_address (const Name *name, PhFamily family)
{
  const PhDdnsState *state = name->states[family];

  return state != NULL && !state->is_stopped ? state->wanted : NULL;
}

static gint64
find_due (PhDdns *self, const Name *name, PhFamily family)
{
  const PhDdnsProvider *provider = name->account->provider;
  const gint64 *free_at = g_hash_table_lookup (self->free_at, provider);
  gint64 due = PH_DDNS_NEVER;

  if (name->states[family] == NULL)
    return PH_DDNS_NEVER;
  ph_ddns_rules_find_next (
      name->states[family], provider, get_now (self), get_trusted_wall (self), &due);
  if (due == PH_DDNS_NEVER)
    return PH_DDNS_NEVER;
  return MAX (MAX (due, self->settled_at), free_at != NULL ? *free_at : 0);
}

static gboolean
goes_with (PhDdns *self, const Name *first, const Name *other, PhFamily family)
{
  if (!ph_ddns_account_shares_call (first->account, other->account) ||
      find_due (self, other, family) > get_now (self))
    return FALSE;
  for (PhFamily i = 0; i < PH_N_FAMILIES; i++)
    if (g_strcmp0 (get_address (first, i), get_address (other, i)) != 0)
      return FALSE;
  return TRUE;
}

static guint
collect (PhDdns *self, Name *first, PhFamily family, const PhDdnsAccount **accounts)
{
  guint n = 0, max = MIN (first->account->provider->max_hosts, G_N_ELEMENTS (self->called));

  self->called[n] = first;
  accounts[n++] = first->account;
  for (guint i = 0; i < self->names->len && n < max; i++) {
    Name *other = g_ptr_array_index (self->names, i);

    if (other == first || !goes_with (self, first, other, family))
      continue;
    self->called[n] = other;
    accounts[n++] = other->account;
  }
  return n;
}

static void
note_call (PhDdns *self)
{
  const PhDdnsProvider *provider = self->call->task.accounts[0]->provider;
  gint64 *free_at = g_new (gint64, 1);
  double jitter = make_jitter ();

  *free_at = get_now (self) + provider->spacing;
  g_hash_table_insert (self->free_at, (gpointer)provider, free_at);
  for (guint i = 0; i < self->call->task.n_accounts; i++) {
    Name *name = self->called[i];

    for (PhFamily family = 0; family < PH_N_FAMILIES; family++) {
      if (!is_carried (self->call, name, family))
        continue;
      ph_ddns_rules_note_call (name->states[family], get_now (self), jitter);
      save (self, name, family);
    }
  }
  g_debug ("asking %s about %s", provider->name, self->called[0]->account->hostname);
}

static void
start_call (PhDdns *self, Name *first, PhFamily family)
{
  const PhDdnsAccount *accounts[G_N_ELEMENTS (self->called)];
  guint n = collect (self, first, family, accounts);
  const char *addresses[PH_N_FAMILIES];

  for (PhFamily i = 0; i < PH_N_FAMILIES; i++)
    addresses[i] = get_address (first, i);
  self->call = ph_ddns_call_new (accounts, n, addresses, family);
  self->call->record = g_strdup (first->states[family]->record);
  note_call (self);
  take_step (self, NULL);
}

static gboolean
on_timer (gpointer user_data)
{
  PhDdns *self = user_data;

  self->timer = 0;
  ph_ddns_wake (self);
  return G_SOURCE_REMOVE;
}

typedef gint64 (*FindDue) (PhDdns *self, const Name *name, PhFamily family);

/* PH_DDNS_NEVER: nothing is due; first and first_family are then left as they are. */
static gint64
find_first (PhDdns *self, FindDue find, Name **first, PhFamily *first_family)
{
  gint64 first_due = PH_DDNS_NEVER;

  for (guint i = 0; i < self->names->len; i++) {
    Name *name = g_ptr_array_index (self->names, i);

    for (PhFamily family = 0; family < PH_N_FAMILIES; family++) {
      gint64 due = find (self, name, family);

      if (due >= first_due)
        continue;
      first_due = due;
      *first = name;
      *first_family = family;
    }
  }
  return first_due;
}

/* ---- what DNS says --------------------------------------------------------------------------- */

static gboolean
contradict (PhDdns *self, Name *name, PhFamily family)
{
  if (!name->account->provider->compare_dns || !is_published (name->states[family]))
    return FALSE;
  name->states[family]->is_contradicted = TRUE;
  save (self, name, family);
  return TRUE;
}

/* self is gone once cancellable is cancelled. */
typedef struct {
  PhDdns *self;
  GCancellable *cancellable;
} Question;

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (GCancellable) cancellable = question->cancellable;
  PhDdns *self = question->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhDnsAnswer) answer = NULL;
  Name *name = NULL;

  if (g_cancellable_is_cancelled (cancellable))
    return;
  answer = self->lookup.look_up_finish (result, &error);
  name = g_steal_pointer (&self->looked);
  if (answer == NULL)
    g_debug ("%s is not known from DNS: %s", name->account->hostname, error->message);
  if (ph_ddns_look_note (name->states[self->looked_family], answer, error, get_now (self)) &&
      contradict (self, name, self->looked_family))
    g_message ("DNS says something else of %s than what was published, so it is sent again",
        name->account->hostname);
  else
    save (self, name, self->looked_family);
  ph_ddns_wake (self);
}

static gint64
find_look_due (PhDdns *self, const Name *name, PhFamily family)
{
  const PhDdnsState *state = name->states[family];

  if (self->lookup.look_up_async == NULL || state == NULL)
    return PH_DDNS_NEVER;
  return ph_ddns_look_find_due (state, name->account);
}

/* One at a time. When the next one is due: PH_DDNS_NEVER while there is one under way. */
static gint64
maybe_look (PhDdns *self)
{
  Name *name = NULL;
  PhFamily family = PH_FAMILY_IPV4;
  gint64 due =
      self->looked == NULL ? find_first (self, find_look_due, &name, &family) : PH_DDNS_NEVER;
  Question *question = NULL;

  if (due > get_now (self))
    return due;
  question = g_new (Question, 1);
  *question = (Question){ self, g_object_ref (self->cancellable) };
  self->looked = name;
  self->looked_family = family;
  self->lookup.look_up_async (name->account->hostname,
      family == PH_FAMILY_IPV4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6, self->cancellable,
      on_looked_up, question);
  return PH_DDNS_NEVER;
}

void
ph_ddns_set_lookup (PhDdns *self, const PhDdnsLookup *lookup)
{
  self->lookup = *lookup;
  ph_ddns_wake (self);
}

/* ---- what is due ----------------------------------------------------------------------------- */

void
ph_ddns_wake (PhDdns *self)
{
  Name *name = NULL;
  PhFamily family = PH_FAMILY_IPV4;
  gint64 due, look_due = maybe_look (self), now = get_now (self);

  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->call != NULL)
    return;
  due = find_first (self, find_due, &name, &family);
  if (due <= now) {
    start_call (self, name, family);
    return;
  }
  due = MIN (due, look_due);
  if (due != PH_DDNS_NEVER)
    self->timer = g_timeout_add_seconds ((guint)MIN (due - now, LONGEST_SLEEP), on_timer, self);
}

gint64
ph_ddns_get_wait (PhDdns *self)
{
  Name *name;
  PhFamily family;
  gint64 due = find_first (self, find_due, &name, &family);

  if (ph_ddns_is_calling (self))
    return 0;
  due = MIN (due, find_first (self, find_look_due, &name, &family));
  return due == PH_DDNS_NEVER ? -1 : MAX (due - get_now (self), 0);
}

gboolean
ph_ddns_is_calling (PhDdns *self)
{
  return self->call != NULL || self->looked != NULL;
}

/* As text that is always the same for the same address; NULL: nobody can be called at it. */
static char *
normalize (PhFamily family, const char *text)
{
  g_autoptr (GInetAddress) address = text != NULL ? g_inet_address_new_from_string (text) : NULL;
  GSocketFamily wanted = family == PH_FAMILY_IPV4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;

  if (address == NULL || g_inet_address_get_family (address) != wanted ||
      ph_address_classify (address) != PH_ADDRESS_PUBLIC)
    return NULL;
  return g_inet_address_to_string (address);
}

void
ph_ddns_set_address (PhDdns *self, PhFamily family, const char *address)
{
  g_autofree char *wanted = normalize (family, address);

  for (guint i = 0; i < self->names->len; i++) {
    Name *name = g_ptr_array_index (self->names, i);
    PhDdnsState *state = name->states[family];

    if (state == NULL || g_strcmp0 (state->wanted, wanted) == 0)
      continue;
    g_free (state->wanted);
    state->wanted = g_strdup (wanted);
    self->settled_at = get_now (self) + SETTLE;
    save (self, name, family);
  }
  ph_ddns_wake (self);
}

static Name *
find_name (PhDdns *self, const char *hostname)
{
  for (guint i = 0; i < self->names->len; i++) {
    Name *name = g_ptr_array_index (self->names, i);

    if (g_ascii_strcasecmp (name->account->hostname, hostname) == 0)
      return name;
  }
  return NULL;
}

gboolean
ph_ddns_note_contradiction (PhDdns *self, const char *hostname, PhFamily family)
{
  Name *name = find_name (self, hostname);

  if (name == NULL || name->states[family] == NULL || !contradict (self, name, family))
    return FALSE;
  ph_ddns_wake (self);
  return TRUE;
}

const char *
ph_ddns_find_refusal (PhDdns *self, const char *hostname)
{
  Name *name = find_name (self, hostname);

  for (PhFamily family = 0; name != NULL && family < PH_N_FAMILIES; family++) {
    const PhDdnsState *state = name->states[family];

    if (state != NULL && state->is_stopped)
      return state->answer != NULL ? state->answer : "the provider refuses it";
  }
  return NULL;
}

gboolean
ph_ddns_try_again (PhDdns *self, const char *hostname, GError **error)
{
  Name *name = find_name (self, hostname);

  if (name == NULL) {
    g_set_error_literal (
        error, PH_ERROR, PH_ERROR_NOT_FOUND, "there is no such name in the settings (remote.ddns)");
    return FALSE;
  }
  if (!ph_ddns_rules_try_again (name->states, name->account->provider, get_now (self), error))
    return FALSE;
  for (PhFamily family = 0; family < PH_N_FAMILIES; family++)
    if (name->states[family] != NULL)
      save (self, name, family);
  ph_ddns_wake (self);
  return TRUE;
}

void
ph_ddns_report (JsonBuilder *builder, gpointer user_data)
{
  PhDdns *self = user_data;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "names");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->names->len; i++) {
    const Name *name = g_ptr_array_index (self->names, i);

    ph_ddns_report_add_name (builder, name->account, name->states, get_now (self), get_wall (self));
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

void
ph_ddns_add_metrics (PhDdns *self, PhMetricsText *text)
{
  g_autoptr (GArray) metrics = g_array_new (FALSE, FALSE, sizeof (PhDdnsMetric));

  for (guint i = 0; i < self->names->len; i++) {
    const Name *name = g_ptr_array_index (self->names, i);

    for (PhFamily family = 0; family < PH_N_FAMILIES; family++) {
      PhDdnsMetric metric = { name->account, family, name->states[family] };

      if (metric.state != NULL)
        g_array_append_val (metrics, metric);
    }
  }
  ph_ddns_metrics_add (text, &g_array_index (metrics, PhDdnsMetric, 0), metrics->len,
      get_now (self), get_trusted_wall (self));
}
