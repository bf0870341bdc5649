/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Steps about the router and whoever stands behind it: from facts to what step says, which must be
 * clear before. Pure; any thread. */
#pragma once

#include "remote/doctor-facts.h"
#include "remote/doctor-step.h"

/* Whether it can be asked at all. */
void ph_doctor_router_judge (const PhDoctorFacts *facts, PhDoctorStep *step);
/* Who has the public IPv4 address. */
void ph_doctor_router_judge_nat (const PhDoctorFacts *facts, PhDoctorStep *step);
/* Whether it lets connections in to the IPv4 port … */
void ph_doctor_router_judge_mapping (const PhDoctorFacts *facts, PhDoctorStep *step);
/* … and who else wants that port. */
void ph_doctor_router_judge_conflict (const PhDoctorFacts *facts, PhDoctorStep *step);
/* Whether it leads back in who calls the public address from inside. */
void ph_doctor_router_judge_hairpin (const PhDoctorFacts *facts, PhDoctorStep *step);
/* Whether the port is one that providers block. */
void ph_doctor_router_judge_port (const PhDoctorFacts *facts, PhDoctorStep *step);
