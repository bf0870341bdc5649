/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-account.h"

#include "base/error.h"
#include "base/nearest.h"
#include "base/secret-file.h"

#include <libsoup/soup.h>
#include <string.h>

static void
free_account (gpointer data)
{
  PhDdnsAccount *account = data;

  g_free (account->hostname);
  g_free (account->zone);
  g_free (account->username);
  ph_secret_free (account->password);
  g_free (account->own_url);
  g_clear_pointer (&account->success, g_regex_unref);
  g_free (account);
}

/* The public suffix list knows where a domain begins: "example.co.uk". */
static char *
find_zone (const PhDdnsConfig *config, const PhDdnsProvider *provider)
{
  const char *hostname =
      g_str_has_prefix (config->hostname, "*.") ? config->hostname + 2 : config->hostname;
  const char *zone = config->zone != NULL ? config->zone : provider->zone;

  if (zone == NULL)
    zone = soup_tld_get_base_domain (hostname, NULL);
  return g_strdup (zone != NULL ? zone : hostname);
}

static const PhDdnsProvider *
find_provider (PhDdnsProviders *providers, const char *id, GError **error)
{
  const PhDdnsProvider *provider = ph_ddns_providers_find (providers, id);
  g_autofree const char **ids = NULL;
  g_autofree char *list = NULL;
  const char *nearest;

  if (provider != NULL)
    return provider;
  ids = ph_ddns_providers_list (providers);
  list = g_strjoinv (", ", (char **)ids);
  nearest = ph_nearest_word (id, ids);
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
      "provider: found \"%s\", which Porthole does not know; allowed: %s, or one of a file that "
      "ddns_providers names%s%s%s",
      id, list, nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
      nearest != NULL ? "\"?" : "");
  return NULL;
}

static char *
read_password_file (const char *file, GError **error)
{
  char *password = ph_secret_file_read_line (file, error);

  if (password == NULL)
    g_prefix_error (error, "%s ", file);
  return password;
}

/* "" where there is none. */
static char *
read_password (const PhDdnsConfig *config, GError **error)
{
  g_autofree char *credential = g_strconcat ("porthole.ddns.", config->hostname, NULL);
  g_autofree char *file = NULL;

  if (config->password != NULL)
    return g_strdup (config->password);
  if (config->password_file != NULL)
    return read_password_file (config->password_file, error);
  file = ph_secret_file_find_credential (credential);
  return file != NULL ? read_password_file (file, error) : g_strdup ("");
}

static gboolean
uses (const PhDdnsAccount *account, const char *placeholder)
{
  return ph_ddns_provider_uses (account->provider, placeholder) ||
         (account->own_url != NULL && strstr (account->own_url, placeholder) != NULL);
}

gboolean
ph_ddns_account_is_joint (const PhDdnsAccount *self)
{
  return uses (self, "{ips}") || uses (self, "{ip4}") || uses (self, "{ip6}");
}

gboolean
ph_ddns_account_takes_caller (const PhDdnsAccount *self)
{
  return self->provider->kind == PH_DDNS_KIND_TEMPLATE && !ph_ddns_account_is_joint (self) &&
         !uses (self, "{ip}");
}

/* A template of the user's says by its placeholders which families it is for; one without any is
 * told the address that the call comes from, and that is IPv4 like everywhere. */
static gboolean
template_takes (const PhDdnsAccount *account, PhFamily family)
{
  if (account->own_url == NULL || uses (account, "{ip}") || uses (account, "{ips}"))
    return TRUE;
  if (family == PH_FAMILY_IPV4)
    return uses (account, "{ip4}") || !uses (account, "{ip6}");
  return uses (account, "{ip6}");
}

static gboolean
needs_user (const PhDdnsAccount *account)
{
  return uses (account, "{user}") || account->provider->kind == PH_DDNS_KIND_FREEDNS;
}

static gboolean
needs_password (const PhDdnsAccount *account)
{
  return uses (account, "{pass}") || account->provider->auth != PH_DDNS_AUTH_NONE ||
         account->provider->kind == PH_DDNS_KIND_FREEDNS;
}

static gboolean
check (const PhDdnsAccount *account, GError **error)
{
  const char *fault = NULL;
  gboolean is_generic = account->own_url != NULL;

  if (!is_generic && needs_user (account) && *account->username == '\0')
    fault = "username: found nothing, but this provider wants one";
  else if (!is_generic && needs_password (account) && *account->password == '\0')
    fault = "found no password; allowed: password, password_file, or a systemd credential "
            "porthole.ddns.HOSTNAME";
  else if (!account->has_family[PH_FAMILY_IPV4] && !account->has_family[PH_FAMILY_IPV6])
    fault = "families: found none that this provider takes";
  if (fault != NULL)
    g_set_error_literal (error, PH_ERROR, PH_ERROR_SETTINGS, fault);
  return fault == NULL;
}

static void
fill (PhDdnsAccount *account, const PhDdnsConfig *config)
{
  account->hostname = g_strdup (config->hostname);
  account->zone = find_zone (config, account->provider);
  account->username = g_strdup (config->username != NULL ? config->username : "");
  account->own_url = g_strdup (config->url);
  account->url = config->url != NULL ? account->own_url : account->provider->url;
  if (config->success != NULL)
    account->success = g_regex_new (config->success, G_REGEX_MULTILINE, 0, NULL);
  for (PhFamily family = 0; family < PH_N_FAMILIES; family++)
    account->has_family[family] =
        g_strv_contains ((const char *const *)config->families, ph_family_to_string (family)) &&
        ph_ddns_provider_takes (account->provider, family) && template_takes (account, family);
}

static PhDdnsAccount *
make_account (PhDdnsProviders *providers, const PhDdnsConfig *config, GError **error)
{
  const PhDdnsProvider *provider = find_provider (providers, config->provider, error);
  PhDdnsAccount *account;

  if (provider == NULL)
    return NULL;
  account = g_new0 (PhDdnsAccount, 1);
  account->provider = provider;
  fill (account, config);
  account->password = read_password (config, error);
  if (account->password != NULL && check (account, error))
    return account;
  free_account (account);
  return NULL;
}

static void
add_accounts (PhDdnsAccounts *self, const PhConfig *config, GPtrArray *problems)
{
  const char *file = config->file != NULL ? config->file : "built-in settings";
  gboolean has_secrets = FALSE;

  for (guint i = 0; i < config->remote->ddns->len; i++) {
    const PhDdnsConfig *ddns = g_ptr_array_index (config->remote->ddns, i);
    g_autoptr (GError) error = NULL;
    PhDdnsAccount *account = make_account (self->providers, ddns, &error);

    has_secrets |= ddns->password != NULL;
    if (account != NULL)
      g_ptr_array_add (self->list, account);
    else
      g_ptr_array_add (
          problems, g_strdup_printf ("%s: remote.ddns[%u]: %s", file, i, error->message));
  }
  if (has_secrets && config->file != NULL) {
    g_autoptr (GError) error = NULL;

    if (!ph_secret_file_check (config->file, &error))
      g_ptr_array_add (problems, g_strdup_printf ("%s: %s", file, error->message));
  }
}

PhDdnsAccounts *
ph_ddns_accounts_new (const PhConfig *config, GPtrArray **problems, GError **error)
{
  g_autoptr (PhDdnsAccounts) self = g_new0 (PhDdnsAccounts, 1);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  self->list = g_ptr_array_new_with_free_func (free_account);
  self->providers = ph_ddns_providers_new (config->remote->ddns_providers, found, NULL);
  if (self->providers != NULL)
    add_accounts (self, config, found);
  if (problems != NULL)
    *problems = g_ptr_array_ref (found);
  if (found->len == 0)
    return g_steal_pointer (&self);
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
      "the names for dynamic DNS in the settings cannot be used: %u %s", found->len,
      found->len == 1 ? "problem" : "problems");
  return NULL;
}

void
ph_ddns_accounts_free (PhDdnsAccounts *self)
{
  g_ptr_array_unref (self->list);
  g_clear_pointer (&self->providers, ph_ddns_providers_free);
  g_free (self);
}

gboolean
ph_ddns_account_shares_call (const PhDdnsAccount *self, const PhDdnsAccount *other)
{
  return self->provider == other->provider && ph_ddns_provider_is_multi_host (self->provider) &&
         g_str_equal (self->username, other->username) &&
         g_str_equal (self->password, other->password);
}
