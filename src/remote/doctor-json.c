/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/doctor-json.h"

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

static void
add_step (JsonBuilder *builder, guint index, const PhDoctorStep *step)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "number");
  json_builder_add_int_value (builder, index + 1);
  add_text (builder, "name", ph_doctor_step_get_name (index));
  add_text (builder, "title", ph_doctor_step_get_title (index));
  add_text (builder, "state", ph_doctor_state_get_name (step->state));
  add_text (builder, "seen", step->seen);
  add_text (builder, "advice", step->advice);
  json_builder_end_object (builder);
}

static void
add_remedies (JsonBuilder *builder, PhDoctorBlocker blocker)
{
  const char *const *remedies = ph_doctor_list_remedies (blocker);

  json_builder_set_member_name (builder, "remedies");
  json_builder_begin_array (builder);
  for (; *remedies != NULL; remedies++)
    json_builder_add_string_value (builder, *remedies);
  json_builder_end_array (builder);
}

static void
add_verdict (JsonBuilder *builder, const PhDoctorStep *step)
{
  json_builder_set_member_name (builder, "verdict");
  if (!step->is_judged) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  add_text (builder, "state", ph_doctor_state_get_name (step->state));
  add_text (builder, "blocker", ph_doctor_blocker_get_name (step->blocker));
  add_text (builder, "seen", step->seen);
  add_text (builder, "advice", step->advice);
  add_remedies (builder, step->blocker);
  json_builder_end_object (builder);
}

void
ph_doctor_json_add (JsonBuilder *builder, PhDoctor *doctor)
{
  const PhDoctorStep *steps = ph_doctor_get_steps (doctor);
  gint64 at = ph_doctor_get_finished_at (doctor);
  g_autoptr (GDateTime) time = at > 0 ? g_date_time_new_from_unix_utc (at) : NULL;
  g_autofree char *finished = time != NULL ? g_date_time_format_iso8601 (time) : NULL;

  json_builder_set_member_name (builder, "running");
  json_builder_add_boolean_value (builder, ph_doctor_is_running (doctor));
  add_text (builder, "finished", finished);
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < PH_DOCTOR_N_STEPS; i++)
    if (steps[i].is_judged)
      add_step (builder, i, &steps[i]);
  json_builder_end_array (builder);
  add_verdict (builder, &steps[PH_DOCTOR_VERDICT]);
}
