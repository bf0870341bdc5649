/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/command-line.h"

#include "base/error.h"

#include <string.h>
#include <sysexits.h>

static const struct {
  const char *line;
  PhCommandLine expected;
} sound[] = {
  { "porthole", { PH_COMMAND_RUN } },
  { "porthole run", { PH_COMMAND_RUN } },
  { "porthole -v run", { PH_COMMAND_RUN, .is_verbose = TRUE } },
  { "porthole -c a.json", { PH_COMMAND_RUN, .config_file = (char *)"a.json" } },
  { "porthole run --config=a.json --verbose",
      { PH_COMMAND_RUN, .config_file = (char *)"a.json", .is_verbose = TRUE } },
  { "porthole check", { PH_COMMAND_CHECK } },
  { "porthole check a.json", { PH_COMMAND_CHECK, .file = (char *)"a.json" } },
  { "porthole check -- -a.json", { PH_COMMAND_CHECK, .file = (char *)"-a.json" } },
  { "porthole devices", { PH_COMMAND_DEVICES } },
  { "porthole devices --json", { PH_COMMAND_DEVICES, .is_json = TRUE } },
  { "porthole ddns --json", { PH_COMMAND_DDNS, .is_json = TRUE } },
  { "porthole doctor --json", { PH_COMMAND_DOCTOR, .is_json = TRUE } },
  { "porthole ddns --now a.example.org", { PH_COMMAND_DDNS, .now = (char *)"a.example.org" } },
  { "porthole user anna", { PH_COMMAND_USER, .name = (char *)"anna" } },
  { "porthole user --role admin --write anna@home",
      { PH_COMMAND_USER, .name = (char *)"anna@home", .role = (char *)"admin", .is_write = TRUE } },
  { "porthole --version", { PH_COMMAND_RUN, .is_version = TRUE } },
};

static const struct {
  const char *line, *message;
} faulty[] = {
  { "porthole chekc", "there is no command \"chekc\"; did you mean \"check\"?" },
  { "porthole serve", "there is no command \"serve\"; porthole --help lists them" },
  { "porthole run a.json", "\"a.json\" is one word too many" },
  { "porthole check a.json b.json", "\"b.json\" is one word too many" },
  { "porthole devices x", "\"x\" is one word too many" },
  { "porthole user", "user wants a NAME" },
  { "porthole user anna bea", "\"bea\" is one word too many" },
  { "porthole user a:b",
      "this cannot be a user's name; allowed: 1 to 63 of the characters A-Z, a-z, 0-9, \".\", "
      "\"_\", \"@\", \"+\" and \"-\"" },
  { "porthole user anna --role root", "there is no such role; allowed: viewer, admin" },
  { "porthole run --role admin", "--role and --write go with user only" },
  { "porthole check --write", "--role and --write go with user only" },
  { "porthole run --json", "--json goes with devices, ddns and doctor only" },
  { "porthole run --now cam.example.org", "--now goes with ddns only" },
  { "porthole --colour", "Unknown option --colour" },
  { "porthole --config", "Missing argument for --config" },
};

static gboolean
parse (PhCommandLine *self, const char *line, GError **error)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);

  return ph_command_line_parse (self, g_strv_length (words), words, error);
}

static void
sound_lines_are_understood (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sound); i++) {
    const PhCommandLine *expected = &sound[i].expected;
    g_auto (PhCommandLine) line = { 0 };
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", sound[i].line);
    g_assert_true (parse (&line, sound[i].line, &error));
    g_assert_no_error (error);
    g_assert_cmpint (line.command, ==, expected->command);
    g_assert_cmpstr (line.config_file, ==, expected->config_file);
    g_assert_cmpstr (line.file, ==, expected->file);
    g_assert_cmpint (line.is_verbose, ==, expected->is_verbose);
    g_assert_cmpint (line.is_json, ==, expected->is_json);
    g_assert_cmpstr (line.now, ==, expected->now);
    g_assert_cmpstr (line.name, ==, expected->name);
    g_assert_cmpstr (line.role, ==, expected->role);
    g_assert_cmpint (line.is_write, ==, expected->is_write);
    g_assert_cmpint (line.is_version, ==, expected->is_version);
  }
}

static void
faulty_lines_are_refused_with_a_reason (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (faulty); i++) {
    g_auto (PhCommandLine) line = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_false (parse (&line, faulty[i].line, &error));
    g_assert_cmpstr (error->message, ==, faulty[i].message);
    g_assert_cmpint (ph_error_to_exit_status (error), ==, EX_USAGE);
    g_assert_null (line.config_file);
  }
}

static void
the_man_page_has_every_command_and_option (void)
{
  static const char *const options[] = { "config", "verbose", "json", "role", "write", "version",
    "help" };
  g_autofree char *commands_text = ph_command_line_make_man_commands ();
  g_autofree char *options_text = ph_command_line_make_man_options ();

  g_assert_nonnull (strstr (commands_text, ".BR run\n"));
  g_assert_nonnull (strstr (commands_text, ".BR check \" \" [FILE]\n"));
  g_assert_nonnull (strstr (commands_text, ".BR devices \" \" [\\-\\-json]\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++) {
    g_autofree char *tag = g_strconcat ("\\fB\\-\\-", options[i], "\\fR", NULL);

    g_assert_nonnull (strstr (options_text, tag));
  }
}

int
main (int argc, char **argv)
{
  g_setenv ("LC_ALL", "C", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/command-line/sound", sound_lines_are_understood);
  g_test_add_func ("/config/command-line/faulty", faulty_lines_are_refused_with_a_reason);
  g_test_add_func ("/config/command-line/man", the_man_page_has_every_command_and_option);
  return g_test_run ();
}
