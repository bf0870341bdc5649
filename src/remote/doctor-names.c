/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/doctor-names.h"

/* NULL: DNS has none of family. */
static GInetAddress *
find_address (const PhDoctorName *name, GSocketFamily family)
{
  for (guint i = 0; i < name->addresses->len; i++) {
    GInetAddress *address = g_ptr_array_index (name->addresses, i);

    if (g_inet_address_get_family (address) == family)
      return address;
  }
  return NULL;
}

static gboolean
has_address (const PhDoctorName *name, GInetAddress *wanted)
{
  for (guint i = 0; i < name->addresses->len; i++)
    if (g_inet_address_equal (g_ptr_array_index (name->addresses, i), wanted))
      return TRUE;
  return FALSE;
}

/* TRUE when there is something to tell of name. */
static gboolean
judge_one_name (const PhDoctorFacts *f, const PhDoctorName *name, PhDoctorStep *step)
{
  GInetAddress *public = ph_doctor_facts_get_public (f);
  GInetAddress *ipv4 = find_address (name, G_SOCKET_FAMILY_IPV4);
  g_autofree char *shown = ph_doctor_step_to_text (public), *found = ph_doctor_step_to_text (ipv4);
  gboolean wants_ipv4 = !name->is_dynamic || name->wants_ipv4;

  if (name->is_stopped) {
    ph_doctor_step_blame (step, PH_BLOCKER_NAME_NOT_UPDATED,
        "%s is not kept up to date any more: %s.", name->hostname,
        name->provider_said != NULL ? name->provider_said : "it was refused");
    ph_doctor_step_advise (step,
        "Put right what the provider complains about, then: porthole ddns --now %s.",
        name->hostname);
  } else if (name->resolves == PH_FACT_NO) {
    ph_doctor_step_blame (step,
        name->is_dynamic ? PH_BLOCKER_NAME_NOT_UPDATED : PH_BLOCKER_DNS_STALE,
        "DNS does not know %s: %s.", name->hostname, name->why_not);
    ph_doctor_step_advise (
        step, "Make the name at its provider, and look whether it is spelled right.");
  } else if (wants_ipv4 && ipv4 != NULL && public != NULL && !name->is_elsewhere &&
             !has_address (name, public)) {
    ph_doctor_step_blame (step, PH_BLOCKER_DNS_STALE, "%s that %s is %s, but this place is %s.",
        name->is_first_hand ? "The name's own servers say" : "DNS says", name->hostname, found,
        shown);
    ph_doctor_step_advise (step,
        name->is_dynamic ? "Wait some minutes until DNS has forgotten; if it stays so, look at "
                           "porthole ddns."
                         : "Set the name's address at its provider, or let remote.ddns follow it.");
  }
  return step->seen != NULL;
}

void
ph_doctor_names_judge (const PhDoctorFacts *f, PhDoctorStep *step)
{
  const PhDoctorName *first = f->names->len > 0 ? g_ptr_array_index (f->names, 0) : NULL;
  gboolean is_known = FALSE;

  if (first == NULL) {
    ph_doctor_step_say (
        step, PH_DOCTOR_UNKNOWN, "There is no name for this place, only its address.");
    ph_doctor_step_advise (step, "An address may change any day: give it a name in remote.ddns.");
    return;
  }
  for (guint i = 0; i < f->names->len; i++) {
    const PhDoctorName *name = g_ptr_array_index (f->names, i);

    if (judge_one_name (f, name, step))
      return;
    is_known |= name->resolves == PH_FACT_YES;
  }
  if (is_known)
    ph_doctor_step_say (step, PH_DOCTOR_OK, "%s leads to the right address.", first->hostname);
  else
    ph_doctor_step_say (
        step, PH_DOCTOR_UNKNOWN, "DNS did not say in time where %s leads.", first->hostname);
}

/* NULL: no name has an AAAA record. */
static const PhDoctorName *
find_ipv6_name (const PhDoctorFacts *f)
{
  for (guint i = 0; i < f->names->len; i++) {
    const PhDoctorName *name = g_ptr_array_index (f->names, i);

    if (!name->is_elsewhere && find_address (name, G_SOCKET_FAMILY_IPV6) != NULL)
      return name;
  }
  return NULL;
}

static void
judge_ipv6_name (const PhDoctorFacts *f, const PhDoctorName *name, PhDoctorStep *step)
{
  const PhDoctorPort *port = ph_doctor_facts_find_port (f, TRUE);
  g_autofree char *found = ph_doctor_step_to_text (find_address (name, G_SOCKET_FAMILY_IPV6));
  g_autofree char *https = ph_doctor_step_port_to_text (f->https_port);

  if (f->self_ipv6 == NULL || !has_address (name, f->self_ipv6)) {
    ph_doctor_step_blame (step, PH_BLOCKER_IPV6,
        "The AAAA record of %s, %s, is not this machine's address.", name->hostname, found);
    ph_doctor_step_advise (
        step, "Take the AAAA record away or correct it: phones try IPv6 first, and wait.");
  } else if (port != NULL && port->state == PH_PORT_CLOSED) {
    ph_doctor_step_blame (step, PH_BLOCKER_IPV6,
        "%s has the AAAA record %s, but the router's firewall lets no IPv6 in: %s.", name->hostname,
        found, port->said);
    ph_doctor_step_advise (step,
        "Let %s in for %s in the router's IPv6 firewall, or take the AAAA record away.", https,
        found);
  } else if (port != NULL && port->state == PH_PORT_OPEN) {
    ph_doctor_step_say (step, PH_DOCTOR_OK, "%s leads here by IPv6 too, and the router lets it in.",
        name->hostname);
  } else {
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN,
        "%s has the AAAA record %s; whether the router lets IPv6 in is not known.", name->hostname,
        found);
    ph_doctor_step_advise (step, "Look at the router's IPv6 firewall: phones try IPv6 first.");
  }
}

void
ph_doctor_names_judge_ipv6 (const PhDoctorFacts *f, PhDoctorStep *step)
{
  const PhDoctorName *name = find_ipv6_name (f);
  const PhDoctorPort *port = ph_doctor_facts_find_port (f, TRUE);
  g_autofree char *own = ph_doctor_step_to_text (f->self_ipv6);
  g_autofree char *https = ph_doctor_step_port_to_text (f->https_port);

  if (name != NULL)
    judge_ipv6_name (f, name, step);
  else if (f->self_ipv6 == NULL)
    ph_doctor_step_say (
        step, PH_DOCTOR_OK, "There is no public IPv6 address here, and no name says so.");
  else if (port != NULL && port->state == PH_PORT_CLOSED) {
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN, "The router's firewall lets no IPv6 in to %s: %s.",
        own, port->said);
    ph_doctor_step_advise (step, "If IPv6 is wanted, let %s in there.", https);
  } else
    ph_doctor_step_say (step, PH_DOCTOR_OK, "%s by IPv6 %s.", own,
        port != NULL && port->state == PH_PORT_OPEN ? "is let in by the router"
                                                    : "has no name, so nobody is misled");
}
