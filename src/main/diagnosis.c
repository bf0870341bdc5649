/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/diagnosis.h"

#include "base/qr.h"
#include "base/state.h"
#include "main/diagnosis-facts.h"
#include "main/last-visit.h"
#include "remote/doctor-json.h"

#include <glib/gstdio.h>
#include <string.h>

struct _PhDiagnosis {
  PhHttp *http;
  PhRemote *remote;
  PhOutside *outside;
  PhDoctor *doctor;
  PhConfig *config; /* NULL until some were applied */
  PhTls *tls; /* nullable */
  char *folder; /* nullable: no orders are heard */
  GFileMonitor *monitor; /* nullable */
  gboolean is_ordered; /* somebody waits for the report in folder */
};

/* ---- what the doctor is told ----------------------------------------------------------------- */

static void
fill_visitor (PhDoctorFacts *facts, gpointer user_data)
{
  PhDiagnosis *self = user_data;

  g_set_object (
      &facts->visitor, ph_reach_get_visitor (ph_http_get_reach (self->http), &facts->visited_at));
}

static void
fill_state (PhDoctorName *name, PhOutside *outside)
{
  const char *refusal = ph_outside_find_refusal (outside, name->hostname);

  name->is_stopped = refusal != NULL;
  name->provider_said = g_strdup (refusal);
}

static void
fill (PhDoctorFacts *facts, gpointer user_data)
{
  PhDiagnosis *self = user_data;
  PhPortMapping *mapping = ph_remote_get_port_mapping (self->remote);

  facts->is_running = TRUE;
  ph_diagnosis_facts_fill (
      facts, self->config, self->tls != NULL ? ph_tls_get_certificate (self->tls) : NULL);
  facts->https_port = ph_http_get_tls_port (self->http);
  facts->mapping_refusal = g_strdup (ph_port_mapping_get_refusal (mapping));
  for (guint i = 0; i < facts->names->len; i++)
    fill_state (g_ptr_array_index (facts->names, i), self->outside);
  fill_visitor (facts, self);
}

/* ---- what is told of it ---------------------------------------------------------------------- */

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
add_code (JsonBuilder *builder, const char *url)
{
  guint size = 0;
  g_autofree char *path = ph_qr_make_path (url, &size);

  json_builder_set_member_name (builder, "qr");
  if (path == NULL) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "size");
  json_builder_add_int_value (builder, size);
  add_text (builder, "path", path);
  json_builder_end_object (builder);
}

static void
add_reach (JsonBuilder *builder, PhDiagnosis *self)
{
  g_autofree char *base = ph_doctor_make_base_url (self->doctor);
  gint64 expires = 0;
  const char *path =
      base != NULL ? ph_reach_ensure_path (ph_http_get_reach (self->http), &expires) : NULL;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (expires);
  g_autofree char *end = g_date_time_format_iso8601 (time);
  g_autofree char *url = g_strconcat (base != NULL ? base : "", path, NULL);

  json_builder_set_member_name (builder, "reach");
  if (path == NULL || ph_doctor_is_running (self->doctor)) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  add_text (builder, "url", url);
  add_text (builder, "expires", end);
  add_code (builder, url);
  json_builder_end_object (builder);
}

static void
add_visit (JsonBuilder *builder, PhDiagnosis *self)
{
  gint64 at = 0;
  GInetAddress *visitor = ph_reach_get_visitor (ph_http_get_reach (self->http), &at);
  g_autofree char *address = visitor != NULL ? g_inet_address_to_string (visitor) : NULL;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (at);
  g_autofree char *when = g_date_time_format_iso8601 (time);

  json_builder_set_member_name (builder, "last_visit");
  if (visitor == NULL) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  add_text (builder, "address", address);
  add_text (builder, "time", when);
  json_builder_end_object (builder);
}

static void
report (JsonBuilder *builder, gpointer user_data)
{
  PhDiagnosis *self = user_data;

  json_builder_begin_object (builder);
  ph_doctor_json_add (builder, self->doctor);
  add_visit (builder, self);
  add_reach (builder, self);
  json_builder_end_object (builder);
}

static void
write_report (PhDiagnosis *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  report (builder, self);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  if (!ph_state_write (self->folder, PH_DIAGNOSIS_REPORT, text, strlen (text), &error))
    g_warning ("the doctor's report is lost: %s", error->message);
}

static void
on_changed (gpointer user_data)
{
  PhDiagnosis *self = user_data;

  if (self->is_ordered)
    write_report (self);
  self->is_ordered &= ph_doctor_is_running (self->doctor);
  ph_doctor_api_changed (ph_http_get_doctor_api (self->http));
}

/* ---- who begins ------------------------------------------------------------------------------ */

static void
start (gpointer user_data)
{
  PhDiagnosis *self = user_data;

  if (self->config != NULL)
    ph_doctor_start (self->doctor,
        (const char *const *)self->config->remote->public_address->sources,
        self->config->remote->ca_file);
}

static void
on_folder_changed (
    GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer user_data)
{
  PhDiagnosis *self = user_data;
  g_autofree char *order = g_build_filename (self->folder, PH_DIAGNOSIS_ORDER, NULL);

  if (g_unlink (order) != 0)
    return;
  self->is_ordered = TRUE;
  start (self);
  write_report (self);
}

static void
hear_orders (PhDiagnosis *self)
{
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;

  self->folder = ph_state_make_folder (&error);
  if (self->folder != NULL) {
    file = g_file_new_for_path (self->folder);
    self->monitor = g_file_monitor_directory (file, G_FILE_MONITOR_NONE, NULL, &error);
  }
  if (self->monitor != NULL)
    g_signal_connect (self->monitor, "changed", G_CALLBACK (on_folder_changed), self);
  else
    g_debug ("\"porthole doctor\" will not be heard: %s", error->message);
}

static gboolean
is_running (gpointer user_data)
{
  return ph_doctor_is_running (((PhDiagnosis *)user_data)->doctor);
}

static gint64
get_finished_at (gpointer user_data)
{
  return ph_doctor_get_finished_at (((PhDiagnosis *)user_data)->doctor);
}

static gboolean
is_inside (GInetAddress *peer, gpointer user_data)
{
  return ph_doctor_is_inside (((PhDiagnosis *)user_data)->doctor, peer);
}

static void
on_proven (gpointer user_data)
{
  ph_doctor_note_visit (((PhDiagnosis *)user_data)->doctor);
}

/* ---- who came from outside ------------------------------------------------------------------- */

static void
save_visit (gpointer user_data)
{
  PhDiagnosis *self = user_data;
  gint64 at = 0;
  GInetAddress *visitor = ph_reach_get_visitor (ph_http_get_reach (self->http), &at);

  if (self->folder != NULL && visitor != NULL)
    ph_last_visit_save (self->folder, visitor, at);
}

static void
restore_visit (PhDiagnosis *self)
{
  gint64 at = 0;
  g_autoptr (GInetAddress) visitor =
      self->folder != NULL ? ph_last_visit_load (self->folder, &at) : NULL;

  if (visitor != NULL)
    ph_reach_restore_visitor (ph_http_get_reach (self->http), visitor, at);
}

PhDiagnosis *
ph_diagnosis_new (PhHttp *http, PhRemote *remote, PhOutside *outside)
{
  PhDiagnosis *self = g_new0 (PhDiagnosis, 1);
  PhDoctorOwner owner = { fill, fill_visitor, on_changed, self };
  PhDoctorHooks hooks = { start, is_running, get_finished_at, report, self };
  PhReachOwner reach = { is_inside, on_proven, save_visit, self };

  self->http = http;
  self->remote = remote;
  self->outside = outside;
  self->doctor = ph_doctor_new (remote, &owner);
  ph_doctor_api_set_hooks (ph_http_get_doctor_api (http), &hooks);
  ph_reach_set_owner (ph_http_get_reach (http), &reach);
  hear_orders (self);
  restore_visit (self);
  return self;
}

void
ph_diagnosis_free (PhDiagnosis *self)
{
  save_visit (self);
  g_clear_object (&self->monitor);
  ph_doctor_free (self->doctor);
  g_clear_pointer (&self->config, ph_config_unref);
  g_clear_object (&self->tls);
  g_free (self->folder);
  g_free (self);
}

void
ph_diagnosis_apply (PhDiagnosis *self, PhConfig *config, PhTls *tls)
{
  g_clear_pointer (&self->config, ph_config_unref);
  self->config = ph_config_ref (config);
  g_set_object (&self->tls, tls);
}
