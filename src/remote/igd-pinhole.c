/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/igd-pinhole.h"

#include "remote/igd-sequence.h"

#define LONGEST_LEASE_S 86400 /* WANIPv6FirewallControl:1, section 2.3.4 */

/* One request, step by step: find, renew the hole that is known, else ask whether there may be any,
 * and make one. */
typedef struct {
  PhIgdSequence sequence;
  PhMappingRequest *request;
} Work;

static void
work_free (gpointer user_data)
{
  Work *self = user_data;

  ph_igd_sequence_clear (&self->sequence);
  ph_mapping_request_free (self->request);
  g_free (self);
}

/* Takes task. */
static void
conclude (GTask *task, PhMappingOutcome outcome, const char *said)
{
  Work *self = g_task_get_task_data (task);
  PhMappingAnswer *answer = ph_mapping_answer_new (outcome, "%s", said);

  answer->external_port = self->request->internal_port;
  answer->lifetime_s = self->request->lifetime_s;
  answer->has_pinhole = self->request->has_pinhole;
  answer->pinhole = self->request->pinhole;
  if (outcome == PH_MAPPING_DONE)
    answer->external_address = g_object_ref (self->request->gateway->self);
  ph_igd_sequence_conclude (task, answer);
}

static void
conclude_failure (GTask *task, PhIgdCode code, const char *said)
{
  switch (code) {
  case PH_IGD_PINHOLE_FULL:
    conclude (task, PH_MAPPING_FULL, said);
    break;
  case PH_IGD_PINHOLE_NOT_ALLOWED:
  case PH_IGD_NOT_AUTHORIZED:
    conclude (task, PH_MAPPING_NOT_ALLOWED, said);
    break;
  default:
    conclude (task, PH_MAPPING_FAILED, said);
  }
}

/* ---- making one ------------------------------------------------------------------------------ */

static void
on_added (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  Work *self = g_task_get_task_data (task);
  guint number = G_MAXUINT;

  if (code == PH_IGD_OK)
    gupnp_service_proxy_action_get_result (action, NULL, "UniqueID", G_TYPE_UINT, &number, NULL);
  self->request->has_pinhole = number <= G_MAXUINT16;
  self->request->pinhole = self->request->has_pinhole ? number : 0;
  if (code == PH_IGD_OK && self->request->has_pinhole)
    conclude (task, PH_MAPPING_DONE, "the router agrees");
  else if (code == PH_IGD_OK)
    conclude (task, PH_MAPPING_FAILED, "the router agrees, but does not number the hole");
  else
    conclude_failure (task, code, said);
}

static void
on_status (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  Work *self = g_task_get_task_data (task);
  gboolean is_enabled = TRUE, is_allowed = TRUE;

  if (code == PH_IGD_OK)
    gupnp_service_proxy_action_get_result (action, NULL, "FirewallEnabled", G_TYPE_BOOLEAN,
        &is_enabled, "InboundPinholeAllowed", G_TYPE_BOOLEAN, &is_allowed, NULL);
  if (code == PH_IGD_NO_ANSWER || code == PH_IGD_CANCELLED)
    conclude (task, PH_MAPPING_FAILED, said);
  else if (!is_enabled)
    conclude (task, PH_MAPPING_DONE, "the router's IPv6 firewall is switched off");
  else if (!is_allowed)
    conclude (task, PH_MAPPING_NOT_ALLOWED, "the router lets nobody open its IPv6 firewall");
  else
    ph_igd_sequence_call (task, ph_igd_call_new_add_pinhole (self->request), on_added);
}

static void
ask_status (GTask *task)
{
  ph_igd_sequence_call (task, ph_igd_call_new_firewall_status (), on_status);
}

/* One that the router has forgotten is made anew. */
static void
on_updated (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  if (code == PH_IGD_OK)
    conclude (task, PH_MAPPING_DONE, "the router agrees");
  else if (code == PH_IGD_NO_ANSWER || code == PH_IGD_CANCELLED)
    conclude (task, PH_MAPPING_FAILED, said);
  else
    ask_status (task);
}

/* ---- filling one in -------------------------------------------------------------------------- */

/* miniupnpd says that the number is no argument where the standard has a code for it. */
static void
on_deleted (GTask *task, PhIgdCode code, GUPnPServiceProxyAction *action, const char *said)
{
  if (code == PH_IGD_OK)
    conclude (task, PH_MAPPING_DONE, "the router agrees");
  else if (code == PH_IGD_NO_SUCH_PINHOLE || code == PH_IGD_INVALID_ARGUMENTS)
    conclude (task, PH_MAPPING_DONE, "the router has no such hole of ours");
  else
    conclude (task, PH_MAPPING_FAILED, said);
}

/* ---- from outside ---------------------------------------------------------------------------- */

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Work *self = g_task_get_task_data (task);
  PhIgd *igd = self->sequence.igd;
  g_autoptr (GError) error = NULL;
  g_autoptr (GUPnPServiceProxy) mapper = ph_igd_find_finish (igd, result, &error);

  if (mapper != NULL)
    self->sequence.service = ph_igd_make_firewall (igd, self->request->gateway, &error);
  if (self->sequence.service == NULL)
    conclude (task, PH_MAPPING_ABSENT, error->message);
  else if (self->request->lifetime_s > 0 && self->request->has_pinhole)
    ph_igd_sequence_call (task, ph_igd_call_new_update_pinhole (self->request), on_updated);
  else if (self->request->lifetime_s > 0)
    ask_status (task);
  else if (self->request->has_pinhole)
    ph_igd_sequence_call (task, ph_igd_call_new_delete_pinhole (self->request), on_deleted);
  else
    conclude (task, PH_MAPPING_DONE, "there is no hole of ours");
}

void
ph_igd_pinhole_async (PhIgd *igd, const PhMappingRequest *request, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Work *self = g_new0 (Work, 1);

  g_task_set_source_tag (task, ph_igd_pinhole_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, work_free);
  self->request = ph_mapping_request_copy (request);
  self->request->lifetime_s = MIN (request->lifetime_s, LONGEST_LEASE_S);
  ph_igd_sequence_init (&self->sequence, igd, cancellable);
  ph_igd_find_async (igd, self->sequence.deadline.cancellable, on_found, task);
}

PhMappingAnswer *
ph_igd_pinhole_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
