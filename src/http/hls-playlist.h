/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HLS playlists as text (RFC 8216, and RFC 8216bis for parts). Pure: what to list is decided by
 * whoever keeps the segments. URIs are put in as they are, relative ones hold at any sub-path. Any
 * thread. */
#pragma once

#include <glib.h>

typedef struct {
  const char *uri;
  double duration; /* seconds */
  gboolean is_independent; /* starts with a keyframe */
} PhHlsPlaylistPart;

typedef struct {
  const char *uri; /* NULL: not whole yet, only its parts are listed */
  const char *map_uri; /* of its init segment */
  double duration; /* seconds */
  gint64 wall_time_us; /* since 1970; 0: not said */
  gboolean is_discontinuity; /* does not follow the one before */
  gboolean is_independent; /* starts with a keyframe */
  const PhHlsPlaylistPart *parts; /* nullable: not listed */
  guint n_parts;
} PhHlsPlaylistSegment;

typedef struct {
  guint target_duration; /* seconds; never changes for one playlist (RFC 8216, 6.2.1) */
  guint64 media_sequence; /* number of the first segment listed */
  guint64 discontinuity_sequence; /* discontinuities that have left the list */
  const PhHlsPlaylistSegment *segments;
  guint n_segments; /* only the last one may lack its uri */
  double part_target; /* seconds, no part is longer; 0: there are no parts */
  const char *next_part_uri; /* nullable */
  gboolean is_over; /* nothing will follow */
  /* With parts: how far from the end (seconds) segments may be left out of a Playlist Delta Update
   * (RFC 8216bis, 6.2.5.1), at least six target durations; 0: they never are. */
  guint can_skip_until;
  guint n_skipped; /* of the segments; more than 0: it is a Playlist Delta Update */
} PhHlsMediaPlaylist;

/* Free with g_free. */
char *ph_hls_playlist_make_media (const PhHlsMediaPlaylist *playlist);

#define PH_HLS_NO_PART G_MAXUINT

/* To follow a media playlist: how far another one has come, so that a player can change over
 * without asking for it first (RFC 8216bis, 4.4.5.4). last_part: PH_HLS_NO_PART if that has no
 * parts. */
void ph_hls_playlist_append_report (
    GString *text, const char *uri, guint64 last_sequence, guint last_part);

typedef struct {
  const char *uri;
  guint64 bandwidth; /* bit/s, the most a segment takes */
  guint64 average_bandwidth; /* bit/s; 0: not said */
  const char *codecs; /* nullable: RFC 6381 */
  guint width, height; /* pixels; 0: not said */
  double framerate; /* frames/s; 0: not said */
} PhHlsVariant;

/* Free with g_free. */
char *ph_hls_playlist_make_multivariant (const PhHlsVariant *variants, guint n_variants);

/* The target duration (whole seconds) that fits segments of up to `longest` seconds: they may round
 * to it (RFC 8216, 4.3.3.1). At least 1. */
guint ph_hls_playlist_round_target (double longest);
