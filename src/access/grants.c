/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/grants.h"

/* clang-format off */
const PhGrantRow ph_grant_table[PH_N_PERMISSIONS] = {
  /*                                                                     anonymous         viewer            admin */
  [PH_PERMISSION_OPEN] = { "open", "Log in, ask whether the server lives", PH_GRANT_YES,     PH_GRANT_YES,     PH_GRANT_YES },
  [PH_PERMISSION_VIEW] = { "view", "See a camera and its state",          PH_GRANT_CAMERAS, PH_GRANT_CAMERAS, PH_GRANT_YES },
  [PH_PERMISSION_LINK] = { "link", "Hand on the view of a camera",        PH_GRANT_NO,      PH_GRANT_CAMERAS, PH_GRANT_YES },
  [PH_PERMISSION_ADMIN] = { "admin", "Change anything; see the machine",  PH_GRANT_NO,      PH_GRANT_NO,      PH_GRANT_YES },
};
/* clang-format on */

static gboolean
is_camera_granted (const PhUsers *users, const PhUser *user, const char *camera)
{
  if (user == NULL || camera == NULL)
    return user != NULL || ph_users_is_anonymous_any (users, camera);
  return ph_user_is_granted_any (user, camera) || ph_users_is_anonymous_any (users, camera);
}

gboolean
ph_grant_allows_any (
    const PhUsers *users, const PhUser *user, PhPermission permission, const char *camera)
{
  const PhGrantRow *row = &ph_grant_table[permission];
  PhGrant grant = row->anonymous;

  if (ph_users_is_open_any (users))
    return TRUE;
  if (user != NULL)
    grant = user->role == PH_ROLE_ADMIN ? row->admin : row->viewer;
  return grant == PH_GRANT_YES ||
         (grant == PH_GRANT_CAMERAS && is_camera_granted (users, user, camera));
}
