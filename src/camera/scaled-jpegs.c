/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/scaled-jpegs.h"

#include "base/error.h"

/* Distinct widths; unused ones make room. */
#define MAX_SCALED 16

struct _PhScaledJpegs {
  GPtrArray *list; /* element-type PhScaledJpeg */
};

PhScaledJpegs *
ph_scaled_jpegs_new (void)
{
  PhScaledJpegs *self = g_new0 (PhScaledJpegs, 1);

  self->list = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_scaled_jpeg_free);
  return self;
}

void
ph_scaled_jpegs_free (PhScaledJpegs *self)
{
  g_ptr_array_unref (self->list);
  g_free (self);
}

static gboolean
is_unused (PhScaledJpeg *scaled)
{
  PhFeedStats stats;

  ph_feed_get_stats_any (ph_scaled_jpeg_get_feed (scaled), &stats);
  return stats.n_taps == 0;
}

static void
drop_one_unused (PhScaledJpegs *self)
{
  for (guint i = 0; i < self->list->len; i++)
    if (is_unused (g_ptr_array_index (self->list, i))) {
      g_ptr_array_remove_index (self->list, i);
      return;
    }
}

static PhScaledJpeg *
find (PhScaledJpegs *self, PhFeed *jpeg, guint width)
{
  for (guint i = 0; i < self->list->len; i++) {
    PhScaledJpeg *scaled = g_ptr_array_index (self->list, i);

    if (ph_scaled_jpeg_get_source (scaled) == jpeg && ph_scaled_jpeg_get_width (scaled) == width)
      return scaled;
  }
  return NULL;
}

PhFeed *
ph_scaled_jpegs_ref_feed (
    PhScaledJpegs *self, PhFeed *jpeg, guint width, guint quality, GError **error)
{
  PhScaledJpeg *scaled = find (self, jpeg, width);

  if (scaled == NULL) {
    if (self->list->len >= MAX_SCALED)
      drop_one_unused (self);
    if (self->list->len >= MAX_SCALED) {
      g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
          "%d other picture widths are being watched already; take one of those or none",
          MAX_SCALED);
      return NULL;
    }
    scaled = ph_scaled_jpeg_new (jpeg, width, quality);
    g_ptr_array_add (self->list, scaled);
  }
  return ph_feed_ref_any (ph_scaled_jpeg_get_feed (scaled));
}

void
ph_scaled_jpegs_drop (PhScaledJpegs *self, PhFeed *jpeg)
{
  for (guint i = self->list->len; i > 0; i--)
    if (jpeg == NULL || ph_scaled_jpeg_get_source (g_ptr_array_index (self->list, i - 1)) == jpeg)
      g_ptr_array_remove_index (self->list, i - 1);
}
