/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/pcp.h"

#include "remote/address.h"
#include "remote/datagram.h"

#include <string.h>

/* RFC 6887, section 8.1.1, starts with 3 seconds and has no end: a router in the same house answers
 * in milliseconds or not at all. */
static const PhDatagramPace pace = { .first_ms = 1000, .deadline_ms = 4000 };

static gboolean
is_answer (const guint8 *bytes, gsize length, gconstpointer user_data)
{
  const PhMappingRequest *request = user_data;
  PhPcpAnswer answer;

  if (!ph_pcp_parse_answer (bytes, length, &answer))
    return FALSE;
  if (answer.result == PH_PCP_UNSUPP_VERSION)
    return TRUE;
  return answer.opcode == PH_PCP_MAP && answer.internal_port == request->internal_port &&
         memcmp (answer.nonce, request->nonce, sizeof answer.nonce) == 0;
}

/* A full table and a router without a public address come as one code; the address tells. */
static PhMappingOutcome
judge_failure (const PhPcpAnswer *pcp, GInetAddress *external)
{
  if (external != NULL && ph_address_classify (external) != PH_ADDRESS_PUBLIC)
    return PH_MAPPING_NO_ADDRESS;
  switch (pcp->result) {
  case PH_PCP_UNSUPP_VERSION:
  case PH_PCP_UNSUPP_OPCODE:
    return PH_MAPPING_ABSENT;
  case PH_PCP_NOT_AUTHORIZED:
    return PH_MAPPING_NOT_ALLOWED;
  case PH_PCP_NETWORK_FAILURE:
  case PH_PCP_ADDRESS_MISMATCH:
    return PH_MAPPING_NO_ADDRESS;
  case PH_PCP_NO_RESOURCES:
  case PH_PCP_USER_EX_QUOTA:
    return PH_MAPPING_FULL;
  case PH_PCP_CANNOT_PROVIDE_EXTERNAL:
    return PH_MAPPING_TAKEN;
  default:
    return PH_MAPPING_FAILED;
  }
}

static PhMappingAnswer *
conclude (const PhMappingRequest *request, const PhPcpAnswer *pcp)
{
  g_autoptr (GInetAddress) external = ph_pcp_answer_get_external_address (pcp);
  gboolean is_done = pcp->version == 2 && pcp->result == PH_PCP_SUCCESS;
  PhMappingAnswer *answer = NULL;

  if (is_done)
    answer = ph_mapping_answer_new (PH_MAPPING_DONE, "%s", ph_pcp_result_get_words (pcp->result));
  else if (pcp->version == 0)
    answer = ph_mapping_answer_new (PH_MAPPING_ABSENT, "the router speaks NAT-PMP instead of PCP");
  else
    answer = ph_mapping_answer_new (
        judge_failure (pcp, external), "%s", ph_pcp_result_get_words (pcp->result));
  answer->external_port = pcp->external_port;
  answer->lifetime_s = pcp->lifetime_s;
  answer->external_address = g_steal_pointer (&external);
  answer->has_epoch = pcp->version == 2;
  answer->epoch_s = pcp->epoch_s;
  /* Zero is what a mapping that was taken away has left (section 15). */
  if (is_done && request->lifetime_s > 0 && (pcp->lifetime_s == 0 || pcp->external_port == 0))
    answer->outcome = PH_MAPPING_FAILED;
  return answer;
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ph_datagram_ask_finish (result, &error);
  PhPcpAnswer pcp;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&error));
  else if (bytes == NULL)
    g_task_return_pointer (task, ph_mapping_answer_new_for_error (PH_MAPPING_PCP, error),
        (GDestroyNotify)ph_mapping_answer_free);
  else if (ph_pcp_parse_answer (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &pcp))
    g_task_return_pointer (
        task, conclude (g_task_get_task_data (task), &pcp), (GDestroyNotify)ph_mapping_answer_free);
}

void
ph_pcp_map_async (const PhMappingRequest *request, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  PhMappingRequest *copy = ph_mapping_request_copy (request);
  g_autoptr (GBytes) question = ph_pcp_make_map (copy->gateway->self, copy->nonce,
      copy->internal_port, copy->lifetime_s > 0 ? copy->external_port : 0, copy->lifetime_s);

  g_task_set_source_tag (task, ph_pcp_map_async);
  g_task_set_task_data (task, copy, (GDestroyNotify)ph_mapping_request_free);
  ph_datagram_ask_async (copy->gateway, PH_DATAGRAM_PORT, question, &pace, is_answer, copy,
      cancellable, on_answered, task);
}

PhMappingAnswer *
ph_pcp_map_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
