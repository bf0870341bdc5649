/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/doctor-facts.h"

static void
free_name (gpointer data)
{
  PhDoctorName *self = data;

  g_free (self->hostname);
  g_free (self->provider_said);
  g_free (self->why_not);
  g_ptr_array_unref (self->addresses);
  g_free (self);
}

static void
free_port (gpointer data)
{
  PhDoctorPort *self = data;

  g_free (self->said);
  g_free (self->natpmp_said);
  g_free (self);
}

PhDoctorFacts *
ph_doctor_facts_new (void)
{
  PhDoctorFacts *self = g_new0 (PhDoctorFacts, 1);

  self->ports = g_ptr_array_new_with_free_func (free_port);
  self->names = g_ptr_array_new_with_free_func (free_name);
  return self;
}

void
ph_doctor_facts_free (PhDoctorFacts *self)
{
  g_free (self->why_no_answer);
  g_clear_object (&self->gateway);
  g_clear_object (&self->self);
  g_clear_object (&self->self_ipv6);
  g_free (self->why_no_gateway);
  g_free (self->echo_said);
  g_clear_object (&self->web);
  g_clear_object (&self->router_address);
  g_free (self->router_protocol);
  g_free (self->router_said);
  g_clear_object (&self->hop);
  g_free (self->mapping_refusal);
  g_ptr_array_unref (self->ports);
  g_ptr_array_unref (self->names);
  g_clear_object (&self->visitor);
  g_free (self);
}

PhDoctorName *
ph_doctor_facts_add_name (PhDoctorFacts *self, const char *hostname)
{
  PhDoctorName *name = g_new0 (PhDoctorName, 1);

  name->hostname = g_strdup (hostname);
  name->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->names, name);
  return name;
}

PhDoctorPort *
ph_doctor_facts_add_port (PhDoctorFacts *self)
{
  PhDoctorPort *port = g_new0 (PhDoctorPort, 1);

  g_ptr_array_add (self->ports, port);
  return port;
}

static PhAddressVerdict
find_verdict (const PhDoctorFacts *self)
{
  PhAddressFacts facts = { self->self, self->router_address, self->web };

  return ph_address_verdict (&facts);
}

PhAddressFinding
ph_doctor_facts_get_finding (const PhDoctorFacts *self)
{
  return find_verdict (self).finding;
}

GInetAddress *
ph_doctor_facts_get_public (const PhDoctorFacts *self)
{
  return find_verdict (self).address;
}

const PhDoctorPort *
ph_doctor_facts_find_port (const PhDoctorFacts *self, gboolean is_ipv6)
{
  for (guint i = 0; i < self->ports->len; i++) {
    const PhDoctorPort *port = g_ptr_array_index (self->ports, i);

    if (port->is_ipv6 == is_ipv6)
      return port;
  }
  return NULL;
}

guint
ph_doctor_facts_get_port (const PhDoctorFacts *self)
{
  const PhDoctorPort *port = ph_doctor_facts_find_port (self, FALSE);

  return port != NULL && port->state == PH_PORT_OPEN ? port->external_port : self->https_port;
}
