/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loads settings for a command: every fault goes to standard error, one a line. */
#pragma once

#include "access/users.h"
#include "config/config.h"

/* file NULL: the usual places; view is nullable. PH_ERROR_SETTINGS when there was a fault. */
PhConfig *ph_settings_load (const char *file, const PhFileView *view, GError **error);
/* Of config; who has no password is a fault as well. */
PhUsers *ph_settings_load_users (const PhConfig *config, GError **error);
/* Of config: whether each name for dynamic DNS has a provider that is known, and its password. */
gboolean ph_settings_check_names (const PhConfig *config, GError **error);
/* file may be settings or one camera's definition (which has a "source"). */
PhConfig *ph_settings_load_any_file (const char *file, GError **error);
