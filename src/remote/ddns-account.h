/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names of the settings that are to follow the public address, each with its provider and its
 * password. Main thread. */
#pragma once

#include "config/config.h"
#include "remote/ddns-provider.h"

typedef struct {
  const PhDdnsProvider *provider;
  char *hostname;
  char *zone; /* never NULL: hostname itself where nothing else is known */
  char *username; /* never NULL */
  char *password; /* never NULL; secret */
  const char *url; /* the template of the provider, or the settings' own */
  char *own_url; /* nullable */
  GRegex *success; /* nullable */
  gboolean has_family[PH_N_FAMILIES]; /* asked for, and the provider takes it */
} PhDdnsAccount;

typedef struct {
  PhDdnsProviders *providers;
  GPtrArray *list; /* element-type PhDdnsAccount, in the order of the settings */
} PhDdnsAccounts;

/* problems gets a sentence for each fault (no such provider, no password, …), element-type char *;
 * NULL and PH_ERROR_SETTINGS if there is any. Blocks on the disk. */
PhDdnsAccounts *ph_ddns_accounts_new (const PhConfig *config, GPtrArray **problems, GError **error);
void ph_ddns_accounts_free (PhDdnsAccounts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDdnsAccounts, ph_ddns_accounts_free)

/* Whether one call carries both addresses. */
gboolean ph_ddns_account_is_joint (const PhDdnsAccount *self);
/* Whether the provider takes the address that the call comes from. */
gboolean ph_ddns_account_takes_caller (const PhDdnsAccount *self);
/* Whether one call may carry the names of both. */
gboolean ph_ddns_account_shares_call (const PhDdnsAccount *self, const PhDdnsAccount *other);
