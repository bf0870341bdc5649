/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What settings and certificate tell the doctor. Main thread. */
#pragma once

#include "config/config.h"
#include "remote/doctor-facts.h"

/* certificate: nullable; of a server that runs. */
void ph_diagnosis_facts_fill (
    PhDoctorFacts *facts, const PhConfig *config, GTlsCertificate *certificate);
