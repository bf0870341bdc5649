/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the doctor says, as JSON for /api/v1/doctor. Main thread. */
#pragma once

#include "remote/doctor.h"

#include <json-glib/json-glib.h>

/* Adds members to the object that is open in builder: running, finished, steps (those that are
 * judged, in their order) and verdict (null before the end). */
void ph_doctor_json_add (JsonBuilder *builder, PhDoctor *doctor);
