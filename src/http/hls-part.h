/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one HLS segment is made of: its fragments, grouped into parts that can be had while the
 * segment grows (RFC 8216bis, 4.4.4.9). A part has no bytes of its own any more once the segment is
 * whole. Main thread. */
#pragma once

#include "http/fmp4.h"
#include "http/hls-playlist.h"

typedef struct _PhHlsParts PhHlsParts;

/* The target (seconds) of parts of whole frames that take about `wanted`; a little is added for
 * cameras that are not quite regular. */
double ph_hls_parts_choose_target (double wanted, double frame_duration);

/* Parts are named STEM.INDEX.m4s, below uri_prefix. Both are copied. target 0: there are none, the
 * segment is only gathered. */
PhHlsParts *ph_hls_parts_new (const char *uri_prefix, const char *stem, double target);
void ph_hls_parts_free (PhHlsParts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhHlsParts, ph_hls_parts_free)

void ph_hls_parts_add (PhHlsParts *self, PhFmp4Fragment *fragment);
/* Ends the last part; nothing can be added afterwards. All of the segment's bytes: caller owns a
 * reference. */
GBytes *ph_hls_parts_finish (PhHlsParts *self, GstClockTime end);

guint ph_hls_parts_get_n_fragments (PhHlsParts *self);
/* Those that are complete; owned by self until it is added to. */
const PhHlsPlaylistPart *ph_hls_parts_get_lines (PhHlsParts *self, guint *n_parts);
/* NULL when it is none of them, or not complete. Owned by self. */
GBytes *ph_hls_parts_find (PhHlsParts *self, const char *file_name);
/* URI of the part that is complete next. Free with g_free. */
char *ph_hls_parts_make_next_uri (PhHlsParts *self);
/* Whether it is the one that is complete next. */
gboolean ph_hls_parts_is_next (PhHlsParts *self, const char *file_name);
