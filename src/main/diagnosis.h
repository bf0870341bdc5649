/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The doctor in the running server: tells it what the other rooms know, shows what it says in the
 * API, and hears "porthole doctor", which leaves a file in the state folder. Main thread. */
#pragma once

#include "access/tls.h"
#include "config/config.h"
#include "http/http.h"
#include "main/outside.h"
#include "remote/remote.h"

/* Files in the state folder: the order, and what came of it (as /api/v1/doctor, and written anew
 * with each step). */
#define PH_DIAGNOSIS_ORDER "doctor-now"
#define PH_DIAGNOSIS_REPORT "doctor.json"

typedef struct _PhDiagnosis PhDiagnosis;

/* All are kept, not copied. */
PhDiagnosis *ph_diagnosis_new (PhHttp *http, PhRemote *remote, PhOutside *outside);
void ph_diagnosis_free (PhDiagnosis *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDiagnosis, ph_diagnosis_free)

/* What is judged from now on. config is referenced; tls (nullable) too. */
void ph_diagnosis_apply (PhDiagnosis *self, PhConfig *config, PhTls *tls);
