/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/doctor-judge.h"

#include "remote/address.h"

#include <string.h>

#define PROOF_S (24 * 60 * 60)
#define FEW_DAYS 14

static void G_GNUC_PRINTF (3, 4)
    say (PhDoctorStep *step, PhDoctorState state, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  step->seen = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  step->state = state;
}

static void G_GNUC_PRINTF (2, 3) advise (PhDoctorStep *step, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  step->advice = g_strdup_vprintf (format, arguments);
  va_end (arguments);
}

static void G_GNUC_PRINTF (3, 4)
    blame (PhDoctorStep *step, PhDoctorBlocker blocker, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  step->seen = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  step->state = PH_DOCTOR_PROBLEM;
  step->blocker = blocker;
}

/* Free with g_free. */
static char *
to_text (GInetAddress *address)
{
  return address != NULL ? g_inet_address_to_string (address) : g_strdup ("unknown");
}

gboolean
ph_doctor_is_proven (const PhDoctorFacts *facts)
{
  return facts->visitor != NULL && facts->now - facts->visited_at < PROOF_S;
}

/* The first name that the certificate is not good for, or that HTTP does not answer to. */
static const PhDoctorName *
find_name_not_ready (const PhDoctorFacts *f)
{
  for (guint i = 0; i < f->names->len; i++) {
    const PhDoctorName *name = g_ptr_array_index (f->names, i);

    if (!name->is_served || name->is_certified == PH_FACT_NO)
      return name;
  }
  return NULL;
}

/* ---- here ------------------------------------------------------------------------------------ */

static void
judge_certificate (const PhDoctorFacts *f, PhDoctorStep *step)
{
  const PhDoctorName *name = find_name_not_ready (f);

  if (f->now < f->released) {
    blame (step, PH_BLOCKER_CLOCK, "This machine's clock is wrong: it shows a time that is over.");
    advise (step, "Set the clock, or let systemd-timesyncd do it; certificates depend on it.");
  } else if (f->certificate_days < 0) {
    blame (step, PH_BLOCKER_CERTIFICATE_ENDED, "The certificate ended %d days ago.",
        -f->certificate_days);
    advise (step, "Renew the certificate; Porthole takes the new files by itself.");
  } else if (name != NULL && !name->is_served) {
    blame (step, PH_BLOCKER_TLS_NAME, "Porthole does not answer to the name %s.", name->hostname);
    advise (step, "Add \"%s\" to http.hostnames in the settings.", name->hostname);
  } else if (name != NULL) {
    blame (
        step, PH_BLOCKER_TLS_NAME, "The certificate is not good for the name %s.", name->hostname);
    advise (step, "Get a certificate for %s, for instance from Let's Encrypt, and name it in tls.",
        name->hostname);
  } else {
    say (step, PH_DOCTOR_OK,
        "Porthole listens for HTTPS on port %u, wants a log-in, and its %scertificate is good for "
        "%d days.",
        f->https_port, f->is_self_signed ? "own (self-signed) " : "", f->certificate_days);
    if (f->is_self_signed)
      advise (step, "Browsers will warn of a certificate that Porthole signed itself; one from "
                    "Let's Encrypt ends that.");
    else if (f->certificate_days < FEW_DAYS)
      advise (step, "Renew the certificate soon.");
  }
}

static void
judge_server (const PhDoctorFacts *f, PhDoctorStep *step)
{
  if (!f->is_running) {
    blame (step, PH_BLOCKER_NOT_RUNNING, "No Porthole runs here with these settings.");
    advise (step, "Start it: systemctl start porthole, or just porthole.");
  } else if (!f->has_users) {
    blame (step, PH_BLOCKER_NO_USERS, "There are no users, so Porthole answers this machine only.");
    advise (step, "Add a user: porthole user NAME --role admin --write.");
  } else if (f->is_loopback) {
    blame (step, PH_BLOCKER_LOOPBACK, "Porthole answers this machine only.");
    advise (step, "Set http.listen to \"any\" in the settings.");
  } else if (f->https_port == 0 || !f->has_certificate) {
    blame (step, PH_BLOCKER_NO_TLS, "There is no HTTPS, so passwords could be read on the way.");
    advise (step, "Set http.tls_port in the settings.");
  } else {
    judge_certificate (f, step);
  }
}

static void
judge_firewall (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *own = to_text (f->self);

  if (f->answers == PH_FACT_UNKNOWN) {
    say (step, PH_DOCTOR_UNKNOWN, "It was not tried whether %s answers at its own address.",
        f->is_running ? "Porthole" : "a server that is not there");
  } else if (f->answers == PH_FACT_YES) {
    say (step, PH_DOCTOR_OK, "Port %u answers at this machine's own address, %s.", f->https_port,
        own);
  } else {
    blame (step, PH_BLOCKER_FIREWALL,
        "Port %u of this machine's own address, %s, cannot be reached: %s.", f->https_port, own,
        f->why_no_answer);
    advise (step,
        "Let port %u in through this machine's firewall (ufw allow %u/tcp, or firewall-cmd "
        "--add-port=%u/tcp).",
        f->https_port, f->https_port, f->https_port);
  }
}

static gboolean
is_tunnel (const char *interface)
{
  static const char *const prefixes[] = { "tun", "tap", "wg", "ppp-vpn", "tailscale", "zt" };

  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (interface, prefixes[i]))
      return TRUE;
  return FALSE;
}

static void
judge_network (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *own = to_text (f->self), *gateway = to_text (f->gateway);

  if (is_tunnel (f->interface)) {
    blame (step, PH_BLOCKER_VPN,
        "All connections go out through %s, a VPN, whose other end is what the internet sees.",
        f->interface);
    advise (step, "Open the port at the VPN's other end, or let Porthole out beside the VPN.");
  } else if (f->gateway == NULL && f->self_ipv6 != NULL) {
    say (step, PH_DOCTOR_UNKNOWN, "There is a way out by IPv6 only.");
    advise (step, "Whoever has IPv4 only cannot come here; ask the provider for IPv4 if need be.");
  } else if (f->gateway == NULL) {
    blame (step, PH_BLOCKER_NO_ROUTE, "This machine has no way out of its network: %s.",
        f->why_no_gateway != NULL ? f->why_no_gateway : "there is no default route");
    advise (step, "Plug the cable in or join the Wi-Fi; the router has to hand out an address.");
  } else if (f->has_neighbour == PH_FACT_NO) {
    blame (
        step, PH_BLOCKER_NO_ROUTE, "The router, %s, does not answer on %s.", gateway, f->interface);
    advise (step, "Look whether the router is on, and whether its address is still %s.", gateway);
  } else {
    say (step, PH_DOCTOR_OK, "This machine is %s on %s, and its router is %s.", own, f->interface,
        gateway);
  }
}

/* ---- outside --------------------------------------------------------------------------------- */

static void
judge_internet (const PhDoctorFacts *f, PhDoctorStep *step)
{
  if (f->n_echoes == 0) {
    say (step, PH_DOCTOR_UNKNOWN, "No service outside is asked.");
    advise (step, "Name two web services in remote.public_address.sources.");
  } else if (f->n_addresses > 0) {
    say (step, PH_DOCTOR_OK, "%u of %u services outside answer.", f->n_addresses, f->n_echoes);
  } else if (f->n_answers > 0) {
    blame (step, PH_BLOCKER_CAPTIVE_PORTAL,
        "Somebody else answers in place of the services outside: %s.", f->echo_said);
    advise (step, "Open any page in a browser here: most likely this network wants a log-in.");
  } else {
    blame (step, PH_BLOCKER_NO_INTERNET, "No service outside answers: %s.",
        f->echo_said != NULL ? f->echo_said : "none did in time");
    advise (step, "Look at the router and the line; nothing else can work before.");
  }
}

static void
judge_public_address (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *web = to_text (f->web);

  if (f->web != NULL) {
    say (step, PH_DOCTOR_OK, "The internet sees this place as %s.", web);
  } else if (f->n_addresses >= 2) {
    say (step, PH_DOCTOR_UNKNOWN, "The services outside see different addresses.");
    advise (step, "The provider may share several addresses among its customers; ask for one of "
                  "your own.");
  } else {
    say (step, PH_DOCTOR_UNKNOWN,
        "It is not known how the internet sees this place: too few services agree.");
    advise (step, "Name two or more web services in remote.public_address.sources.");
  }
}

/* ---- the router ------------------------------------------------------------------------------ */

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

static void
judge_router (const PhDoctorFacts *f, PhDoctorStep *step)
{
  gboolean is_direct = ph_doctor_facts_get_finding (f) == PH_ADDRESS_FOUND_DIRECT;

  if (f->router_protocol != NULL)
    say (step, PH_DOCTOR_OK, "The router can be asked, by %s.", f->router_protocol);
  else if (is_any_port_answered (f) && f->ports->len > 0)
    say (step, PH_DOCTOR_OK, "The router answers when it is asked for a port.");
  else if (is_direct)
    say (step, PH_DOCTOR_OK, "No router stands in between.");
  else if (f->wants_mapping) {
    blame (step, PH_BLOCKER_ROUTER_SILENT,
        "The router answers neither to PCP nor NAT-PMP nor UPnP: they are switched off in it, or "
        "it has none of them.");
    advise (step,
        "Switch on UPnP (or NAT-PMP) in the router, or forward TCP port %u to this "
        "machine by hand there.",
        f->https_port);
  } else {
    say (step, PH_DOCTOR_UNKNOWN, "The router does not tell what it does: %s.",
        f->router_said != NULL ? f->router_said : "it was not asked");
    advise (step, "Forward TCP port %u to this machine by hand in the router.", f->https_port);
  }
}

static const char bridge_advice[] =
    "Set the upper router%s%s to bridge mode, or forward TCP port %u to %s there as well.";

static void
judge_double_nat (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *router = to_text (f->router_address);
  g_autofree char *hop = f->hop != NULL ? to_text (f->hop) : NULL;

  blame (step, PH_BLOCKER_DOUBLE_NAT,
      "The router stands behind another router%s%s (double NAT): its own address there is %s, a "
      "private one.",
      hop != NULL ? ", " : "", hop != NULL ? hop : "", router);
  advise (step, bridge_advice, hop != NULL ? ", " : "", hop != NULL ? hop : "",
      ph_doctor_facts_get_port (f), router);
}

static void
judge_unknown_nat (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *hop = to_text (f->hop);
  PhAddressKind kind = f->hop != NULL ? ph_address_classify (f->hop) : PH_ADDRESS_PUBLIC;

  if (kind == PH_ADDRESS_SHARED)
    blame (step, PH_BLOCKER_CGNAT,
        "Behind the router comes %s, an address of a provider's own translation (CGNAT).", hop);
  else if (kind == PH_ADDRESS_PRIVATE)
    blame (step, PH_BLOCKER_DOUBLE_NAT,
        "Behind the router comes another one, %s, with a private address (double NAT).", hop);
  else {
    say (step, PH_DOCTOR_UNKNOWN,
        "The router does not tell its address, so nobody knows whether the public one is its own.");
    advise (step, "Compare the public address with the address that the router's own page shows.");
    return;
  }
  if (kind == PH_ADDRESS_PRIVATE)
    advise (step, bridge_advice, ", ", hop, ph_doctor_facts_get_port (f), "your own router");
}

static void
judge_nat (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *router = to_text (f->router_address), *web = to_text (f->web);
  g_autofree char *own = to_text (f->self);

  switch (ph_doctor_facts_get_finding (f)) {
  case PH_ADDRESS_FOUND_DIRECT:
    say (step, PH_DOCTOR_OK, "This machine itself has the public address %s.", own);
    break;
  case PH_ADDRESS_FOUND_ROUTER:
    say (step, PH_DOCTOR_OK, "The router has the public address %s.", router);
    break;
  case PH_ADDRESS_FOUND_CGNAT:
    blame (step, PH_BLOCKER_CGNAT,
        "The provider shares one public address among its customers (CGNAT): the router has %s "
        "only.",
        f->router_address != NULL ? router : own);
    break;
  case PH_ADDRESS_FOUND_DOUBLE_NAT:
    judge_double_nat (f, step);
    break;
  case PH_ADDRESS_FOUND_HIDDEN_NAT:
    blame (step, PH_BLOCKER_HIDDEN_NAT,
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
    advise (step, "Use a VPN or a tunnel, or IPv6, or ask the provider for a public IPv4 address.");
}

static void
judge_closed_port (const PhDoctorFacts *f, const PhDoctorPort *port, PhDoctorStep *step)
{
  const char *said = port->said != NULL ? port->said : "nothing";

  switch (port->outcome) {
  case PH_MAPPING_ABSENT:
    say (step, PH_DOCTOR_UNKNOWN, "There is no router that could be asked to open a port.");
    advise (step, "Forward TCP port %u to this machine by hand in the router.", f->https_port);
    break;
  case PH_MAPPING_TAKEN:
    say (step, PH_DOCTOR_UNKNOWN, "The router gives no port: those tried belong to others.");
    break;
  default:
    blame (step, PH_BLOCKER_MAPPING_REFUSED, "The router refuses to open port %u: %s.",
        port->external_port, said);
    advise (step,
        "Allow this machine to open ports on the router's own page, or forward TCP port "
        "%u to it by hand there.",
        f->https_port);
  }
}

static void
judge_mapping (const PhDoctorFacts *f, PhDoctorStep *step)
{
  const PhDoctorPort *port = ph_doctor_facts_find_port (f, FALSE);

  if (!f->wants_mapping) {
    say (step, PH_DOCTOR_UNKNOWN,
        "The router is not asked to open a port; one forwarded by hand cannot be seen from here.");
    advise (step,
        "Set remote.port_mapping.enabled to true in the settings, or forward TCP port %u "
        "by hand in the router.",
        f->https_port);
  } else if (f->mapping_refusal != NULL) {
    say (step, PH_DOCTOR_UNKNOWN, "Porthole does not ask the router to open a port: %s.",
        f->mapping_refusal);
  } else if (port == NULL || port->state == PH_PORT_TRYING) {
    say (step, PH_DOCTOR_UNKNOWN, "The router has not said yet whether it opens a port.");
    advise (step, "Ask again in a minute.");
  } else if (port->state == PH_PORT_OPEN) {
    say (step, PH_DOCTOR_OK, "The router lets connections in: %s.", port->said);
  } else {
    judge_closed_port (f, port, step);
  }
}

static void
judge_conflict (const PhDoctorFacts *f, PhDoctorStep *step)
{
  const PhDoctorPort *port = ph_doctor_facts_find_port (f, FALSE);

  if (port == NULL || port->state == PH_PORT_TRYING) {
    say (step, PH_DOCTOR_UNKNOWN, "It is not known who else has ports open at the router.");
  } else if (port->state == PH_PORT_CLOSED && port->outcome == PH_MAPPING_TAKEN) {
    blame (step, PH_BLOCKER_PORT_TAKEN, "The port is taken at the router: %s.", port->said);
    advise (step, "Take the other's port away on the router's own page, or set another "
                  "http.tls_port.");
  } else if (port->state == PH_PORT_OPEN && port->external_port != port->wished_port) {
    say (step, PH_DOCTOR_OK, "Port %u was not to be had at the router, so it is port %u: %s.",
        port->wished_port, port->external_port, port->said);
    advise (step, "Call port %u from outside.", port->external_port);
  } else {
    say (step, PH_DOCTOR_OK, "Nobody else has the port.");
  }
}

/* ---- names ----------------------------------------------------------------------------------- */

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
  g_autofree char *shown = to_text (public), *found = to_text (ipv4);
  gboolean wants_ipv4 = !name->is_dynamic || name->wants_ipv4;

  if (name->is_stopped) {
    blame (step, PH_BLOCKER_NAME_NOT_UPDATED, "%s is not kept up to date any more: %s.",
        name->hostname, name->provider_said != NULL ? name->provider_said : "it was refused");
    advise (step, "Put right what the provider complains about, then: porthole ddns --now %s.",
        name->hostname);
  } else if (name->resolves == PH_FACT_NO) {
    blame (step, name->is_dynamic ? PH_BLOCKER_NAME_NOT_UPDATED : PH_BLOCKER_DNS_STALE,
        "DNS does not know %s: %s.", name->hostname, name->why_not);
    advise (step, "Make the name at its provider, and look whether it is spelled right.");
  } else if (wants_ipv4 && ipv4 != NULL && public != NULL && !name->is_elsewhere &&
             !has_address (name, public)) {
    blame (step, PH_BLOCKER_DNS_STALE, "%s that %s is %s, but this place is %s.",
        name->is_first_hand ? "The name's own servers say" : "DNS says", name->hostname, found,
        shown);
    advise (step, name->is_dynamic
                      ? "Wait some minutes until DNS has forgotten; if it stays so, look at "
                        "porthole ddns."
                      : "Set the name's address at its provider, or let remote.ddns follow it.");
  }
  return step->seen != NULL;
}

static void
judge_names (const PhDoctorFacts *f, PhDoctorStep *step)
{
  const PhDoctorName *first = f->names->len > 0 ? g_ptr_array_index (f->names, 0) : NULL;
  gboolean is_known = FALSE;

  if (first == NULL) {
    say (step, PH_DOCTOR_UNKNOWN, "There is no name for this place, only its address.");
    advise (step, "An address may change any day: give it a name in remote.ddns.");
    return;
  }
  for (guint i = 0; i < f->names->len; i++) {
    const PhDoctorName *name = g_ptr_array_index (f->names, i);

    if (judge_one_name (f, name, step))
      return;
    is_known |= name->resolves == PH_FACT_YES;
  }
  if (is_known)
    say (step, PH_DOCTOR_OK, "%s leads to the right address.", first->hostname);
  else
    say (step, PH_DOCTOR_UNKNOWN, "DNS did not say in time where %s leads.", first->hostname);
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
  g_autofree char *found = to_text (find_address (name, G_SOCKET_FAMILY_IPV6));

  if (f->self_ipv6 == NULL || !has_address (name, f->self_ipv6)) {
    blame (step, PH_BLOCKER_IPV6, "The AAAA record of %s, %s, is not this machine's address.",
        name->hostname, found);
    advise (step, "Take the AAAA record away or correct it: phones try IPv6 first, and wait.");
  } else if (port != NULL && port->state == PH_PORT_CLOSED) {
    blame (step, PH_BLOCKER_IPV6,
        "%s has the AAAA record %s, but the router's firewall lets no IPv6 in: %s.", name->hostname,
        found, port->said);
    advise (step,
        "Let TCP port %u in for %s in the router's IPv6 firewall, or take the AAAA record "
        "away.",
        f->https_port, found);
  } else if (port != NULL && port->state == PH_PORT_OPEN) {
    say (step, PH_DOCTOR_OK, "%s leads here by IPv6 too, and the router lets it in.",
        name->hostname);
  } else {
    say (step, PH_DOCTOR_UNKNOWN,
        "%s has the AAAA record %s; whether the router lets IPv6 in is not known.", name->hostname,
        found);
    advise (step, "Look at the router's IPv6 firewall: phones try IPv6 first.");
  }
}

static void
judge_ipv6 (const PhDoctorFacts *f, PhDoctorStep *step)
{
  const PhDoctorName *name = find_ipv6_name (f);
  const PhDoctorPort *port = ph_doctor_facts_find_port (f, TRUE);
  g_autofree char *own = to_text (f->self_ipv6);

  if (name != NULL)
    judge_ipv6_name (f, name, step);
  else if (f->self_ipv6 == NULL)
    say (step, PH_DOCTOR_OK, "There is no public IPv6 address here, and no name says so.");
  else if (port != NULL && port->state == PH_PORT_CLOSED) {
    say (step, PH_DOCTOR_UNKNOWN, "The router's firewall lets no IPv6 in to %s: %s.", own,
        port->said);
    advise (step, "If IPv6 is wanted, let TCP port %u in there.", f->https_port);
  } else
    say (step, PH_DOCTOR_OK, "%s by IPv6 %s.", own,
        port != NULL && port->state == PH_PORT_OPEN ? "is let in by the router"
                                                    : "has no name, so nobody is misled");
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void
judge_hairpin (const PhDoctorFacts *f, PhDoctorStep *step)
{
  if (f->hairpin == PH_FACT_YES)
    say (step, PH_DOCTOR_OK, "The public address works from inside this network too.");
  else if (f->hairpin == PH_FACT_UNKNOWN)
    say (step, PH_DOCTOR_UNKNOWN,
        "It was not tried whether the public address works from inside this network.");
  else {
    say (step, PH_DOCTOR_OK,
        "The public address does not work from inside this network, which says nothing about "
        "outside: many routers do not lead back in.");
    advise (step, "At home use this machine's own name or address.");
  }
}

static void
judge_port (const PhDoctorFacts *f, PhDoctorStep *step)
{
  static const guint blocked[] = { 25, 80, 443, 445, 8080 };
  guint port = ph_doctor_facts_get_port (f);

  for (gsize i = 0; i < G_N_ELEMENTS (blocked); i++) {
    if (port != blocked[i])
      continue;
    say (step, PH_DOCTOR_UNKNOWN, "Some providers let nothing in to port %u.", port);
    advise (step, "If it does not work from outside, use a port above 1024 and another than 8080.");
    return;
  }
  if (port == 0)
    say (step, PH_DOCTOR_UNKNOWN, "There is no port to be called.");
  else
    say (step, PH_DOCTOR_OK, "Port %u is none of those that providers are known to block.", port);
}

/* Free with g_free. */
static char *
describe_time (gint64 unix_s)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (unix_s);

  return time != NULL ? g_date_time_format (time, "%F %H:%M") : g_strdup ("some time");
}

static void
judge_outside (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *visitor = to_text (f->visitor);
  g_autofree char *when = describe_time (f->visited_at);

  if (ph_doctor_is_proven (f)) {
    say (step, PH_DOCTOR_OK, "Somebody came from outside: %s at %s.", visitor, when);
    return;
  }
  if (f->visitor != NULL)
    say (step, PH_DOCTOR_UNKNOWN, "The last time somebody came from outside was %s.", when);
  else
    say (step, PH_DOCTOR_UNKNOWN, "Nobody has come from outside yet.");
  advise (step, "Open the one-time address on a phone with Wi-Fi switched off; that is the proof.");
}

/* ---- the verdict ----------------------------------------------------------------------------- */

static gboolean
is_refuted_by_visit (PhDoctorBlocker blocker)
{
  return blocker >= PH_BLOCKER_NO_ROUTE && blocker <= PH_BLOCKER_MAPPING_REFUSED;
}

/* The step with what blocks the most; NULL: none. */
static const PhDoctorStep *
find_blocked (const PhDoctorFacts *facts, const PhDoctorStep steps[PH_DOCTOR_N_STEPS])
{
  const PhDoctorStep *worst = NULL;
  gboolean is_proven = ph_doctor_is_proven (facts);

  for (guint i = 0; i < PH_DOCTOR_VERDICT; i++) {
    const PhDoctorStep *step = &steps[i];

    if (step->state == PH_DOCTOR_PROBLEM && !(is_proven && is_refuted_by_visit (step->blocker)) &&
        (worst == NULL || step->blocker < worst->blocker))
      worst = step;
  }
  return worst;
}

static void
judge_all (const PhDoctorFacts *f, PhDoctorStep steps[PH_DOCTOR_N_STEPS])
{
  PhDoctorStep *verdict = &steps[PH_DOCTOR_VERDICT];
  const PhDoctorStep *blocked = find_blocked (f, steps);
  g_autofree char *visitor = to_text (f->visitor);

  if (blocked != NULL) {
    blame (verdict, blocked->blocker, "%s", blocked->seen);
    verdict->advice = g_strdup (blocked->advice);
  } else if (ph_doctor_is_proven (f)) {
    say (verdict, PH_DOCTOR_OK, "Porthole is reached from outside: %s did.", visitor);
  } else {
    say (verdict, PH_DOCTOR_UNKNOWN,
        "Nothing that can be seen from inside stands in the way; only a visit from outside proves "
        "it.");
    advise (verdict, "Open the one-time address on a phone with Wi-Fi switched off.");
  }
}

/* ---- tables ---------------------------------------------------------------------------------- */

typedef struct {
  const char *name, *title;
  guint needs;
  void (*judge) (const PhDoctorFacts *facts, PhDoctorStep *step);
} Row;

static const Row rows[PH_DOCTOR_N_STEPS] = {
  { "server", "Porthole itself", PH_PROBE_SERVER, judge_server },
  { "firewall", "This machine's firewall", PH_PROBE_OWN, judge_firewall },
  { "network", "The way to the router", PH_PROBE_ROUTER, judge_network },
  { "internet", "The way out", PH_PROBE_WEB, judge_internet },
  { "public-address", "The public address", PH_PROBE_WEB, judge_public_address },
  { "router", "What the router speaks", PH_PROBE_ROUTER | PH_PROBE_MAPPING, judge_router },
  { "nat", "Who has the public address",
      PH_PROBE_WEB | PH_PROBE_ROUTER | PH_PROBE_MAPPING | PH_PROBE_HOP, judge_nat },
  { "mapping", "The port at the router", PH_PROBE_MAPPING, judge_mapping },
  { "conflict", "Who else wants the port", PH_PROBE_MAPPING, judge_conflict },
  { "name", "The name", PH_PROBE_NAMES | PH_PROBE_WEB | PH_PROBE_ROUTER, judge_names },
  { "ipv6", "IPv6", PH_PROBE_NAMES | PH_PROBE_MAPPING, judge_ipv6 },
  { "hairpin", "The public address from inside", PH_PROBE_HAIRPIN, judge_hairpin },
  { "port", "What providers block", PH_PROBE_MAPPING, judge_port },
  { "outside", "The proof from outside", PH_PROBE_SERVER, judge_outside },
  { "verdict", "The verdict", PH_PROBE_ALL, NULL },
};

static const char *const blocker_names[] = {
  [PH_BLOCKER_NONE] = NULL,
  [PH_BLOCKER_NOT_RUNNING] = "not-running",
  [PH_BLOCKER_NO_USERS] = "no-users",
  [PH_BLOCKER_LOOPBACK] = "loopback",
  [PH_BLOCKER_NO_TLS] = "no-tls",
  [PH_BLOCKER_NO_ROUTE] = "no-route",
  [PH_BLOCKER_NO_INTERNET] = "no-internet",
  [PH_BLOCKER_CAPTIVE_PORTAL] = "captive-portal",
  [PH_BLOCKER_VPN] = "vpn",
  [PH_BLOCKER_CGNAT] = "cgnat",
  [PH_BLOCKER_DOUBLE_NAT] = "double-nat",
  [PH_BLOCKER_HIDDEN_NAT] = "hidden-nat",
  [PH_BLOCKER_FIREWALL] = "firewall",
  [PH_BLOCKER_ROUTER_SILENT] = "router-silent",
  [PH_BLOCKER_PORT_TAKEN] = "port-taken",
  [PH_BLOCKER_MAPPING_REFUSED] = "mapping-refused",
  [PH_BLOCKER_NAME_NOT_UPDATED] = "name-not-updated",
  [PH_BLOCKER_DNS_STALE] = "dns-stale",
  [PH_BLOCKER_IPV6] = "ipv6",
  [PH_BLOCKER_CERTIFICATE_ENDED] = "certificate-ended",
  [PH_BLOCKER_TLS_NAME] = "tls-name",
  [PH_BLOCKER_CLOCK] = "clock",
};

const char *
ph_doctor_blocker_get_name (PhDoctorBlocker blocker)
{
  return blocker_names[blocker];
}

void
ph_doctor_step_clear (PhDoctorStep *self)
{
  g_free (self->seen);
  g_free (self->advice);
  memset (self, 0, sizeof *self);
}

const char *
ph_doctor_step_get_name (guint index)
{
  return rows[index].name;
}

const char *
ph_doctor_step_get_title (guint index)
{
  return rows[index].title;
}

guint
ph_doctor_step_get_needs (guint index)
{
  return rows[index].needs;
}

const char *
ph_doctor_state_get_name (PhDoctorState state)
{
  static const char *const names[] = { "ok", "problem", "unknown" };

  return names[state];
}

void
ph_doctor_judge (const PhDoctorFacts *facts, PhDoctorStep steps[PH_DOCTOR_N_STEPS], guint index)
{
  ph_doctor_step_clear (&steps[index]);
  if (index == PH_DOCTOR_VERDICT)
    judge_all (facts, steps);
  else
    rows[index].judge (facts, &steps[index]);
  steps[index].is_judged = TRUE;
}

const char *const *
ph_doctor_list_remedies (PhDoctorBlocker blocker)
{
  static const char *const around_nat[] = {
    "Use a VPN or a tunnel, for instance WireGuard: it needs no open port here.",
    "Use IPv6 with PCP where both ends have it: no address is translated there.",
    "Ask the provider for a public IPv4 address, or set its box to bridge mode.",
    NULL,
  };
  static const char *const none[] = { NULL };

  return blocker == PH_BLOCKER_CGNAT || blocker == PH_BLOCKER_DOUBLE_NAT ||
                 blocker == PH_BLOCKER_HIDDEN_NAT
             ? around_nat
             : none;
}
