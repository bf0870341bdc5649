/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "base/state.h"
#include "build-config.h"
#include "main/commands.h"
#include "main/settings.h"
#include "remote/ddns-account.h"
#include "remote/ddns-order.h"
#include "remote/ddns-report.h"

#include <glib/gstdio.h>
#include <stdio.h>

#define SERVICE_FOLDER "/var/lib/porthole" /* StateDirectory= of the unit */
#define TICK_MS 50
#define TAKEN_WITHIN 5 /* seconds */
#define ANSWERED_WITHIN 60

typedef PhDdnsState *States[PH_N_FAMILIES];

static void
clear_states (States states)
{
  for (PhFamily family = 0; family < PH_N_FAMILIES; family++)
    g_clear_pointer (&states[family], ph_ddns_state_free);
}

static void
load_states (States states, const char *folder, const PhDdnsAccount *account)
{
  for (PhFamily family = 0; family < PH_N_FAMILIES; family++)
    states[family] =
        account->has_family[family] ? ph_ddns_state_load (folder, account, family) : NULL;
}

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Of the Porthole that serves the same settings: systemd tells the service its folder, but nobody
 * else. */
static char *
find_folder (const PhConfig *config, GError **error)
{
  if (g_getenv ("STATE_DIRECTORY") == NULL && config->file != NULL &&
      g_str_has_prefix (config->file, PH_SYSCONFDIR "/") &&
      g_file_test (SERVICE_FOLDER, G_FILE_TEST_IS_DIR))
    return g_strdup (SERVICE_FOLDER);
  return ph_state_make_folder (error);
}

static void
print_text (const char *folder, const PhDdnsAccount *account)
{
  States states;
  g_autofree char *text = NULL;

  load_states (states, folder, account);
  text = ph_ddns_report_make_text (account, states, get_now (), get_now ());
  fputs (text, stdout);
  clear_states (states);
}

static void
print_json (const char *folder, const PhDdnsAccounts *accounts)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "names");
  json_builder_begin_array (builder);
  for (guint i = 0; i < accounts->list->len; i++) {
    const PhDdnsAccount *account = g_ptr_array_index (accounts->list, i);
    States states;

    load_states (states, folder, account);
    ph_ddns_report_add_name (builder, account, states, get_now (), get_now ());
    clear_states (states);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  printf ("%s\n", text);
}

static void
print_all (const char *folder, const PhDdnsAccounts *accounts)
{
  if (accounts->list->len == 0)
    printf ("There are no names in the settings (remote.ddns).\n");
  for (guint i = 0; i < accounts->list->len; i++)
    print_text (folder, g_ptr_array_index (accounts->list, i));
}

static const PhDdnsAccount *
find_account (const PhDdnsAccounts *accounts, const char *hostname, GError **error)
{
  for (guint i = 0; i < accounts->list->len; i++) {
    const PhDdnsAccount *account = g_ptr_array_index (accounts->list, i);

    if (g_ascii_strcasecmp (account->hostname, hostname) == 0)
      return account;
  }
  g_set_error_literal (
      error, PH_ERROR, PH_ERROR_NOT_FOUND, "there is no such name in the settings (remote.ddns)");
  return NULL;
}

/* The same rules as those of the Porthole that runs, so that its answer need not be waited for. */
static gboolean
may_try (const char *folder, const PhDdnsAccount *account, GError **error)
{
  gboolean may;
  States states;

  load_states (states, folder, account);
  may = ph_ddns_rules_try_again (states, account->provider, get_now (), error);
  clear_states (states);
  return may;
}

static gint64
find_newest_answer (const char *folder, const PhDdnsAccount *account)
{
  gint64 newest = 0;
  States states;

  load_states (states, folder, account);
  for (PhFamily family = 0; family < PH_N_FAMILIES; family++)
    if (states[family] != NULL)
      newest = MAX (newest, states[family]->answered_at);
  clear_states (states);
  return newest;
}

static gboolean
wait_until_taken (const char *file)
{
  for (guint i = 0; i < TAKEN_WITHIN * 1000 / TICK_MS; i++) {
    if (!g_file_test (file, G_FILE_TEST_EXISTS))
      return TRUE;
    g_usleep (TICK_MS * 1000);
  }
  return g_unlink (file) != 0;
}

static void
wait_until_answered (const char *folder, const PhDdnsAccount *account, gint64 before)
{
  for (guint i = 0; i < ANSWERED_WITHIN * 1000 / TICK_MS; i++) {
    if (find_newest_answer (folder, account) > before)
      return;
    g_usleep (TICK_MS * 1000);
  }
}

static gboolean
try_now (const char *folder, const PhDdnsAccount *account, GError **error)
{
  gint64 before = find_newest_answer (folder, account);
  g_autofree char *file = NULL;

  if (!may_try (folder, account, error))
    return FALSE;
  file = ph_ddns_order_leave (folder, account->hostname, error);
  if (file == NULL)
    return FALSE;
  if (!wait_until_taken (file)) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "no Porthole runs with the state in %s; start it, or set STATE_DIRECTORY to the folder of "
        "the one that does",
        folder);
    return FALSE;
  }
  wait_until_answered (folder, account, before);
  print_text (folder, account);
  return TRUE;
}

gboolean
ph_command_ddns (const PhCommandLine *line, GError **error)
{
  g_autoptr (PhConfig) config = ph_settings_load (line->config_file, NULL, error);
  g_autoptr (PhDdnsAccounts) accounts = NULL;
  const PhDdnsAccount *account = NULL;
  g_autofree char *folder = NULL;

  if (config == NULL || !ph_settings_check_names (config, error))
    return FALSE;
  accounts = ph_ddns_accounts_new (config, NULL, error);
  folder = accounts != NULL ? find_folder (config, error) : NULL;
  if (folder == NULL)
    return FALSE;
  if (line->now != NULL) {
    account = find_account (accounts, line->now, error);
    return account != NULL && try_now (folder, account, error);
  }
  if (line->is_json)
    print_json (folder, accounts);
  else
    print_all (folder, accounts);
  return TRUE;
}
