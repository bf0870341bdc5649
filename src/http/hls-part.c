/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls-part.h"

#include <math.h>
#include <string.h>

/* How much longer a part may come out than its frames nominally take. Players want each at least
 * 85 % of the target (RFC 8216bis, 4.4.4.9), so there is not much room. */
#define MARGIN 1.05

struct _PhHlsParts {
  char *uri_prefix;
  char *stem;
  double target; /* seconds; 0: no parts */
  gboolean is_finished;

  GArray *lines; /* element-type PhHlsPlaylistPart, uris owned */
  GPtrArray *bytes; /* element-type GBytes: of each part */
  GPtrArray *pending; /* element-type PhFmp4Fragment: of the part being made */
  GstClockTime pending_end;
  guint n_fragments;
};

double
ph_hls_parts_choose_target (double wanted, double frame_duration)
{
  double n_frames = MAX (1, floor (wanted / frame_duration + 0.05));

  /* In the playlist's milliseconds, so that what is compared is what is read. */
  return ceil (n_frames * frame_duration * MARGIN * 1000) / 1000;
}

static void
clear_line (gpointer data)
{
  PhHlsPlaylistPart *line = data;

  g_free ((char *)line->uri);
}

PhHlsParts *
ph_hls_parts_new (const char *uri_prefix, const char *stem, double target)
{
  PhHlsParts *self = g_new0 (PhHlsParts, 1);

  self->uri_prefix = g_strdup (uri_prefix);
  self->stem = g_strdup (stem);
  self->target = target;
  self->lines = g_array_new (FALSE, TRUE, sizeof (PhHlsPlaylistPart));
  g_array_set_clear_func (self->lines, clear_line);
  self->bytes = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  self->pending = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_fmp4_fragment_unref);
  return self;
}

void
ph_hls_parts_free (PhHlsParts *self)
{
  g_array_unref (self->lines);
  g_ptr_array_unref (self->bytes);
  g_ptr_array_unref (self->pending);
  g_free (self->uri_prefix);
  g_free (self->stem);
  g_free (self);
}

/* One piece, so that it is one write however many ask for it. */
static GBytes *
join (GPtrArray *pieces)
{
  GByteArray *joined;
  gsize size = 0;

  if (pieces->len == 1)
    return g_bytes_ref (g_ptr_array_index (pieces, 0));
  for (guint i = 0; i < pieces->len; i++)
    size += g_bytes_get_size (g_ptr_array_index (pieces, i));
  joined = g_byte_array_sized_new (size);
  for (guint i = 0; i < pieces->len; i++) {
    GBytes *bytes = g_ptr_array_index (pieces, i);

    g_byte_array_append (joined, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  }
  return g_byte_array_free_to_bytes (joined);
}

static GBytes *
join_pending (PhHlsParts *self)
{
  g_autoptr (GPtrArray) pieces = g_ptr_array_new ();

  for (guint i = 0; i < self->pending->len; i++)
    g_ptr_array_add (pieces, ((PhFmp4Fragment *)g_ptr_array_index (self->pending, i))->bytes);
  return join (pieces);
}

static double
get_length_until (PhHlsParts *self, GstClockTime end)
{
  const PhFmp4Fragment *first = g_ptr_array_index (self->pending, 0);

  return (double)(end - first->start) / GST_SECOND;
}

/* A frame that bridges a hole may be longer than the target, which must not be exceeded. */
static void
complete_part (PhHlsParts *self, GstClockTime end)
{
  const PhFmp4Fragment *first = g_ptr_array_index (self->pending, 0);
  const PhHlsPlaylistPart line = {
    .uri = ph_hls_parts_make_next_uri (self),
    .duration = MIN (get_length_until (self, end), self->target),
    .is_independent = first->is_keyframe,
  };

  g_ptr_array_add (self->bytes, join_pending (self));
  g_array_append_val (self->lines, line);
  g_ptr_array_set_size (self->pending, 0);
}

static gboolean
has_room (PhHlsParts *self, GstClockTime duration)
{
  return get_length_until (self, self->pending_end + duration) <= self->target;
}

void
ph_hls_parts_add (PhHlsParts *self, PhFmp4Fragment *fragment)
{
  GstClockTime end = fragment->start + fragment->duration;

  g_return_if_fail (!self->is_finished);

  if (self->target > 0 && self->pending->len > 0 && get_length_until (self, end) > self->target)
    complete_part (self, fragment->start);
  g_ptr_array_add (self->pending, ph_fmp4_fragment_ref (fragment));
  self->pending_end = end;
  self->n_fragments++;
  /* At once, not when the next frame shows that it is over. */
  if (self->target > 0 && !has_room (self, fragment->duration))
    complete_part (self, end);
}

static void
share_bytes (PhHlsParts *self, GBytes *whole)
{
  gsize offset = 0;

  for (guint i = 0; i < self->bytes->len; i++) {
    GBytes *own = g_ptr_array_index (self->bytes, i);
    gsize size = g_bytes_get_size (own);

    self->bytes->pdata[i] = g_bytes_new_from_bytes (whole, offset, size);
    g_bytes_unref (own);
    offset += size;
  }
}

GBytes *
ph_hls_parts_finish (PhHlsParts *self, GstClockTime end)
{
  GBytes *whole;

  g_return_val_if_fail (!self->is_finished, NULL);

  self->is_finished = TRUE;
  if (self->target <= 0) {
    whole = join_pending (self);
    g_ptr_array_set_size (self->pending, 0);
    return whole;
  }
  if (self->pending->len > 0)
    complete_part (self, end);
  whole = join (self->bytes);
  share_bytes (self, whole);
  return whole;
}

guint
ph_hls_parts_get_n_fragments (PhHlsParts *self)
{
  return self->n_fragments;
}

const PhHlsPlaylistPart *
ph_hls_parts_get_lines (PhHlsParts *self, guint *n_parts)
{
  *n_parts = self->lines->len;
  return (const PhHlsPlaylistPart *)(gpointer)self->lines->data;
}

static char *
make_file_name (PhHlsParts *self, guint index)
{
  return g_strdup_printf ("%s.%u.m4s", self->stem, index);
}

GBytes *
ph_hls_parts_find (PhHlsParts *self, const char *file_name)
{
  gsize length = strlen (self->stem);
  g_autofree char *name = NULL;
  guint64 index;

  if (!g_str_has_prefix (file_name, self->stem) || file_name[length] != '.')
    return NULL;
  index = g_ascii_strtoull (file_name + length + 1, NULL, 10);
  if (index >= self->bytes->len)
    return NULL;
  name = make_file_name (self, index);
  return g_str_equal (name, file_name) ? g_ptr_array_index (self->bytes, index) : NULL;
}

char *
ph_hls_parts_make_next_uri (PhHlsParts *self)
{
  g_autofree char *name = make_file_name (self, self->lines->len);

  return g_strconcat (self->uri_prefix, name, NULL);
}

gboolean
ph_hls_parts_is_next (PhHlsParts *self, const char *file_name)
{
  g_autofree char *name = make_file_name (self, self->lines->len);

  return self->target > 0 && !self->is_finished && g_str_equal (name, file_name);
}
