/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the command line says: porthole [OPTION…] [COMMAND] [FILE]. One table of commands and one of
 * options feed the parser, --help and porthole(1). Main thread. */
#pragma once

#include <glib.h>

typedef enum {
  PH_COMMAND_RUN,
  PH_COMMAND_CHECK,
  PH_COMMAND_DEVICES,
  PH_COMMAND_USER,
  PH_COMMAND_DDNS,
  PH_COMMAND_DOCTOR
} PhCommand;

typedef struct {
  PhCommand command;
  char *config_file; /* --config; NULL: not given */
  char *file; /* check FILE; NULL: not given */
  gboolean is_verbose;
  char *name; /* user NAME; never NULL with it */
  char *role; /* user --role: "viewer" or "admin"; NULL: not given */
  gboolean is_write; /* user --write */
  char *now; /* ddns --now NAME; NULL: not given */
  gboolean is_access; /* check --access */
  gboolean is_json; /* devices --json, ddns --json, doctor --json */
  gboolean is_version; /* --version: print it and do nothing else */
} PhCommandLine;

/* Fills self, which need not be initialised. --help prints and ends the process with 0, as GOption
 * does. Errors: PH_ERROR_USAGE and G_OPTION_ERROR, with self cleared. */
gboolean ph_command_line_parse (PhCommandLine *self, int argc, char **argv, GError **error);
void ph_command_line_clear (PhCommandLine *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhCommandLine, ph_command_line_clear)

typedef struct {
  const char *name; /* "check"; "config" of an option */
  char short_name; /* of an option; 0: it has none */
  const char *argument; /* "[FILE]", "FILE"; NULL: takes none */
  const char *help; /* without a full stop */
} PhCommandLineWord;

typedef void (*PhCommandLineFunc) (const PhCommandLineWord *word, gpointer user_data);

/* Each in the order of --help. */
void ph_command_line_foreach_command (PhCommandLineFunc func, gpointer user_data);
void ph_command_line_foreach_option (PhCommandLineFunc func, gpointer user_data);

/* For porthole(1), in man(7) markup; free with g_free. */
char *ph_command_line_make_man_commands (void);
char *ph_command_line_make_man_options (void);
