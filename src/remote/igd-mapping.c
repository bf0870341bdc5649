/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/igd-mapping.h"

#include "remote/address.h"
#include "remote/igd-sequence.h"

#define MAX_PORTS 10
#define FIRST_PORT 20000
#define N_PORTS 40000

/* One request, step by step: find, add, look who has it, take another port, look whether it is
 * there, ask for the address. */
typedef struct {
  PhIgdSequence sequence;
  PhMappingRequest *request; /* NULL: only the address is asked for */
  char *description;
  guint port;
  guint lease_s;
  guint n_ports; /* others tried */
  gboolean has_deleted; /* an old entry of ours */
  PhMappingOutcome outcome;
  char *said;
  char *taken_by; /* nullable */
} Work;

static void
work_free (gpointer user_data)
{
  Work *self = user_data;

  ph_igd_sequence_clear (&self->sequence);
  g_clear_pointer (&self->request, ph_mapping_request_free);
  g_free (self->description);
  g_free (self->said);
  g_free (self->taken_by);
  g_free (self);
}

/* Takes task. */
static void
conclude (GTask *task, PhMappingOutcome outcome, const char *said, GInetAddress *address)
{
  Work *self = g_task_get_task_data (task);
  PhMappingAnswer *answer = NULL;

  if (self->taken_by != NULL)
    answer = ph_mapping_answer_new (outcome, "%s; %s", self->taken_by, said);
  else
    answer = ph_mapping_answer_new (outcome, "%s", said);
  answer->external_port = self->port;
  answer->lifetime_s = self->lease_s;
  answer->external_address = address != NULL ? g_object_ref (address) : NULL;
  ph_igd_sequence_conclude (task, answer);
}

/* The router may agree to anything and still have no address to be called at. */
static void
on_address (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  Work *self = g_task_get_task_data (task);
  g_autoptr (GInetAddress) address = code == PH_IGD_OK ? ph_igd_call_get_address (action) : NULL;
  PhAddressKind kind = address != NULL ? ph_address_classify (address) : PH_ADDRESS_RESERVED;
  g_autofree char *has = g_strdup_printf ("the router has %s", ph_address_kind_get_words (kind));

  if (code != PH_IGD_OK && self->request == NULL)
    conclude (task, PH_MAPPING_FAILED, said, NULL);
  else if (code != PH_IGD_OK)
    conclude (task, self->outcome, self->said, NULL);
  else if (address == NULL)
    conclude (task, PH_MAPPING_NO_ADDRESS, "the router has no public address", NULL);
  else if (kind != PH_ADDRESS_PUBLIC)
    conclude (task, PH_MAPPING_NO_ADDRESS, has, address);
  else
    conclude (task, self->outcome, self->said, address);
}

static void
conclude_with_address (GTask *task, PhMappingOutcome outcome, const char *said)
{
  Work *self = g_task_get_task_data (task);

  self->outcome = outcome;
  g_free (self->said);
  self->said = g_strdup (said);
  ph_igd_sequence_call (task, ph_igd_call_new_address (), on_address);
}

static gboolean
is_ours (Work *self, const PhIgdEntry *entry)
{
  g_autofree char *client = g_inet_address_to_string (self->request->gateway->self);

  return g_str_equal (entry->client, client) && entry->port == self->request->internal_port;
}

static void add (GTask *task);

static void
on_checked (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  Work *self = g_task_get_task_data (task);
  g_auto (PhIgdEntry) entry = { 0 };
  g_autofree char *elsewhere = NULL;

  if (code == PH_IGD_OK)
    ph_igd_entry_init (&entry, action);
  if (code == PH_IGD_OK && !is_ours (self, &entry))
    elsewhere = g_strdup_printf ("the router agrees, but lets connections go to %s", entry.client);
  if (code == PH_IGD_NO_SUCH_ENTRY)
    conclude (
        task, PH_MAPPING_FAILED, "the router agrees, but then does not know of the mapping", NULL);
  else if (elsewhere != NULL)
    conclude (task, PH_MAPPING_FAILED, elsewhere, NULL);
  else /* one that cannot be asked is believed */
    conclude_with_address (task, PH_MAPPING_DONE, "the router agrees");
}

static void
check (GTask *task)
{
  Work *self = g_task_get_task_data (task);

  ph_igd_sequence_call (task, ph_igd_call_new_look (self->port), on_checked);
}

static void
on_added_any (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  Work *self = g_task_get_task_data (task);
  guint port = 0;

  if (code == PH_IGD_OK)
    gupnp_service_proxy_action_get_result (
        action, NULL, "NewReservedPort", G_TYPE_UINT, &port, NULL);
  if (port > 0 && port <= G_MAXUINT16) {
    self->port = port;
    check (task);
    return;
  }
  add (task);
}

static gboolean
has_add_any (Work *self)
{
  return g_str_has_suffix (
      gupnp_service_info_get_service_type (GUPNP_SERVICE_INFO (self->sequence.service)),
      ":WANIPConnection:2");
}

/* A port of one's own for each installation, always the same: a new one for each try would fill the
 * router's table. */
static void
move_port (Work *self)
{
  const guint8 *nonce = self->request->nonce;

  self->port = FIRST_PORT + (nonce[0] << 8 | nonce[1]) % N_PORTS + self->n_ports++;
}

static void
take_other_port (GTask *task)
{
  Work *self = g_task_get_task_data (task);

  if (self->n_ports == MAX_PORTS) {
    conclude (task, PH_MAPPING_TAKEN, "all other ports that were tried are taken too", NULL);
    return;
  }
  move_port (self);
  if (self->n_ports == 1 && has_add_any (self))
    ph_igd_sequence_call (task,
        ph_igd_call_new_add_any (self->request, self->port, self->lease_s, self->description),
        on_added_any);
  else
    add (task);
}

static void
on_old_deleted (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  add (task);
}

/* The port is said to be taken: by whom? */
static void
on_looked (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  Work *self = g_task_get_task_data (task);
  g_auto (PhIgdEntry) entry = { 0 };

  if (code == PH_IGD_OK)
    ph_igd_entry_init (&entry, action);
  if (code == PH_IGD_OK && is_ours (self, &entry)) {
    conclude_with_address (task, PH_MAPPING_DONE, "the router has the mapping already");
    return;
  }
  /* From before this machine had another address. */
  if (code == PH_IGD_OK && !self->has_deleted &&
      g_str_equal (entry.description, self->description)) {
    self->has_deleted = TRUE;
    ph_igd_sequence_call (task, ph_igd_call_new_delete (self->port), on_old_deleted);
    return;
  }
  if (self->taken_by == NULL && code == PH_IGD_OK)
    self->taken_by = g_strdup_printf (
        "port %u belongs to %s (\"%s\")", self->port, entry.client, entry.description);
  else if (self->taken_by == NULL)
    self->taken_by = g_strdup_printf ("port %u belongs to somebody else", self->port);
  take_other_port (task);
}

static void
on_added (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  Work *self = g_task_get_task_data (task);
  gboolean is_low = self->port < 1024 && self->n_ports == 0;

  if (code == PH_IGD_OK)
    check (task);
  else if (code == PH_IGD_PERMANENT_ONLY && self->lease_s > 0) {
    self->lease_s = 0;
    add (task);
  } else if (code == PH_IGD_SAME_PORTS_ONLY && self->port != self->request->internal_port) {
    self->port = self->request->internal_port;
    add (task);
  } else if (code == PH_IGD_CONFLICT || code == PH_IGD_CONFLICT_INSIDE)
    ph_igd_sequence_call (task, ph_igd_call_new_look (self->port), on_looked);
  else if (code == PH_IGD_NOT_AUTHORIZED && is_low)
    take_other_port (task);
  else if (code == PH_IGD_NOT_AUTHORIZED)
    conclude (task, PH_MAPPING_NOT_ALLOWED, said, NULL);
  else if (code == PH_IGD_TABLE_FULL)
    conclude (task, PH_MAPPING_FULL, said, NULL);
  else if (code == PH_IGD_ACTION_FAILED)
    conclude_with_address (task, PH_MAPPING_FAILED, said);
  else
    conclude (task, PH_MAPPING_FAILED, said, NULL);
}

static void
add (GTask *task)
{
  Work *self = g_task_get_task_data (task);

  ph_igd_sequence_call (task,
      ph_igd_call_new_add (self->request, self->port, self->lease_s, self->description), on_added);
}

static void
on_deleted (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  conclude (task, code == PH_IGD_OK ? PH_MAPPING_DONE : PH_MAPPING_FAILED, said, NULL);
}

static void
on_looked_to_delete (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  Work *self = g_task_get_task_data (task);
  g_auto (PhIgdEntry) entry = { 0 };

  if (code == PH_IGD_OK)
    ph_igd_entry_init (&entry, action);
  if (code == PH_IGD_OK &&
      (is_ours (self, &entry) || g_str_equal (entry.description, self->description)))
    ph_igd_sequence_call (task, ph_igd_call_new_delete (self->port), on_deleted);
  else if (code == PH_IGD_OK || code == PH_IGD_NO_SUCH_ENTRY)
    conclude (task, PH_MAPPING_DONE, "the router has no such mapping of ours", NULL);
  else
    conclude (task, PH_MAPPING_FAILED, said, NULL);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Work *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->sequence.service = ph_igd_find_finish (self->sequence.igd, result, &error);
  if (self->sequence.service == NULL)
    conclude (task, PH_MAPPING_ABSENT, error->message, NULL);
  else if (self->request == NULL)
    conclude_with_address (task, PH_MAPPING_DONE, "the router has a public address");
  else if (self->request->lifetime_s == 0)
    ph_igd_sequence_call (task, ph_igd_call_new_look (self->port), on_looked_to_delete);
  else
    add (task);
}

static void
start (PhIgd *igd, GTask *task, PhMappingRequest *request)
{
  Work *self = g_new0 (Work, 1);

  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, work_free);
  self->request = request;
  if (request != NULL) {
    self->port = request->external_port;
    self->lease_s = request->lifetime_s;
    self->description = g_strdup_printf (
        "Porthole %02x%02x%02x", request->nonce[0], request->nonce[1], request->nonce[2]);
  }
  ph_igd_sequence_init (&self->sequence, igd, g_task_get_cancellable (task));
  ph_igd_find_async (igd, self->sequence.deadline.cancellable, on_found, task);
}

void
ph_igd_map_async (PhIgd *igd, const PhMappingRequest *request, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, ph_igd_map_async);
  start (igd, task, ph_mapping_request_copy (request));
}

PhMappingAnswer *
ph_igd_map_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ph_igd_ask_address_async (
    PhIgd *igd, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, ph_igd_ask_address_async);
  start (igd, task, NULL);
}

PhMappingAnswer *
ph_igd_ask_address_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
