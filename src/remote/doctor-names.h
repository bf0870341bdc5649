/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Steps about the names that lead here: from facts to what step says, which must be clear before.
 * Pure; any thread. */
#pragma once

#include "remote/doctor-facts.h"
#include "remote/doctor-step.h"

/* Whether DNS has them, with the right IPv4 address. */
void ph_doctor_names_judge (const PhDoctorFacts *facts, PhDoctorStep *step);
/* Whether one leads somewhere by IPv6 that does not answer. */
void ph_doctor_names_judge_ipv6 (const PhDoctorFacts *facts, PhDoctorStep *step);
