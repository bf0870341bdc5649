/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signed view links: a token in a URL that shows one camera, or one stream of it, until a stated
 * time, for <img> and <video> elsewhere, which send no headers. The token is an HMAC-SHA256 (RFC
 * 2104) over camera, stream and end; which links there are is kept in the state folder beside the
 * key, so that each can be listed and revoked, and works after a restart. A link may do no more
 * than whoever made it: ask ph_gate_allows_any with its user too. Main thread only; times are
 * seconds since 1970. */
#pragma once

#include <glib.h>

typedef struct {
  char *id; /* 16 hexadecimal digits; not secret */
  char *camera;
  char *stream; /* NULL: any of the camera */
  char *user; /* who made it; NULL: nobody in particular, while there were no users */
  gint64 end;
} PhLink;

typedef struct _PhLinks PhLinks;

#define PH_LINK_MAX_DAYS 366

/* state_folder NULL: that of ph_state_make_folder. Nothing is read until it is needed, which blocks
 * on the disk once; without links nothing is written. */
PhLinks *ph_links_new (const char *state_folder);
void ph_links_free (PhLinks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhLinks, ph_links_free)

/* A token of A-Z, a-z, 0-9, "-" and "_"; free with g_free. link is owned by self until the next
 * call that is not ph_links_get. Errors: PH_ERROR_USAGE for an end that is past or too far away;
 * PH_ERROR_UNAVAILABLE when there are too many or the disk does not take it; PH_ERROR_SETTINGS when
 * everybody may read the key or the list. */
char *ph_links_make (PhLinks *self, const char *camera, const char *stream, const char *user,
    gint64 end, gint64 now, const PhLink **link, GError **error);

/* The link of a token, which may be any text, if it shows this camera now; NULL otherwise. Whoever
 * has it must keep to its stream. */
const PhLink *ph_links_find (PhLinks *self, const char *token, const char *camera, gint64 now);
/* NULL: there is no such link, it is revoked, or it has ended. */
const PhLink *ph_links_get (PhLinks *self, const char *id, gint64 now);

/* FALSE with PH_ERROR_NOT_FOUND, or PH_ERROR_UNAVAILABLE when the disk does not take it; then it is
 * revoked until a restart. */
gboolean ph_links_revoke (PhLinks *self, const char *id, GError **error);

/* Element-type const PhLink: those of camera that have not ended, the first to end first; unref
 * with g_ptr_array_unref. Errors: as ph_links_make. */
GPtrArray *ph_links_list (PhLinks *self, const char *camera, gint64 now, GError **error);
