/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Steps about this machine: from facts to what step says, which must be clear before. Pure; any
 * thread. */
#pragma once

#include "remote/doctor-facts.h"
#include "remote/doctor-step.h"

/* Whether Porthole listens, with users and a certificate that is good for the names. */
void ph_doctor_machine_judge_server (const PhDoctorFacts *facts, PhDoctorStep *step);
/* Whether it answers at the machine's own address. */
void ph_doctor_machine_judge_firewall (const PhDoctorFacts *facts, PhDoctorStep *step);
/* Whether there is a way to the router. */
void ph_doctor_machine_judge_network (const PhDoctorFacts *facts, PhDoctorStep *step);
