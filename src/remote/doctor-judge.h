/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From facts to steps, and from steps to the one thing that stands in the way. Pure; any thread. */
#pragma once

#include "remote/doctor-facts.h"

typedef enum { PH_DOCTOR_OK, PH_DOCTOR_PROBLEM, PH_DOCTOR_UNKNOWN } PhDoctorState;

/* What can stand in the way: the first of them that is there is the one to be told. */
typedef enum {
  PH_BLOCKER_NONE,
  PH_BLOCKER_NOT_RUNNING,
  PH_BLOCKER_NO_USERS,
  PH_BLOCKER_LOOPBACK,
  PH_BLOCKER_NO_TLS,
  PH_BLOCKER_NO_ROUTE, /* what follows is known to be no matter once somebody came from outside … */
  PH_BLOCKER_NO_INTERNET,
  PH_BLOCKER_CAPTIVE_PORTAL,
  PH_BLOCKER_VPN,
  PH_BLOCKER_CGNAT,
  PH_BLOCKER_DOUBLE_NAT,
  PH_BLOCKER_HIDDEN_NAT,
  PH_BLOCKER_FIREWALL,
  PH_BLOCKER_ROUTER_SILENT,
  PH_BLOCKER_PORT_TAKEN,
  PH_BLOCKER_MAPPING_REFUSED, /* … up to this */
  PH_BLOCKER_NAME_NOT_UPDATED,
  PH_BLOCKER_DNS_STALE,
  PH_BLOCKER_IPV6,
  PH_BLOCKER_CERTIFICATE_ENDED,
  PH_BLOCKER_TLS_NAME,
  PH_BLOCKER_CLOCK
} PhDoctorBlocker;

/* "cgnat", "port-taken", …; NULL for PH_BLOCKER_NONE. */
const char *ph_doctor_blocker_get_name (PhDoctorBlocker blocker);

#define PH_DOCTOR_N_STEPS 15
/* Of the step that sums up all others. */
#define PH_DOCTOR_VERDICT (PH_DOCTOR_N_STEPS - 1)

/* What has to be found out before a step can be judged; bits. */
enum {
  PH_PROBE_SERVER = 1 << 0, /* known from the beginning, with the way out */
  PH_PROBE_OWN = 1 << 1,
  PH_PROBE_WEB = 1 << 2,
  PH_PROBE_ROUTER = 1 << 3,
  PH_PROBE_HOP = 1 << 4,
  PH_PROBE_MAPPING = 1 << 5,
  PH_PROBE_NAMES = 1 << 6,
  PH_PROBE_HAIRPIN = 1 << 7
};
#define PH_PROBE_ALL ((1 << 8) - 1)

typedef struct {
  gboolean is_judged;
  PhDoctorState state;
  PhDoctorBlocker blocker; /* with PH_DOCTOR_PROBLEM */
  char *seen; /* one sentence, with its full stop */
  char *advice; /* another one: what to do; NULL: nothing */
} PhDoctorStep;

void ph_doctor_step_clear (PhDoctorStep *self);

/* "firewall": for the API. */
const char *ph_doctor_step_get_name (guint index);
/* "This machine's firewall": for people. */
const char *ph_doctor_step_get_title (guint index);
guint ph_doctor_step_get_needs (guint index);
/* "ok", "problem", "unknown". */
const char *ph_doctor_state_get_name (PhDoctorState state);

/* steps[index] is filled in; for PH_DOCTOR_VERDICT all others must have been. */
void ph_doctor_judge (
    const PhDoctorFacts *facts, PhDoctorStep steps[PH_DOCTOR_N_STEPS], guint index);
/* Whether the visit that facts know of is young enough to prove something. */
gboolean ph_doctor_is_proven (const PhDoctorFacts *facts);
/* Ways around blocker, the best first, ended by NULL; empty where the advice is all there is. */
const char *const *ph_doctor_list_remedies (PhDoctorBlocker blocker);
