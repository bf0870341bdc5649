/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints what the tables of settings and of the command line say, for the files in data/.
 *   porthole-papers schema | camera-schema      a JSON Schema
 *   porthole-papers bash | zsh | fish            completions for a shell
 *   porthole-papers man FILE                    a man page, with the tables at @COMMANDS@,
 * @OPTIONS@ and @SETTINGS@, and the version at @VERSION@ */
#include "build-config.h"
#include "config/command-line.h"
#include "config/completion.h"
#include "config/config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static void
replace (GString *page, const char *mark, char *text)
{
  g_string_replace (page, mark, text, 0);
  g_free (text);
}

static int
print_page (const char *file)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) page = NULL;

  if (!g_file_get_contents (file, &text, NULL, &error)) {
    g_printerr ("%s\n", error->message);
    return EX_NOINPUT;
  }
  page = g_string_new (text);
  replace (page, "@COMMANDS@\n", ph_command_line_make_man_commands ());
  replace (page, "@OPTIONS@\n", ph_command_line_make_man_options ());
  replace (page, "@SETTINGS@\n", ph_config_make_man_tables ());
  replace (page, "@VERSION@", g_strdup (PH_VERSION));
  fputs (page->str, stdout);
  return EX_OK;
}

int
main (int argc, char **argv)
{
  const char *paper = argc > 1 ? argv[1] : "";
  g_autofree char *text = NULL;

  if (strcmp (paper, "man") == 0 && argc == 3)
    return print_page (argv[2]);
  if (strcmp (paper, "schema") == 0)
    text = ph_config_make_schema ();
  else if (strcmp (paper, "camera-schema") == 0)
    text = ph_config_make_camera_schema ();
  else
    text = ph_completion_make (paper);
  if (text == NULL) {
    g_printerr ("usage: %s schema | camera-schema | bash | zsh | fish | man FILE\n", argv[0]);
    return EX_USAGE;
  }
  fputs (text, stdout);
  return EX_OK;
}
