/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/doctor-router.h"

#include "remote/address.h"

static gboolean
is_any_port_answered (const PhDoctorFacts *f)
{
  for (guint i = 0; i < f->ports->len; i++) {
    const PhDoctorPort *port = g_ptr_array_index (f->ports, i);

    if (port->state == PH_PORT_OPEN || port->outcome != PH_MAPPING_ABSENT)
      return TRUE;
  }
  return FALSE;
}

void
ph_doctor_router_judge (const PhDoctorFacts *f, PhDoctorStep *step)
{
  gboolean is_direct = ph_doctor_facts_get_finding (f) == PH_ADDRESS_FOUND_DIRECT;
  const PhDoctorPort *ipv4 = ph_doctor_facts_find_port (f, FALSE);
  const char *said = ipv4 != NULL ? ipv4->natpmp_said : NULL;
  g_autofree char *port = ph_doctor_step_port_to_text (f->https_port);

  if (f->router_protocol != NULL)
    ph_doctor_step_say (step, PH_DOCTOR_OK, "The router can be asked, by %s.", f->router_protocol);
  else if (is_any_port_answered (f) && f->ports->len > 0)
    ph_doctor_step_say (step, PH_DOCTOR_OK, "The router answers when it is asked for a port.");
  else if (is_direct)
    ph_doctor_step_say (step, PH_DOCTOR_OK, "No router stands in between.");
  else if (f->wants_mapping) {
    ph_doctor_step_blame (step, PH_BLOCKER_ROUTER_SILENT,
        "The router answers neither to PCP nor NAT-PMP nor UPnP: they are switched off in it, or "
        "it has none of them%s%s%s.",
        said != NULL ? " (" : "", said != NULL ? said : "", said != NULL ? ")" : "");
    ph_doctor_step_advise (step,
        "Switch on UPnP (or NAT-PMP) in the router, or forward %s to this machine by hand "
        "there.",
        port);
  } else {
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN, "The router does not tell what it does: %s.",
        f->router_said != NULL ? f->router_said : "it was not asked");
    ph_doctor_step_advise (step, "Forward %s to this machine by hand in the router.", port);
  }
}

static const char bridge_advice[] =
    "Set the upper router%s%s to bridge mode, or forward %s to %s there as well.";

static void
judge_double_nat (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *router = ph_doctor_step_to_text (f->router_address);
  g_autofree char *hop = f->hop != NULL ? ph_doctor_step_to_text (f->hop) : NULL;
  g_autofree char *port = ph_doctor_step_port_to_text (ph_doctor_facts_get_port (f));

  ph_doctor_step_blame (step, PH_BLOCKER_DOUBLE_NAT,
      "The router stands behind another router%s%s (double NAT): its own address there is %s, a "
      "private one.",
      hop != NULL ? ", " : "", hop != NULL ? hop : "", router);
  ph_doctor_step_advise (
      step, bridge_advice, hop != NULL ? ", " : "", hop != NULL ? hop : "", port, router);
}

static void
judge_unknown_nat (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *hop = ph_doctor_step_to_text (f->hop);
  g_autofree char *port = ph_doctor_step_port_to_text (ph_doctor_facts_get_port (f));
  PhAddressKind kind = f->hop != NULL ? ph_address_classify (f->hop) : PH_ADDRESS_PUBLIC;

  if (kind == PH_ADDRESS_SHARED)
    ph_doctor_step_blame (step, PH_BLOCKER_CGNAT,
        "Behind the router comes %s, an address of a provider's own translation (CGNAT).", hop);
  else if (kind == PH_ADDRESS_PRIVATE)
    ph_doctor_step_blame (step, PH_BLOCKER_DOUBLE_NAT,
        "Behind the router comes another one, %s, with a private address (double NAT).", hop);
  else {
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN,
        "The router does not tell its address, so nobody knows whether the public one is its own.");
    ph_doctor_step_advise (
        step, "Compare the public address with the address that the router's own page shows.");
    return;
  }
  if (kind == PH_ADDRESS_PRIVATE)
    ph_doctor_step_advise (step, bridge_advice, ", ", hop, port, "your own router");
}

void
ph_doctor_router_judge_nat (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *router = ph_doctor_step_to_text (f->router_address),
                  *web = ph_doctor_step_to_text (f->web);
  g_autofree char *own = ph_doctor_step_to_text (f->self);

  switch (ph_doctor_facts_get_finding (f)) {
  case PH_ADDRESS_FOUND_DIRECT:
    ph_doctor_step_say (step, PH_DOCTOR_OK, "This machine itself has the public address %s.", own);
    break;
  case PH_ADDRESS_FOUND_ROUTER:
    ph_doctor_step_say (step, PH_DOCTOR_OK, "The router has the public address %s.", router);
    break;
  case PH_ADDRESS_FOUND_CGNAT:
    ph_doctor_step_blame (step, PH_BLOCKER_CGNAT,
        "The provider shares one public address among its customers (CGNAT): the router has %s "
        "only.",
        f->router_address != NULL ? router : own);
    break;
  case PH_ADDRESS_FOUND_DOUBLE_NAT:
    judge_double_nat (f, step);
    break;
  case PH_ADDRESS_FOUND_HIDDEN_NAT:
    ph_doctor_step_blame (step, PH_BLOCKER_HIDDEN_NAT,
        "The router has %s but the internet sees %s: somebody in between, most likely the "
        "provider, translates once more.",
        router, web);
    break;
  case PH_ADDRESS_FOUND_WEB:
  case PH_ADDRESS_FOUND_NONE:
    judge_unknown_nat (f, step);
    break;
  }
  if (step->state == PH_DOCTOR_PROBLEM && step->advice == NULL)
    ph_doctor_step_advise (
        step, "Use a VPN or a tunnel, or IPv6, or ask the provider for a public IPv4 address.");
}

static void
judge_closed_port (const PhDoctorFacts *f, const PhDoctorPort *port, PhDoctorStep *step)
{
  const char *said = port->said != NULL ? port->said : "nothing";
  g_autofree char *https = ph_doctor_step_port_to_text (f->https_port);

  switch (port->outcome) {
  case PH_MAPPING_ABSENT:
    ph_doctor_step_say (
        step, PH_DOCTOR_UNKNOWN, "There is no router that could be asked to open a port.");
    ph_doctor_step_advise (step, "Forward %s to this machine by hand in the router.", https);
    break;
  case PH_MAPPING_TAKEN:
    ph_doctor_step_say (
        step, PH_DOCTOR_UNKNOWN, "The router gives no port: those tried belong to others.");
    break;
  default:
    ph_doctor_step_blame (step, PH_BLOCKER_MAPPING_REFUSED,
        "The router refuses to open port %u: %s.", port->external_port, said);
    ph_doctor_step_advise (step,
        "Allow this machine to open ports on the router's own page, or forward %s to it by hand "
        "there.",
        https);
  }
}

void
ph_doctor_router_judge_mapping (const PhDoctorFacts *f, PhDoctorStep *step)
{
  const PhDoctorPort *port = ph_doctor_facts_find_port (f, FALSE);
  g_autofree char *https = ph_doctor_step_port_to_text (f->https_port);

  if (!f->wants_mapping) {
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN,
        "The router is not asked to open a port; one forwarded by hand cannot be seen from here.");
    ph_doctor_step_advise (step,
        "Set remote.port_mapping.enabled to true in the settings, or forward %s by hand in "
        "the router.",
        https);
  } else if (f->mapping_refusal != NULL) {
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN,
        "Porthole does not ask the router to open a port: %s.", f->mapping_refusal);
  } else if (port == NULL || port->state == PH_PORT_TRYING) {
    ph_doctor_step_say (
        step, PH_DOCTOR_UNKNOWN, "The router has not said yet whether it opens a port.");
    ph_doctor_step_advise (step, "Ask again in a minute.");
  } else if (port->state == PH_PORT_OPEN) {
    ph_doctor_step_say (step, PH_DOCTOR_OK, "The router lets connections in: %s.", port->said);
  } else {
    judge_closed_port (f, port, step);
  }
}

void
ph_doctor_router_judge_conflict (const PhDoctorFacts *f, PhDoctorStep *step)
{
  const PhDoctorPort *port = ph_doctor_facts_find_port (f, FALSE);

  if (port == NULL || port->state == PH_PORT_TRYING) {
    ph_doctor_step_say (
        step, PH_DOCTOR_UNKNOWN, "It is not known who else has ports open at the router.");
  } else if (port->state == PH_PORT_CLOSED && port->outcome == PH_MAPPING_TAKEN) {
    ph_doctor_step_blame (
        step, PH_BLOCKER_PORT_TAKEN, "The port is taken at the router: %s.", port->said);
    ph_doctor_step_advise (step,
        "Take the other's port away on the router's own page, or set another "
        "http.tls_port.");
  } else if (port->state == PH_PORT_OPEN && port->external_port != port->wished_port) {
    ph_doctor_step_say (step, PH_DOCTOR_OK,
        "Port %u was not to be had at the router, so it is port %u: %s.", port->wished_port,
        port->external_port, port->said);
    ph_doctor_step_advise (step, "Call port %u from outside.", port->external_port);
  } else {
    ph_doctor_step_say (step, PH_DOCTOR_OK, "Nobody else has the port.");
  }
}

void
ph_doctor_router_judge_hairpin (const PhDoctorFacts *f, PhDoctorStep *step)
{
  if (f->hairpin == PH_FACT_YES)
    ph_doctor_step_say (
        step, PH_DOCTOR_OK, "The public address works from inside this network too.");
  else if (f->hairpin == PH_FACT_UNKNOWN)
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN,
        "It was not tried whether the public address works from inside this network.");
  else {
    ph_doctor_step_say (step, PH_DOCTOR_OK,
        "The public address does not work from inside this network, which says nothing about "
        "outside: many routers do not lead back in.");
    ph_doctor_step_advise (step, "At home use this machine's own name or address.");
  }
}

void
ph_doctor_router_judge_port (const PhDoctorFacts *f, PhDoctorStep *step)
{
  static const guint blocked[] = { 25, 80, 443, 445, 8080 };
  guint port = ph_doctor_facts_get_port (f);

  for (gsize i = 0; i < G_N_ELEMENTS (blocked); i++) {
    if (port != blocked[i])
      continue;
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN, "Some providers let nothing in to port %u.", port);
    ph_doctor_step_advise (
        step, "If it does not work from outside, use a port above 1024 and another than 8080.");
    return;
  }
  if (port == 0)
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN, "There is no port to be called.");
  else
    ph_doctor_step_say (
        step, PH_DOCTOR_OK, "Port %u is none of those that providers are known to block.", port);
}
