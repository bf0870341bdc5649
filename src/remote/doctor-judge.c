/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/doctor-judge.h"

#include "remote/doctor-machine.h"
#include "remote/doctor-names.h"
#include "remote/doctor-router.h"

#define PROOF_S (24 * 60 * 60)

gboolean
ph_doctor_is_proven (const PhDoctorFacts *facts)
{
  return facts->visitor != NULL && facts->now - facts->visited_at < PROOF_S;
}

/* ---- outside --------------------------------------------------------------------------------- */

static void
judge_internet (const PhDoctorFacts *f, PhDoctorStep *step)
{
  if (f->n_echoes == 0) {
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN, "No service outside is asked.");
    ph_doctor_step_advise (step, "Name two web services in remote.public_address.sources.");
  } else if (f->n_addresses > 0) {
    ph_doctor_step_say (
        step, PH_DOCTOR_OK, "%u of %u services outside answer.", f->n_addresses, f->n_echoes);
  } else if (f->n_answers > 0) {
    ph_doctor_step_blame (step, PH_BLOCKER_CAPTIVE_PORTAL,
        "Somebody else answers in place of the services outside: %s.", f->echo_said);
    ph_doctor_step_advise (
        step, "Open any page in a browser here: most likely this network wants a log-in.");
  } else {
    ph_doctor_step_blame (step, PH_BLOCKER_NO_INTERNET, "No service outside answers: %s.",
        f->echo_said != NULL ? f->echo_said : "none did in time");
    ph_doctor_step_advise (step, "Look at the router and the line; nothing else can work before.");
  }
}

static void
judge_public_address (const PhDoctorFacts *f, PhDoctorStep *step)
{
  g_autofree char *web = ph_doctor_step_to_text (f->web);

  if (f->web != NULL) {
    ph_doctor_step_say (step, PH_DOCTOR_OK, "The internet sees this place as %s.", web);
  } else if (f->n_addresses >= 2) {
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN, "The services outside see different addresses.");
    ph_doctor_step_advise (step,
        "The provider may share several addresses among its customers; ask for one of "
        "your own.");
  } else {
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN,
        "It is not known how the internet sees this place: too few services agree.");
    ph_doctor_step_advise (step, "Name two or more web services in remote.public_address.sources.");
  }
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
  g_autofree char *visitor = ph_doctor_step_to_text (f->visitor);
  g_autofree char *when = describe_time (f->visited_at);

  if (ph_doctor_is_proven (f)) {
    ph_doctor_step_say (step, PH_DOCTOR_OK, "Somebody came from outside: %s at %s.", visitor, when);
    return;
  }
  if (f->visitor != NULL)
    ph_doctor_step_say (
        step, PH_DOCTOR_UNKNOWN, "The last time somebody came from outside was %s.", when);
  else
    ph_doctor_step_say (step, PH_DOCTOR_UNKNOWN, "Nobody has come from outside yet.");
  ph_doctor_step_advise (
      step, "Open the one-time address on a phone with Wi-Fi switched off; that is the proof.");
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
  g_autofree char *visitor = ph_doctor_step_to_text (f->visitor);

  if (blocked != NULL) {
    ph_doctor_step_blame (verdict, blocked->blocker, "%s", blocked->seen);
    verdict->advice = g_strdup (blocked->advice);
  } else if (ph_doctor_is_proven (f)) {
    ph_doctor_step_say (
        verdict, PH_DOCTOR_OK, "Porthole is reached from outside: %s did.", visitor);
  } else {
    ph_doctor_step_say (verdict, PH_DOCTOR_UNKNOWN,
        "Nothing that can be seen from inside stands in the way; only a visit from outside proves "
        "it.");
    ph_doctor_step_advise (
        verdict, "Open the one-time address on a phone with Wi-Fi switched off.");
  }
}

/* ---- tables ---------------------------------------------------------------------------------- */

typedef struct {
  const char *name, *title;
  guint needs;
  void (*judge) (const PhDoctorFacts *facts, PhDoctorStep *step);
} Row;

static const Row rows[PH_DOCTOR_N_STEPS] = {
  { "server", "Porthole itself", PH_PROBE_SERVER, ph_doctor_machine_judge_server },
  { "firewall", "This machine's firewall", PH_PROBE_OWN, ph_doctor_machine_judge_firewall },
  { "network", "The way to the router", PH_PROBE_ROUTER, ph_doctor_machine_judge_network },
  { "internet", "The way out", PH_PROBE_WEB, judge_internet },
  { "public-address", "The public address", PH_PROBE_WEB, judge_public_address },
  { "router", "What the router speaks", PH_PROBE_ROUTER | PH_PROBE_MAPPING,
      ph_doctor_router_judge },
  { "nat", "Who has the public address",
      PH_PROBE_WEB | PH_PROBE_ROUTER | PH_PROBE_MAPPING | PH_PROBE_HOP,
      ph_doctor_router_judge_nat },
  { "mapping", "The port at the router", PH_PROBE_MAPPING, ph_doctor_router_judge_mapping },
  { "conflict", "Who else wants the port", PH_PROBE_MAPPING, ph_doctor_router_judge_conflict },
  { "name", "The name", PH_PROBE_NAMES | PH_PROBE_WEB | PH_PROBE_ROUTER, ph_doctor_names_judge },
  { "ipv6", "IPv6", PH_PROBE_NAMES | PH_PROBE_MAPPING, ph_doctor_names_judge_ipv6 },
  { "hairpin", "The public address from inside", PH_PROBE_HAIRPIN, ph_doctor_router_judge_hairpin },
  { "port", "What providers block", PH_PROBE_MAPPING, ph_doctor_router_judge_port },
  { "outside", "The proof from outside", PH_PROBE_SERVER, judge_outside },
  { "verdict", "The verdict", PH_PROBE_ALL, NULL },
};

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
