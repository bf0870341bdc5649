/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "base/qr.h"
#include "base/state.h"
#include "main/commands.h"
#include "main/diagnosis-facts.h"
#include "main/diagnosis.h"
#include "main/settings.h"
#include "remote/doctor-json.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#define TICK_MS 50
#define TAKEN_WITHIN_MS 2000
#define ENDED_WITHIN_MS 18000
#define FOUND_PROBLEM 1 /* the exit status */

typedef struct {
  const PhCommandLine *line;
  const PhConfig *config;
  PhRemote *remote;
  PhDoctor *doctor; /* NULL: the server's */
  guint shown; /* steps that were printed, one bit each */
  GMainLoop *loop;
} Run;

/* ---- in words -------------------------------------------------------------------------------- */

static const char *
get_text (JsonObject *object, const char *name)
{
  return json_object_get_string_member_with_default (object, name, NULL);
}

static void
print_step (JsonObject *step)
{
  const char *advice = get_text (step, "advice");

  printf ("%-7s  %s: %s\n", get_text (step, "state"), get_text (step, "title"),
      get_text (step, "seen"));
  if (advice != NULL)
    printf ("         %s\n", advice);
  fflush (stdout);
}

/* The verdict comes at the end, in more words. */
static void
print_new_steps (Run *self, JsonObject *report)
{
  JsonArray *steps = json_object_get_array_member (report, "steps");

  for (guint i = 0; i < json_array_get_length (steps); i++) {
    JsonObject *step = json_array_get_object_element (steps, i);
    guint number = json_object_get_int_member (step, "number");

    if (number == PH_DOCTOR_N_STEPS || (self->shown & 1u << number) != 0)
      continue;
    self->shown |= 1u << number;
    print_step (step);
  }
}

static void
print_reach (JsonObject *report)
{
  JsonNode *node = json_object_get_member (report, "reach");
  const char *url = NULL;
  g_autofree char *blocks = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return;
  url = get_text (json_node_get_object (node), "url");
  blocks = isatty (STDOUT_FILENO) ? ph_qr_make_blocks (url) : NULL;
  printf ("\nTo prove it, open this within ten minutes on a phone with Wi-Fi switched off:\n  %s\n",
      url);
  if (blocks != NULL)
    printf ("\n%s", blocks);
}

static void
print_verdict (JsonObject *report)
{
  JsonObject *verdict = json_object_get_object_member (report, "verdict");
  JsonArray *remedies = json_object_get_array_member (verdict, "remedies");
  const char *advice = get_text (verdict, "advice");

  printf ("\n%s\n", get_text (verdict, "seen"));
  if (json_array_get_length (remedies) == 0 && advice != NULL)
    printf ("%s\n", advice);
  for (guint i = 0; i < json_array_get_length (remedies); i++)
    printf ("  %u. %s\n", i + 1, json_array_get_string_element (remedies, i));
  print_reach (report);
}

static int
finish (Run *self, JsonNode *root)
{
  JsonObject *report = json_node_get_object (root);
  JsonObject *verdict = json_object_get_object_member (report, "verdict");
  g_autofree char *text = NULL;

  if (self->line->is_json) {
    text = json_to_string (root, TRUE);
    printf ("%s\n", text);
  } else {
    print_verdict (report);
  }
  return g_strcmp0 (get_text (verdict, "state"), "problem") == 0 ? FOUND_PROBLEM : 0;
}

static void
show_progress (Run *self, JsonNode *root)
{
  if (!self->line->is_json)
    print_new_steps (self, json_node_get_object (root));
}

/* ---- by the server that runs ----------------------------------------------------------------- */

static gboolean
leave_order (const char *folder, GError **error)
{
  g_autofree char *report = g_build_filename (folder, PH_DIAGNOSIS_REPORT, NULL);

  g_unlink (report);
  return ph_state_write (folder, PH_DIAGNOSIS_ORDER, "", 0, error);
}

static gboolean
is_taken (const char *folder)
{
  g_autofree char *order = g_build_filename (folder, PH_DIAGNOSIS_ORDER, NULL);

  for (guint i = 0; i < TAKEN_WITHIN_MS / TICK_MS; i++) {
    if (!g_file_test (order, G_FILE_TEST_EXISTS))
      return TRUE;
    g_usleep (TICK_MS * 1000);
  }
  return g_unlink (order) != 0;
}

/* NULL: there is none (yet). */
static JsonNode *
read_report (const char *folder)
{
  g_autoptr (GBytes) bytes = ph_state_read (folder, PH_DIAGNOSIS_REPORT, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  gsize length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  if (text == NULL || !json_parser_load_from_data (parser, text, length, NULL) ||
      !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return NULL;
  return json_parser_steal_root (parser);
}

static gboolean
follow_server (Run *self, const char *folder, int *status, GError **error)
{
  for (guint i = 0; i < ENDED_WITHIN_MS / TICK_MS; i++) {
    g_autoptr (JsonNode) root = read_report (folder);

    if (root != NULL) {
      JsonObject *report = json_node_get_object (root);

      show_progress (self, root);
      if (!json_object_get_boolean_member_with_default (report, "running", TRUE)) {
        *status = finish (self, root);
        return TRUE;
      }
    }
    g_usleep (TICK_MS * 1000);
  }
  g_set_error_literal (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
      "the Porthole that runs did not finish its report in time; its log may say why");
  return FALSE;
}

/* ---- without a server ------------------------------------------------------------------------ */

static void
fill (PhDoctorFacts *facts, gpointer user_data)
{
  Run *self = user_data;

  ph_diagnosis_facts_fill (facts, self->config, NULL);
}

static void
fill_visitor (PhDoctorFacts *facts, gpointer user_data)
{
}

static JsonNode *
make_report (Run *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ph_doctor_json_add (builder, self->doctor);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
on_changed (gpointer user_data)
{
  Run *self = user_data;
  g_autoptr (JsonNode) root = make_report (self);

  show_progress (self, root);
  if (!ph_doctor_is_running (self->doctor))
    g_main_loop_quit (self->loop);
}

static int
diagnose (Run *self)
{
  PhDoctorOwner owner = { fill, fill_visitor, on_changed, self };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (PhRemote) remote = ph_remote_new ();
  g_autoptr (PhDoctor) doctor = ph_doctor_new (remote, &owner);
  g_autoptr (JsonNode) root = NULL;

  self->loop = loop;
  self->doctor = doctor;
  ph_doctor_start (doctor, (const char *const *)self->config->remote->public_address->sources,
      self->config->remote->ca_file);
  if (ph_doctor_is_running (doctor))
    g_main_loop_run (loop);
  root = make_report (self);
  return finish (self, root);
}

/* One that does not hear orders: it has another state folder. */
static gboolean
is_port_taken (guint port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;

  g_socket_client_set_timeout (client, 1);
  connection = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, NULL);
  return connection != NULL;
}

gboolean
ph_command_doctor (const PhCommandLine *line, int *status, GError **error)
{
  g_autoptr (PhConfig) config = ph_settings_load (line->config_file, NULL, error);
  g_autofree char *folder = config != NULL ? ph_state_make_folder (error) : NULL;
  Run run = { .line = line, .config = config };

  if (folder == NULL || !leave_order (folder, error))
    return FALSE;
  if (is_taken (folder))
    return follow_server (&run, folder, status, error);
  if (is_port_taken (config->http->port)) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "somebody serves port %u, but not with the state in %s; be the user that Porthole runs as "
        "(sudo -u porthole), or set STATE_DIRECTORY to its folder",
        config->http->port, folder);
    return FALSE;
  }
  *status = diagnose (&run);
  return TRUE;
}
