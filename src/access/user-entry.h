/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Entries of access.users as "porthole user" makes them: with hashes instead of the password. */
#pragma once

#include "config/access-config.h"

/* FALSE with PH_ERROR_USAGE for what no settings file could hold either. */
gboolean ph_user_entry_check_password (const char *password, GError **error);

/* JSON text of one entry; free with g_free. */
char *ph_user_entry_make (const char *name, PhRole role, const char *password);

/* The settings with the entry in them; free with g_free. A user of this name gets the new password
 * and keeps all else, also the role when role is NULL. settings: the text of a settings file; "{}"
 * is one. Errors: PH_ERROR_SETTINGS for what is no JSON, or has comments, which would be lost. */
char *ph_user_entry_insert (const char *settings, const char *name, const PhRole *role,
    const char *password, GError **error);
