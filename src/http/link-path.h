/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a signed link leads: /NAME/link/TOKEN/FILE shows what /NAME/FILE does. The token stands in
 * the path, so that all that HLS playlists name relative to themselves (playlists, initialisation
 * sections, parts and segments) inherit it, whatever player reads them. Any thread. */
#pragma once

#include <glib.h>

/* path is decoded, as libsoup hands it to a handler. FALSE: it is none of a link. token and plain
 * ("/NAME/FILE"; both nullable) are freed with g_free. */
gboolean ph_link_path_split_any (const char *path, char **token, char **plain);

/* file has no "/" in front. Free with g_free. */
char *ph_link_path_make_any (const char *camera, const char *token, const char *file);

/* What the log may show of the path of any URI, percent-encoded as it came: without the token.
 * NULL is allowed. Free with g_free. */
char *ph_link_path_redact_any (const char *encoded);
