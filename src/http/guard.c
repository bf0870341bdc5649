/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/guard.h"

gboolean
ph_http_guard_allows (const PhHttpGuard *self, SoupServerMessage *message, PhPermission permission,
    const char *camera)
{
  return self == NULL || permission == PH_PERMISSION_OPEN ||
         self->allows (message, permission, camera, self->user_data);
}

gboolean
ph_http_guard_has_room (const PhHttpGuard *self, SoupServerMessage *message)
{
  return self == NULL || self->has_room == NULL || self->has_room (message, self->user_data);
}
