/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/natpmp.h"

#include "remote/datagram.h"
#include "remote/natpmp-packet.h"

/* RFC 6886, section 3.1, goes on for 127 seconds; see pcp.c. */
static const PhDatagramPace pace = { .first_ms = 250, .deadline_ms = 2000 };

static gboolean
is_map_answer (const guint8 *bytes, gsize length, gconstpointer user_data)
{
  const PhMappingRequest *request = user_data;
  PhNatpmpAnswer answer;

  if (!ph_natpmp_parse_answer (bytes, length, &answer) || answer.opcode != PH_NATPMP_MAP_TCP)
    return FALSE;
  return answer.result != PH_NATPMP_SUCCESS || answer.internal_port == request->internal_port;
}

static gboolean
is_address_answer (const guint8 *bytes, gsize length, gconstpointer user_data)
{
  PhNatpmpAnswer answer;

  return ph_natpmp_parse_answer (bytes, length, &answer) && answer.opcode == PH_NATPMP_ADDRESS;
}

static PhMappingOutcome
judge (guint result)
{
  switch (result) {
  case PH_NATPMP_SUCCESS:
    return PH_MAPPING_DONE;
  case PH_NATPMP_UNSUPP_VERSION:
  case PH_NATPMP_UNSUPP_OPCODE:
    return PH_MAPPING_ABSENT;
  case PH_NATPMP_NOT_AUTHORIZED:
    return PH_MAPPING_NOT_ALLOWED;
  case PH_NATPMP_NETWORK_FAILURE:
    return PH_MAPPING_NO_ADDRESS;
  case PH_NATPMP_NO_RESOURCES:
    return PH_MAPPING_FULL;
  default:
    return PH_MAPPING_FAILED;
  }
}

/* NULL after returning why to task. */
static PhMappingAnswer *
take_answer (GTask *task, GAsyncResult *result, PhNatpmpAnswer *natpmp)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ph_datagram_ask_finish (result, &error);
  PhMappingAnswer *answer = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_task_return_error (task, g_steal_pointer (&error));
    return NULL;
  }
  if (bytes == NULL) {
    g_task_return_pointer (task, ph_mapping_answer_new_for_error (PH_MAPPING_NATPMP, error),
        (GDestroyNotify)ph_mapping_answer_free);
    return NULL;
  }
  ph_natpmp_parse_answer (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), natpmp);
  answer = ph_mapping_answer_new (
      judge (natpmp->result), "%s", ph_natpmp_result_get_words (natpmp->result));
  answer->has_epoch = TRUE;
  answer->epoch_s = natpmp->epoch_s;
  return answer;
}

static void
on_address_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PhNatpmpAnswer natpmp;
  PhMappingAnswer *answer = take_answer (task, result, &natpmp);

  if (answer == NULL)
    return;
  if (answer->outcome == PH_MAPPING_DONE)
    answer->external_address = ph_natpmp_answer_get_address (&natpmp);
  g_task_return_pointer (task, answer, (GDestroyNotify)ph_mapping_answer_free);
}

void
ph_natpmp_ask_address_async (const PhGateway *gateway, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GBytes) question = ph_natpmp_make_address_request ();

  g_task_set_source_tag (task, ph_natpmp_ask_address_async);
  ph_datagram_ask_async (gateway, PH_DATAGRAM_PORT, question, &pace, is_address_answer, NULL,
      cancellable, on_address_answered, task);
}

PhMappingAnswer *
ph_natpmp_ask_address_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_map_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const PhMappingRequest *request = g_task_get_task_data (task);
  PhNatpmpAnswer natpmp;
  PhMappingAnswer *answer = take_answer (task, result, &natpmp);

  if (answer == NULL)
    return;
  answer->external_port = natpmp.external_port;
  answer->lifetime_s = natpmp.lifetime_s;
  if (answer->outcome == PH_MAPPING_DONE && request->lifetime_s > 0 &&
      (natpmp.lifetime_s == 0 || natpmp.external_port == 0))
    answer->outcome = PH_MAPPING_FAILED;
  g_task_return_pointer (task, answer, (GDestroyNotify)ph_mapping_answer_free);
}

void
ph_natpmp_map_async (const PhMappingRequest *request, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  PhMappingRequest *copy = ph_mapping_request_copy (request);
  /* Section 3.4: whoever takes a mapping away asks for port 0. */
  g_autoptr (GBytes) question = ph_natpmp_make_map (
      copy->internal_port, copy->lifetime_s > 0 ? copy->external_port : 0, copy->lifetime_s);

  g_task_set_source_tag (task, ph_natpmp_map_async);
  g_task_set_task_data (task, copy, (GDestroyNotify)ph_mapping_request_free);
  ph_datagram_ask_async (copy->gateway, PH_DATAGRAM_PORT, question, &pace, is_map_answer, copy,
      cancellable, on_map_answered, task);
}

PhMappingAnswer *
ph_natpmp_map_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
