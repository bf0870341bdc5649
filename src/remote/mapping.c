/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/mapping.h"

static const char *const names[PH_N_MAPPING_PROTOCOLS] = { "PCP", "NAT-PMP", "UPnP" };

const char *
ph_mapping_protocol_get_name (PhMappingProtocol protocol)
{
  return names[protocol];
}

gboolean
ph_mapping_protocol_from_name (const char *name, PhMappingProtocol *protocol)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (g_strcmp0 (name, names[i]) != 0)
      continue;
    *protocol = i;
    return TRUE;
  }
  return FALSE;
}

PhMappingRequest *
ph_mapping_request_copy (const PhMappingRequest *self)
{
  PhMappingRequest *copy = g_memdup2 (self, sizeof *self);

  copy->gateway = ph_gateway_copy (self->gateway);
  return copy;
}

void
ph_mapping_request_free (PhMappingRequest *self)
{
  g_clear_pointer (&self->gateway, ph_gateway_free);
  g_free (self);
}

PhMappingAnswer *
ph_mapping_answer_new (PhMappingOutcome outcome, const char *said, ...)
{
  PhMappingAnswer *self = g_new0 (PhMappingAnswer, 1);
  va_list arguments;

  self->outcome = outcome;
  va_start (arguments, said);
  self->said = g_strdup_vprintf (said, arguments);
  va_end (arguments);
  return self;
}

PhMappingAnswer *
ph_mapping_answer_new_for_error (PhMappingProtocol protocol, const GError *error)
{
  const char *name = names[protocol];

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return ph_mapping_answer_new (
        PH_MAPPING_ABSENT, "%s is switched off in the router: nobody listens there", name);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return ph_mapping_answer_new (
        PH_MAPPING_ABSENT, "the router does not answer to %s in time", name);
  return ph_mapping_answer_new (PH_MAPPING_FAILED, "%s: %s", name, error->message);
}

void
ph_mapping_answer_free (PhMappingAnswer *self)
{
  g_free (self->said);
  g_clear_object (&self->external_address);
  g_free (self);
}
