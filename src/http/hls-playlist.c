/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls-playlist.h"

#include <math.h>

/* EXT-X-MAP needs 6 (RFC 8216, 7); players tell fragmented MP4 by 7. */
#define VERSION 7
/* EXT-X-SKIP needs it; players that know of no such thing never get it. */
#define VERSION_WITH_SKIP 9
/* How far from the end players are to begin, in parts and in segments, for those who do not take
 * parts (RFC 8216bis, 4.4.3.8: at least three). */
#define PARTS_HELD_BACK 3
#define TARGETS_HELD_BACK 3

/* Whatever the locale. */
static void
append_number (GString *text, double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (text, g_ascii_formatd (buffer, sizeof buffer, "%.3f", number));
}

static void
append_date_time (GString *text, gint64 wall_time_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (wall_time_us / G_USEC_PER_SEC);
  g_autofree char *seconds = NULL;

  if (time == NULL)
    return;
  seconds = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");
  g_string_append_printf (text, "#EXT-X-PROGRAM-DATE-TIME:%s.%03dZ\n", seconds,
      (int)(wall_time_us % G_USEC_PER_SEC / 1000));
}

static gboolean
are_all_independent (const PhHlsMediaPlaylist *playlist)
{
  for (guint i = 0; i < playlist->n_segments; i++)
    if (!playlist->segments[i].is_independent)
      return FALSE;
  return TRUE;
}

static void
append_parts (GString *text, const PhHlsPlaylistSegment *segment)
{
  for (guint i = 0; i < segment->n_parts; i++) {
    const PhHlsPlaylistPart *part = &segment->parts[i];

    g_string_append (text, "#EXT-X-PART:DURATION=");
    append_number (text, part->duration);
    g_string_append_printf (
        text, ",URI=\"%s\"%s\n", part->uri, part->is_independent ? ",INDEPENDENT=YES" : "");
  }
}

static void
append_segment (
    GString *text, const PhHlsPlaylistSegment *segment, const PhHlsPlaylistSegment *before)
{
  gboolean is_other_map = before == NULL || !g_str_equal (before->map_uri, segment->map_uri);

  if (segment->is_discontinuity)
    g_string_append (text, "#EXT-X-DISCONTINUITY\n");
  if (is_other_map)
    g_string_append_printf (text, "#EXT-X-MAP:URI=\"%s\"\n", segment->map_uri);
  if (segment->wall_time_us != 0)
    append_date_time (text, segment->wall_time_us);
  append_parts (text, segment);
  if (segment->uri == NULL)
    return;
  g_string_append (text, "#EXTINF:");
  append_number (text, segment->duration);
  g_string_append_printf (text, ",\n%s\n", segment->uri);
}

static void
append_control (GString *text, const PhHlsMediaPlaylist *playlist)
{
  g_string_append (text, "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=");
  append_number (text, PARTS_HELD_BACK * playlist->part_target);
  g_string_append_printf (text, ",HOLD-BACK=%u", TARGETS_HELD_BACK * playlist->target_duration);
  if (playlist->can_skip_until > 0)
    g_string_append_printf (text, ",CAN-SKIP-UNTIL=%u", playlist->can_skip_until);
  g_string_append_c (text, '\n');
  g_string_append (text, "#EXT-X-PART-INF:PART-TARGET=");
  append_number (text, playlist->part_target);
  g_string_append_c (text, '\n');
}

char *
ph_hls_playlist_make_media (const PhHlsMediaPlaylist *playlist)
{
  GString *text = g_string_new ("#EXTM3U\n");

  g_string_append_printf (
      text, "#EXT-X-VERSION:%d\n", playlist->n_skipped > 0 ? VERSION_WITH_SKIP : VERSION);
  g_string_append_printf (text, "#EXT-X-TARGETDURATION:%u\n", playlist->target_duration);
  if (playlist->part_target > 0)
    append_control (text, playlist);
  g_string_append_printf (
      text, "#EXT-X-MEDIA-SEQUENCE:%" G_GUINT64_FORMAT "\n", playlist->media_sequence);
  if (playlist->discontinuity_sequence > 0)
    g_string_append_printf (text, "#EXT-X-DISCONTINUITY-SEQUENCE:%" G_GUINT64_FORMAT "\n",
        playlist->discontinuity_sequence);
  if (are_all_independent (playlist))
    g_string_append (text, "#EXT-X-INDEPENDENT-SEGMENTS\n");
  if (playlist->n_skipped > 0)
    g_string_append_printf (text, "#EXT-X-SKIP:SKIPPED-SEGMENTS=%u\n", playlist->n_skipped);
  for (guint i = playlist->n_skipped; i < playlist->n_segments; i++)
    append_segment (text, &playlist->segments[i], i > 0 ? &playlist->segments[i - 1] : NULL);
  if (playlist->next_part_uri != NULL)
    g_string_append_printf (
        text, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"%s\"\n", playlist->next_part_uri);
  if (playlist->is_over)
    g_string_append (text, "#EXT-X-ENDLIST\n");
  return g_string_free (text, FALSE);
}

void
ph_hls_playlist_append_report (
    GString *text, const char *uri, guint64 last_sequence, guint last_part)
{
  g_string_append_printf (
      text, "#EXT-X-RENDITION-REPORT:URI=\"%s\",LAST-MSN=%" G_GUINT64_FORMAT, uri, last_sequence);
  if (last_part != PH_HLS_NO_PART)
    g_string_append_printf (text, ",LAST-PART=%u", last_part);
  g_string_append_c (text, '\n');
}

static void
append_variant (GString *text, const PhHlsVariant *variant)
{
  g_string_append_printf (
      text, "#EXT-X-STREAM-INF:BANDWIDTH=%" G_GUINT64_FORMAT, variant->bandwidth);
  if (variant->average_bandwidth > 0)
    g_string_append_printf (
        text, ",AVERAGE-BANDWIDTH=%" G_GUINT64_FORMAT, variant->average_bandwidth);
  if (variant->codecs != NULL)
    g_string_append_printf (text, ",CODECS=\"%s\"", variant->codecs);
  if (variant->width > 0 && variant->height > 0)
    g_string_append_printf (text, ",RESOLUTION=%ux%u", variant->width, variant->height);
  if (variant->framerate > 0) {
    g_string_append (text, ",FRAME-RATE=");
    append_number (text, variant->framerate);
  }
  g_string_append_printf (text, "\n%s\n", variant->uri);
}

char *
ph_hls_playlist_make_multivariant (const PhHlsVariant *variants, guint n_variants)
{
  GString *text = g_string_new ("#EXTM3U\n");

  g_string_append_printf (text, "#EXT-X-VERSION:%d\n", VERSION);
  for (guint i = 0; i < n_variants; i++)
    append_variant (text, &variants[i]);
  return g_string_free (text, FALSE);
}

guint
ph_hls_playlist_round_target (double longest)
{
  return MAX (1, (guint)lround (longest));
}
