/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From facts to steps, and from steps to the one thing that stands in the way. Pure; any thread. */
#pragma once

#include "remote/doctor-facts.h"
#include "remote/doctor-step.h"

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

/* "firewall": for the API. */
const char *ph_doctor_step_get_name (guint index);
/* "This machine's firewall": for people. */
const char *ph_doctor_step_get_title (guint index);
guint ph_doctor_step_get_needs (guint index);

/* steps[index] is filled in; for PH_DOCTOR_VERDICT all others must have been. */
void ph_doctor_judge (
    const PhDoctorFacts *facts, PhDoctorStep steps[PH_DOCTOR_N_STEPS], guint index);
/* Whether the visit that facts know of is young enough to prove something. */
gboolean ph_doctor_is_proven (const PhDoctorFacts *facts);
/* Ways around blocker, the best first, ended by NULL; empty where the advice is all there is. */
const char *const *ph_doctor_list_remedies (PhDoctorBlocker blocker);
