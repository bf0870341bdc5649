/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/command-line.h"

#include "base/error.h"
#include "base/man-table.h"
#include "base/nearest.h"
#include "config/access-config.h"

#include <string.h>

typedef struct {
  const char *name;
  const char *argument; /* as --help shows it; NULL: takes none */
  const char *help; /* without a full stop */
} CommandRow;

/* The order is that of PhCommand. */
static const CommandRow commands[] = {
  { "run", NULL, "Serve the cameras; what happens without a command" },
  { "check", "[FILE]",
      "Check the settings, or one file of them, and print each camera's pipeline as a line for "
      "gst-launch-1.0" },
  { "devices", "[--json]",
      "List the cameras found with their modes, and the encoders tried with the result" },
  { "user", "NAME",
      "Ask for a user's password, twice, or read it from standard input, and print the user's "
      "entry for the settings" },
  { "ddns", "[--now NAME]",
      "Show what became of each name for dynamic DNS and what comes next, or tell the Porthole "
      "that runs to try again with one" },
  { "doctor", "[--json]",
      "Find out why this place can, or cannot, be reached from outside; the exit status is 1 when "
      "something stands in the way" },
};

#define N_OPTIONS 9

static void
fill_options (GOptionEntry options[N_OPTIONS], PhCommandLine *self)
{
  const GOptionEntry rows[N_OPTIONS] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &self->config_file,
        "Read the settings from FILE instead of the user's or the system's porthole.json", "FILE" },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &self->is_verbose, "Say more on standard error", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->is_json, "With devices, ddns and doctor: print JSON",
        NULL },
    { "now", 0, 0, G_OPTION_ARG_STRING, &self->now,
        "With ddns: try again with NAME at once, as far as its provider allows", "NAME" },
    { "role", 0, 0, G_OPTION_ARG_STRING, &self->role,
        "With user: viewer, who may look, or admin, who may do everything", "ROLE" },
    { "write", 0, 0, G_OPTION_ARG_NONE, &self->is_write,
        "With user: put the entry into the settings file", NULL },
    { "access", 0, 0, G_OPTION_ARG_NONE, &self->is_access,
        "With check: print who may do what, for each route and method", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->is_version, "Print the version and exit", NULL },
    G_OPTION_ENTRY_NULL,
  };

  memcpy (options, rows, sizeof rows);
}

static char *
make_summary (void)
{
  GString *text = g_string_new ("Commands:");

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++) {
    const CommandRow *row = &commands[i];
    g_autofree char *usage = g_strjoin (" ", row->name, row->argument, NULL);

    g_string_append_printf (text, "\n  %-19s %s", usage, row->help);
  }
  return g_string_free (text, FALSE);
}

static gboolean
refuse_command (const char *name, GError **error)
{
  const char *names[G_N_ELEMENTS (commands) + 1] = { NULL };
  const char *nearest = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    names[i] = commands[i].name;
  nearest = ph_nearest_word (name, names);
  if (nearest != NULL)
    g_set_error (error, PH_ERROR, PH_ERROR_USAGE,
        "there is no command \"%s\"; did you mean \"%s\"?", name, nearest);
  else
    g_set_error (error, PH_ERROR, PH_ERROR_USAGE,
        "there is no command \"%s\"; porthole --help lists them", name);
  return FALSE;
}

static gboolean
take_command (PhCommandLine *self, const char *name, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (strcmp (commands[i].name, name) == 0) {
      self->command = (PhCommand)i;
      return TRUE;
    }
  }
  return refuse_command (name, error);
}

/* GOption leaves a "--" in place when what follows looks like an option. */
static void
remove_separator (char **words)
{
  guint i = 0;

  while (words[i] != NULL && strcmp (words[i], "--") != 0)
    i++;
  if (words[i] == NULL)
    return;
  g_free (words[i]);
  for (; words[i] != NULL; i++)
    words[i] = words[i + 1];
}

/* name: nullable */
static gboolean
take_user (PhCommandLine *self, const char *name, GError **error)
{
  const char *fault = NULL;

  if (name == NULL)
    fault = "user wants a NAME";
  else if (!ph_user_config_is_name (name))
    fault = "this cannot be a user's name; allowed: " PH_USER_NAME_ALLOWED;
  else if (self->role != NULL && strcmp (self->role, "viewer") != 0 &&
           strcmp (self->role, "admin") != 0)
    fault = "there is no such role; allowed: viewer, admin";
  if (fault == NULL)
    self->name = g_strdup (name);
  else
    g_set_error_literal (error, PH_ERROR, PH_ERROR_USAGE, fault);
  return fault == NULL;
}

/* words: what is left after the options, the program's name first. */
static gboolean
take_words (PhCommandLine *self, char **words, GError **error)
{
  guint n_words = g_strv_length (words), n_taken = 1;

  if (n_words > 1) {
    if (!take_command (self, words[1], error))
      return FALSE;
    n_taken = 2;
  }
  if (n_words > 2 && self->command == PH_COMMAND_CHECK) {
    self->file = g_strdup (words[2]);
    n_taken = 3;
  }
  if (self->command == PH_COMMAND_USER) {
    if (!take_user (self, words[n_taken], error))
      return FALSE;
    n_taken++;
  }
  if (n_words > n_taken) {
    g_set_error (error, PH_ERROR, PH_ERROR_USAGE, "\"%s\" is one word too many", words[n_taken]);
    return FALSE;
  }
  if (self->is_json && self->command != PH_COMMAND_DEVICES && self->command != PH_COMMAND_DDNS &&
      self->command != PH_COMMAND_DOCTOR) {
    g_set_error_literal (
        error, PH_ERROR, PH_ERROR_USAGE, "--json goes with devices, ddns and doctor only");
    return FALSE;
  }
  if (self->now != NULL && self->command != PH_COMMAND_DDNS) {
    g_set_error_literal (error, PH_ERROR, PH_ERROR_USAGE, "--now goes with ddns only");
    return FALSE;
  }
  if (self->is_access && self->command != PH_COMMAND_CHECK) {
    g_set_error_literal (error, PH_ERROR, PH_ERROR_USAGE, "--access goes with check only");
    return FALSE;
  }
  if ((self->role != NULL || self->is_write) && self->command != PH_COMMAND_USER) {
    g_set_error_literal (error, PH_ERROR, PH_ERROR_USAGE, "--role and --write go with user only");
    return FALSE;
  }
  return TRUE;
}

gboolean
ph_command_line_parse (PhCommandLine *self, int argc, char **argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("[COMMAND]");
  g_autofree char *summary = make_summary ();
  g_auto (GStrv) words = g_new0 (char *, argc + 1);
  GOptionEntry options[N_OPTIONS];

  for (int i = 0; i < argc; i++)
    words[i] = g_strdup (argv[i]);
  memset (self, 0, sizeof *self);
  fill_options (options, self);
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, options, NULL);
  if (g_option_context_parse_strv (context, &words, error)) {
    remove_separator (words);
    if (take_words (self, words, error))
      return TRUE;
  }
  ph_command_line_clear (self);
  return FALSE;
}

void
ph_command_line_clear (PhCommandLine *self)
{
  g_clear_pointer (&self->config_file, g_free);
  g_clear_pointer (&self->file, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->role, g_free);
  g_clear_pointer (&self->now, g_free);
}

void
ph_command_line_foreach_command (PhCommandLineFunc func, gpointer user_data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    func (
        &(PhCommandLineWord){
            .name = commands[i].name, .argument = commands[i].argument, .help = commands[i].help },
        user_data);
}

void
ph_command_line_foreach_option (PhCommandLineFunc func, gpointer user_data)
{
  PhCommandLine unused = { 0 };
  GOptionEntry options[N_OPTIONS];

  fill_options (options, &unused);
  for (GOptionEntry *option = options; option->long_name != NULL; option++)
    func (&(PhCommandLineWord){ .name = option->long_name,
              .short_name = option->short_name,
              .argument = option->arg_description,
              .help = option->description },
        user_data);
  func (
      &(PhCommandLineWord){ .name = "help", .short_name = 'h', .help = "Print a summary and exit" },
      user_data);
}

char *
ph_command_line_make_man_commands (void)
{
  GString *page = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++) {
    const CommandRow *row = &commands[i];
    g_autofree char *argument = ph_man_escape (row->argument != NULL ? row->argument : "");
    g_autofree char *help = ph_man_escape (row->help);

    g_string_append_printf (page, ".TP\n.BR %s%s%s\n%s.\n", row->name,
        row->argument != NULL ? " \" \" " : "", argument, help);
  }
  return g_string_free (page, FALSE);
}

char *
ph_command_line_make_man_options (void)
{
  PhCommandLine unused = { 0 };
  GOptionEntry options[N_OPTIONS];
  GString *page = g_string_new (NULL);

  fill_options (options, &unused);
  for (GOptionEntry *option = options; option->long_name != NULL; option++) {
    g_autofree char *help = ph_man_escape (option->description);

    g_string_append (page, ".TP\n");
    if (option->short_name != 0)
      g_string_append_printf (page, "\\fB\\-%c\\fR, ", option->short_name);
    g_string_append_printf (page, "\\fB\\-\\-%s\\fR", option->long_name);
    if (option->arg_description != NULL)
      g_string_append_printf (page, " \\fI%s\\fR", option->arg_description);
    g_string_append_printf (page, "\n%s.\n", help);
  }
  g_string_append (page, ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nPrint a summary and exit.\n");
  return g_string_free (page, FALSE);
}
