/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one question asked in front of every route: may this request do that? Whoever knows users
 * answers it; without anybody everything is allowed (and the server listens on loopback only, see
 * ph_config_get_listen_scope()). Main thread. */
#pragma once

#include "access/grants.h"

#include <libsoup/soup.h>

typedef struct {
  /* Answers nothing to the client; also asked for each camera of a list. camera is a name, which
   * need not be that of a camera there is, or NULL: none in particular. */
  gboolean (*allows) (
      SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data);
  /* Sets status and body of the refusal. */
  void (*refuse) (
      SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data);
  gpointer user_data;
  /* Whether the signed link with token shows camera; nobody is asked who it is. stream: the only
   * one it shows, owned by the message, or NULL: any. Nullable: no link shows anything. */
  gboolean (*shows_by_link) (SoupServerMessage *message, const char *token, const char *camera,
      const char **stream, gpointer user_data);
  /* The request was allowed that and is handled now; nullable. Sets "Cache-Control: private" in the
   * answer's headers where others may not see the same. */
  void (*admitted) (
      SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data);
  /* For one more viewer: counts it until the answer to message is over, or answers that there is
   * no room and returns FALSE. Nullable. */
  gboolean (*has_room) (SoupServerMessage *message, gpointer user_data);
  /* Who sends message, for the list of viewers: *peer, an address, and *user (NULL: without a name)
   * are freed with g_free. Nullable. */
  void (*identify) (SoupServerMessage *message, char **peer, char **user, gpointer user_data);
  /* Whether who was allowed that with message, which is answered, would be once more with the same
   * words. Nullable: nobody. */
  gboolean (*may_repeat) (
      SoupServerMessage *message, PhPermission permission, const char *camera, gpointer user_data);
} PhHttpGuard;

/* self may be NULL: allowed. */
gboolean ph_http_guard_allows (const PhHttpGuard *self, SoupServerMessage *message,
    PhPermission permission, const char *camera);
/* As has_room; self may be NULL: there is room for all. */
gboolean ph_http_guard_has_room (const PhHttpGuard *self, SoupServerMessage *message);
