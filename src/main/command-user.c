/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/user-entry.h"
#include "base/error.h"
#include "base/replace-file.h"
#include "base/secret-file.h"
#include "main/commands.h"
#include "main/password.h"
#include "main/settings.h"

#include <stdio.h>

#define SHORT_PASSWORD 8

static PhRole
get_role (const PhCommandLine *line)
{
  return g_strcmp0 (line->role, "admin") == 0 ? PH_ROLE_ADMIN : PH_ROLE_VIEWER;
}

static void
print_entry (const PhCommandLine *line, const char *password)
{
  g_autofree char *entry = ph_user_entry_make (line->name, get_role (line), password);

  printf ("%s\n", entry);
  fprintf (stderr,
      "Add this to the list \"users\" of \"access\" in porthole.json, or let --write do it, and "
      "a Porthole that runs will notice. Whoever knows these hashes can log in: keep the file "
      "readable for "
      "Porthole only.\n");
}

/* NULL with PH_ERROR_USAGE: there is none to write into; free with g_free. */
static char *
choose_file (const PhCommandLine *line, GError **error)
{
  char *file = line->config_file != NULL ? g_strdup (line->config_file) : ph_config_find_file ();

  if (file == NULL)
    g_set_error (error, PH_ERROR, PH_ERROR_USAGE,
        "there is no settings file yet; say which to make: porthole user %s --write --config "
        "porthole.json",
        line->name);
  return file;
}

/* "{}" for a file that is not there yet; free with g_free. */
static char *
read_settings (const char *file, GError **error)
{
  g_autoptr (PhConfig) config = NULL;
  g_autoptr (GError) cause = NULL;
  char *text = NULL;

  if (!g_file_test (file, G_FILE_TEST_EXISTS))
    return g_strdup ("{}");
  config = ph_settings_load (file, NULL, error);
  if (config == NULL)
    return NULL;
  if (!g_file_get_contents (file, &text, NULL, &cause))
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "%s", cause->message);
  return text;
}

static void
say_what_is_next (const char *file, const char *name, gboolean is_new)
{
  g_autofree char *quoted = g_shell_quote (file);

  if (is_new)
    fprintf (stderr, "%s: %s is in it now; type: porthole --config %s\n", file, name, quoted);
  else
    fprintf (stderr, "%s: %s is in it now; a Porthole that runs with it will notice\n", file, name);
}

static gboolean
write_entry (const PhCommandLine *line, const char *file, const char *password, GError **error)
{
  PhRole role = get_role (line);
  gboolean is_new = !g_file_test (file, G_FILE_TEST_EXISTS);
  g_autofree char *before = read_settings (file, error);
  g_autofree char *after = NULL;
  g_autofree char *text = NULL;

  if (before == NULL)
    return FALSE;
  after =
      ph_user_entry_insert (before, line->name, line->role != NULL ? &role : NULL, password, error);
  if (after == NULL) {
    g_prefix_error (error, "%s ", file);
    return FALSE;
  }
  text = g_strconcat (after, "\n", NULL);
  if (!ph_replace_file (file, text, error))
    return FALSE;
  say_what_is_next (file, line->name, is_new);
  return TRUE;
}

/* Nobody is asked for a password that then cannot be written anywhere. */
gboolean
ph_command_user (const PhCommandLine *line, GError **error)
{
  g_autofree char *file = line->is_write ? choose_file (line, error) : NULL;
  char *password = NULL;
  gboolean is_done;

  if (line->is_write && file == NULL)
    return FALSE;
  password = ph_password_ask (line->name, error);
  is_done = password != NULL && ph_user_entry_check_password (password, error);
  if (is_done && g_utf8_strlen (password, -1) < SHORT_PASSWORD)
    fprintf (stderr, "A password this short is soon guessed.\n");
  if (is_done && line->is_write)
    is_done = write_entry (line, file, password, error);
  else if (is_done)
    print_entry (line, password);
  ph_secret_free (password);
  return is_done;
}
