/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/completion.h"

#include "config/command-line.h"

#include <string.h>

/* What an argument completes to. */
static gboolean
is_file (const PhCommandLineWord *word)
{
  return word->argument != NULL && strstr (word->argument, "FILE") != NULL;
}

static gboolean
is_role (const PhCommandLineWord *word)
{
  return g_strcmp0 (word->argument, "ROLE") == 0;
}

/* help in single quotes; also for zsh, to which "[", "]" and ":" mean something there. */
static char *
quote (const char *help)
{
  g_autoptr (GString) text = g_string_new (help);

  g_string_replace (text, "'", "'\\''", 0);
  g_string_replace (text, "[", "(", 0);
  g_string_replace (text, "]", ")", 0);
  g_string_replace (text, ":", ",", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* ---- bash ------------------------------------------------------------------------------------ */

static void
add_bash_command (const PhCommandLineWord *word, gpointer text)
{
  g_string_append_printf (text, " %s", word->name);
}

static void
add_bash_option (const PhCommandLineWord *word, gpointer text)
{
  g_string_append_printf (text, " --%s", word->name);
  if (word->short_name != 0)
    g_string_append_printf (text, " -%c", word->short_name);
}

static void
make_bash (GString *text)
{
  g_string_append (text,
      "# bash completion for porthole\n"
      "_porthole() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local commands=\"");
  ph_command_line_foreach_command (add_bash_command, text);
  g_string_append (text, "\"\n  local options=\"");
  ph_command_line_foreach_option (add_bash_option, text);
  g_string_append (text,
      "\"\n"
      "  case $before in\n"
      "    -c|--config|check) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
      "    --role) mapfile -t COMPREPLY < <(compgen -W 'viewer admin' -- \"$word\") ;;\n"
      "    *) mapfile -t COMPREPLY < <(compgen -W \"$commands $options\" -- \"$word\") ;;\n"
      "  esac\n"
      "}\n"
      "complete -o filenames -F _porthole porthole\n");
}

/* ---- zsh ------------------------------------------------------------------------------------- */

static void
add_zsh_command (const PhCommandLineWord *word, gpointer text)
{
  g_autofree char *help = quote (word->help);

  g_string_append_printf (text, "    '%s:%s'\n", word->name, help);
}

static void
add_zsh_option (const PhCommandLineWord *word, gpointer text)
{
  g_autofree char *help = quote (word->help);
  const char *argument = is_file (word)           ? ":file:_files"
                         : is_role (word)         ? ":role:(viewer admin)"
                         : word->argument != NULL ? ": "
                                                  : "";

  g_string_append_printf (text, "    '--%s[%s]%s' \\\n", word->name, help, argument);
  if (word->short_name != 0)
    g_string_append_printf (text, "    '-%c[%s]%s' \\\n", word->short_name, help, argument);
}

static void
make_zsh (GString *text)
{
  g_string_append (text, "#compdef porthole\n"
                         "_porthole() {\n"
                         "  local -a commands=(\n");
  ph_command_line_foreach_command (add_zsh_command, text);
  g_string_append (text, "  )\n  _arguments -s \\\n");
  ph_command_line_foreach_option (add_zsh_option, text);
  g_string_append (text, "    '1:command:{_describe command commands}' \\\n"
                         "    '*:file:_files'\n"
                         "}\n"
                         "_porthole \"$@\"\n");
}

/* ---- fish ------------------------------------------------------------------------------------ */

static void
add_fish_command (const PhCommandLineWord *word, gpointer text)
{
  g_autofree char *help = quote (word->help);

  g_string_append_printf (
      text, "complete -c porthole -n __fish_use_subcommand -f -a %s -d '%s'\n", word->name, help);
  if (is_file (word))
    g_string_append_printf (
        text, "complete -c porthole -n '__fish_seen_subcommand_from %s' -F\n", word->name);
}

static void
add_fish_option (const PhCommandLineWord *word, gpointer text)
{
  g_autofree char *help = quote (word->help);

  g_string_append_printf (text, "complete -c porthole -l %s -d '%s'", word->name, help);
  if (word->short_name != 0)
    g_string_append_printf (text, " -s %c", word->short_name);
  if (is_role (word))
    g_string_append (text, " -x -a 'viewer admin'");
  else if (word->argument != NULL)
    g_string_append (text, is_file (word) ? " -r -F" : " -x");
  g_string_append_c (text, '\n');
}

static void
make_fish (GString *text)
{
  g_string_append (text, "complete -c porthole -f\n");
  ph_command_line_foreach_command (add_fish_command, text);
  ph_command_line_foreach_option (add_fish_option, text);
}

char *
ph_completion_make (const char *shell)
{
  static const struct {
    const char *shell;
    void (*make) (GString *text);
  } shells[] = { { "bash", make_bash }, { "zsh", make_zsh }, { "fish", make_fish } };

  for (gsize i = 0; i < G_N_ELEMENTS (shells); i++)
    if (strcmp (shells[i].shell, shell) == 0) {
      GString *text = g_string_new (NULL);

      shells[i].make (text);
      return g_string_free (text, FALSE);
    }
  return NULL;
}
