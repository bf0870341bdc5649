/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How two snapshots of the settings differ. Plain data. */
#pragma once

#include "config/config.h"

typedef struct {
  char **added, **removed, **changed; /* names of cameras; never NULL */
  char **sections; /* the other keys of porthole.json whose values differ; never NULL */
} PhChanges;

/* before NULL: everything is added. Fills self, which need not be initialised. */
void ph_changes_find (PhChanges *self, const PhConfig *before, const PhConfig *after);
void ph_changes_clear (PhChanges *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhChanges, ph_changes_clear)

gboolean ph_changes_are_none (const PhChanges *self);
/* "camera garden added; http changed", for the log; free with g_free. */
char *ph_changes_to_text (const PhChanges *self);
