/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an admin may do and a viewer may not: one table, for RTSP and HTTP alike. Any thread. */
#pragma once

#include "access/users.h"

typedef enum {
  PH_PERMISSION_OPEN, /* what anybody may: the log-in page and its assets, /healthz */
  PH_PERMISSION_VIEW, /* to see a camera; without a camera: to see the list of those one may see */
  PH_PERMISSION_LINK, /* to hand on the view of a camera by a signed link */
  PH_PERMISSION_ADMIN /* all that changes something or tells about the machine */
} PhPermission;
#define PH_N_PERMISSIONS 4

typedef enum {
  PH_GRANT_NO,
  PH_GRANT_CAMERAS, /* for the cameras one was granted, or that are anonymous */
  PH_GRANT_YES
} PhGrant;

typedef struct {
  const char *name; /* "view" */
  const char *help; /* one line without a full stop */
  PhGrant anonymous, viewer, admin;
} PhGrantRow;

extern const PhGrantRow ph_grant_table[PH_N_PERMISSIONS];

/* user NULL: somebody without a name. camera NULL: none in particular.
 * While there are no users and nobody is let in without a name, everything is allowed: then nobody
 * but this machine is served (ph_config_get_listen_scope()).
 * Whoever asks for a camera that is not granted is told that there is none (404), so that names are
 * not to be guessed. */
gboolean ph_grant_allows_any (
    const PhUsers *users, const PhUser *user, PhPermission permission, const char *camera);
