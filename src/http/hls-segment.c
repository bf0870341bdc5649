/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls-segment.h"

#include <string.h>

PhHlsSegment *
ph_hls_segment_new (const PhHlsSegmentNaming *naming, const PhFmp4Fragment *first)
{
  PhHlsSegment *self = g_new0 (PhHlsSegment, 1);
  g_autofree char *stem =
      g_strdup_printf ("%s-%" G_GUINT64_FORMAT, naming->session, naming->number);

  self->number = naming->number;
  self->header = ph_fmp4_header_ref (first->header);
  self->start = first->start;
  self->is_independent = first->is_keyframe;
  self->kept_until = GST_CLOCK_TIME_NONE;
  self->parts = ph_hls_parts_new (naming->uri_prefix, stem, naming->part_target);
  self->file_name = g_strconcat (stem, ".m4s", NULL);
  self->uri = g_strconcat (naming->uri_prefix, self->file_name, NULL);
  self->map_uri = g_strdup_printf (
      "%s%s-%u-init.mp4", naming->uri_prefix, naming->session, first->header->generation);
  return self;
}

void
ph_hls_segment_free (PhHlsSegment *self)
{
  ph_fmp4_header_unref (self->header);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  ph_hls_parts_free (self->parts);
  g_free (self->file_name);
  g_free (self->uri);
  g_free (self->map_uri);
  g_free (self);
}

void
ph_hls_segment_finish (PhHlsSegment *self, GstClockTime end)
{
  self->duration = end - self->start;
  self->bytes = ph_hls_parts_finish (self->parts, end);
}

guint
ph_hls_segment_count_parts (const PhHlsSegment *self)
{
  guint n_parts;

  ph_hls_parts_get_lines (self->parts, &n_parts);
  return n_parts;
}

static gboolean
is_init_name (const char *map_uri, const char *file_name)
{
  const char *slash = strrchr (map_uri, '/');

  return g_strcmp0 (slash != NULL ? slash + 1 : map_uri, file_name) == 0;
}

GBytes *
ph_hls_segment_find (const PhHlsSegment *self, const char *file_name)
{
  if (g_str_equal (self->file_name, file_name))
    return self->bytes;
  if (is_init_name (self->map_uri, file_name))
    return self->header->bytes;
  return ph_hls_parts_find (self->parts, file_name);
}

PhHlsPlaylistSegment
ph_hls_segment_describe (const PhHlsSegment *self, PhHlsSegmentLine what)
{
  PhHlsPlaylistSegment line = {
    .uri = self->bytes != NULL ? self->uri : NULL,
    .map_uri = self->map_uri,
    .duration = (double)self->duration / GST_SECOND,
    .wall_time_us = what & PH_HLS_SEGMENT_DATED ? self->wall_time_us : 0,
    .is_discontinuity = self->is_discontinuity,
    .is_independent = self->is_independent,
  };

  if (what & PH_HLS_SEGMENT_WITH_PARTS)
    line.parts = ph_hls_parts_get_lines (self->parts, &line.n_parts);
  return line;
}
