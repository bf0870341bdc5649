/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/doctor-machine.h"

#define FEW_DAYS 14

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

static void
judge_certificate (const PhDoctorFacts *f, PhDoctorStep *step)
{
  const PhDoctorName *name = find_name_not_ready (f);

  if (f->now < f->released) {
    ph_doctor_step_blame (
        step, PH_BLOCKER_CLOCK, "This machine's clock is wrong: it shows a time that is over.");
    ph_doctor_step_advise (
        step, "Set the clock, or let systemd-timesyncd do it; certificates depend on it.");
  } else if (f->certificate_days < 0) {
    ph_doctor_step_blame (step, PH_BLOCKER_CERTIFICATE_ENDED, "The certificate ended %d days ago.",
        -f->certificate_days);
    ph_doctor_step_advise (step, "Renew the certificate; Porthole takes the new files by itself.");
  } else if (name != NULL && !name->is_served) {
    ph_doctor_step_blame (
        step, PH_BLOCKER_TLS_NAME, "Porthole does not answer to the name %s.", name->hostname);
    ph_doctor_step_advise (step, "Add \"%s\" to http.hostnames in the settings.", name->hostname);
  } else if (name != NULL) {
    ph_doctor_step_blame (
        step, PH_BLOCKER_TLS_NAME, "The certificate is not good for the name %s.", name->hostname);
    ph_doctor_step_advise (step,
        "Get a certificate for %s, for instance from Let's Encrypt, and name it in tls.",
        name->hostname);
  } else {
    ph_doctor_step_say (step, PH_DOCTOR_OK,
        "Porthole listens for HTTPS on port %u, wants a log-in, and its %scertificate is good for "
        "%d days.",
        f->https_port, f->is_self_signed ? "own (self-signed) " : "", f->certificate_days);
    if (f->is_self_signed)
      ph_doctor_step_advise (step,
          "Browsers will warn of a certificate that Porthole signed itself; one from "
          "Let's Encrypt ends that.");
    else if (f->certificate_days < FEW_DAYS)
      ph_doctor_step_advise (step, "Renew the certificate soon.");
  }
}

void
ph_doctor_machine_judge_server (const PhDoctorFacts *f, PhDoctorStep *step)
{
  if (!f->is_running) {
    ph_doctor_step_blame (
        step, PH_BLOCKER_NOT_RUNNING, "No Porthole runs here with these settings.");
    ph_doctor_step_advise (step, "Start it: systemctl start porthole, or just porthole.");
  } else if (!f->has_users) {
    ph_doctor_step_blame (
        step, PH_BLOCKER_NO_USERS, "There are no users, so Porthole answers this machine only.");
    ph_doctor_step_advise (step, "Add a user: porthole user NAME --role admin --write.");
  } else if (f->is_loopback) {
    ph_doctor_step_blame (step, PH_BLOCKER_LOOPBACK, "Porthole answers this machine only.");
    ph_doctor_step_advise (step, "Set http.listen to \"any\" in the settings.");
  } else if (f->https_port == 0 || !f->has_certificate) {
    ph_doctor_step_blame (
        step, PH_BLOCKER_NO_TLS, "There is no HTTPS, so passwords could be read on the way.");
    ph_doctor_step_advise (step, "Set http.tls_port in the settings.");
  } else {
    judge_certificate (f, step);
  }
}

void
ph_doctor_machine_judge_firewall (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *own = ph_doctor_step_to_text (f->self);

  if (f->answers == PH_FACT_UNKNOWN) {
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN,
        "It was not tried whether %s answers at its own address.",
        f->is_running ? "Porthole" : "a server that is not there");
  } else if (f->answers == PH_FACT_YES) {
    ph_doctor_step_say (step, PH_DOCTOR_OK, "Port %u answers at this machine's own address, %s.",
        f->https_port, own);
  } else {
    ph_doctor_step_blame (step, PH_BLOCKER_FIREWALL,
        "Port %u of this machine's own address, %s, cannot be reached: %s.", f->https_port, own,
        f->why_no_answer);
    ph_doctor_step_advise (step,
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

void
ph_doctor_machine_judge_network (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *own = ph_doctor_step_to_text (f->self),
                  *gateway = ph_doctor_step_to_text (f->gateway);

  if (is_tunnel (f->interface)) {
    ph_doctor_step_blame (step, PH_BLOCKER_VPN,
        "All connections go out through %s, a VPN, whose other end is what the internet sees.",
        f->interface);
    ph_doctor_step_advise (
        step, "Open the port at the VPN's other end, or let Porthole out beside the VPN.");
  } else if (f->gateway == NULL && f->self_ipv6 != NULL) {
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN, "There is a way out by IPv6 only.");
    ph_doctor_step_advise (
        step, "Whoever has IPv4 only cannot come here; ask the provider for IPv4 if need be.");
  } else if (f->gateway == NULL) {
    ph_doctor_step_blame (step, PH_BLOCKER_NO_ROUTE,
        "This machine has no way out of its network: %s.",
        f->why_no_gateway != NULL ? f->why_no_gateway : "there is no default route");
    ph_doctor_step_advise (
        step, "Plug the cable in or join the Wi-Fi; the router has to hand out an address.");
  } else if (f->has_neighbour == PH_FACT_NO) {
    ph_doctor_step_blame (
        step, PH_BLOCKER_NO_ROUTE, "The router, %s, does not answer on %s.", gateway, f->interface);
    ph_doctor_step_advise (
        step, "Look whether the router is on, and whether its address is still %s.", gateway);
  } else {
    ph_doctor_step_say (step, PH_DOCTOR_OK, "This machine is %s on %s, and its router is %s.", own,
        f->interface, gateway);
  }
}
