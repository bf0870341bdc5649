/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "base/log.h"
#include "build-config.h"
#include "main/commands.h"

#include <gio/gio.h>
#include <locale.h>
#include <stdio.h>

typedef struct {
  const char *name;
  const char *arguments; /* for --help; NULL: it takes none */
  const char *summary;
  guint max_arguments;
  gboolean (*run) (const PhCommandLine *line, GError **error);
} Command;

static const Command commands[] = {
  { "run", NULL, "serve the cameras (this is what porthole alone does)", 0, ph_command_run },
  { "check", "[FILE]", "validate the settings; print each camera's pipeline", 1, ph_command_check },
};

static char *
make_summary (void)
{
  g_autoptr (GString) text = g_string_new ("Camera streaming server: RTSP for players and NVRs, "
                                           "HTTP for browsers.\n\nCommands:\n");

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++) {
    const Command *command = &commands[i];
    g_autofree char *usage = g_strconcat (command->name, command->arguments != NULL ? " " : "",
        command->arguments != NULL ? command->arguments : "", NULL);

    g_string_append_printf (text, "  %-16s %s\n", usage, command->summary);
  }
  g_string_truncate (text, text->len - 1);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static const Command *
find_command (const char *name, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name))
      return &commands[i];
  g_set_error (
      error, PH_ERROR, PH_ERROR_USAGE, "there is no command “%s”; see porthole --help", name);
  return NULL;
}

/* words: the command line without its options; the program's name is gone. */
static gboolean
run_words (PhCommandLine *line, char **words, GError **error)
{
  guint n_words = words != NULL ? g_strv_length (words) : 0;
  const Command *command = find_command (n_words > 0 ? words[0] : "run", error);

  if (command == NULL)
    return FALSE;
  if (n_words > command->max_arguments + 1) {
    g_set_error (error, PH_ERROR, PH_ERROR_USAGE, "“%s” is one argument too many for porthole %s",
        words[command->max_arguments + 1], command->name);
    return FALSE;
  }
  line->file = n_words > 1 ? words[1] : NULL;
  return command->run (line, error);
}

static int
report (const GError *error)
{
  if (error != NULL)
    fprintf (stderr, "porthole: %s\n", error->message);
  return ph_error_to_exit_status (error);
}

int
main (int argc, char **argv)
{
  PhCommandLine line = { 0 };
  gboolean is_verbose = FALSE, wants_version = FALSE;
  g_auto (GStrv) words = NULL;
  g_autofree char *config_file = NULL;
  g_autofree char *summary = make_summary ();
  g_autoptr (GError) error = NULL;
  const GOptionEntry options[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &config_file, "Read this settings file", "FILE" },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &is_verbose, "Log what every room does", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &wants_version, "Print the version and end", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &words, NULL, "[COMMAND]" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return report (error);
  if (wants_version) {
    printf ("porthole %s\n", PH_VERSION);
    return 0;
  }
  ph_log_init (is_verbose);
  line.config_file = config_file;
  run_words (&line, words, &error);
  return report (error);
}
