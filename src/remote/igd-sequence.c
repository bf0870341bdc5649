/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/igd-sequence.h"

#define DEADLINE_MS 8000

void
ph_igd_sequence_init (PhIgdSequence *self, PhIgd *igd, GCancellable *parent)
{
  self->igd = ph_igd_ref (igd);
  ph_deadline_init (&self->deadline, DEADLINE_MS, parent);
}

void
ph_igd_sequence_clear (PhIgdSequence *self)
{
  ph_deadline_clear (&self->deadline);
  g_clear_object (&self->service);
  g_clear_pointer (&self->igd, ph_igd_unref);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  PhIgdSequence *self = g_task_get_task_data (task);
  GUPnPServiceProxyAction *action = NULL;
  g_autofree char *said = NULL;
  PhIgdCode code = ph_igd_call_finish (self->service, result, &action, &said);

  self->answered (task, code, action, said);
}

void
ph_igd_sequence_call (GTask *task, GUPnPServiceProxyAction *action, PhIgdAnswered answered)
{
  PhIgdSequence *self = g_task_get_task_data (task);

  self->answered = answered;
  gupnp_service_proxy_call_action_async (
      self->service, action, self->deadline.cancellable, on_answered, task);
  gupnp_service_proxy_action_unref (action);
}

void
ph_igd_sequence_conclude (GTask *task, PhMappingAnswer *answer)
{
  G_GNUC_UNUSED g_autoptr (GTask) owned_task = task;
  g_autoptr (PhMappingAnswer) owned_answer = answer;
  PhIgdSequence *self = g_task_get_task_data (task);

  if (g_task_return_error_if_cancelled (task))
    return;
  if (self->deadline.is_over && answer->outcome != PH_MAPPING_DONE) {
    answer->outcome = PH_MAPPING_FAILED;
    g_free (answer->said);
    answer->said = g_strdup ("the router gives no whole answer in time");
  }
  if (answer->outcome == PH_MAPPING_FAILED)
    ph_igd_forget (self->igd);
  g_task_return_pointer (
      task, g_steal_pointer (&owned_answer), (GDestroyNotify)ph_mapping_answer_free);
}
