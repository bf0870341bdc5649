/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "floor/clip.h"

#include <string.h>

#define RTP_CLOCK 90000

static gboolean
read_number (const guint8 **at, const guint8 *end, guint32 *value)
{
  if (end - *at < 4)
    return FALSE;
  memcpy (value, *at, 4);
  *value = GUINT32_FROM_LE (*value);
  *at += 4;
  return TRUE;
}

static gboolean
read_packets (FloorUnit *unit, const guint8 **at, const guint8 *end)
{
  for (guint i = 0; i < unit->n_packets; i++) {
    guint32 size;

    if (!read_number (at, end, &size) || (gsize)(end - *at) < size)
      return FALSE;
    unit->packets[i] = (struct iovec){ (gpointer)*at, size };
    unit->size += size;
    *at += size;
  }
  return TRUE;
}

static gboolean
read_units (FloorClip *self)
{
  gsize size;
  const guint8 *at = g_bytes_get_data (self->bytes, &size);
  const guint8 *end = at + size;
  guint32 is_keyframe, n_packets;

  while (read_number (&at, end, &is_keyframe) && read_number (&at, end, &n_packets)) {
    FloorUnit unit = { .is_keyframe = is_keyframe != 0, .n_packets = n_packets };

    if (n_packets > (gsize)(end - at))
      return FALSE;
    unit.packets = g_new0 (struct iovec, n_packets);
    g_array_append_val (self->units, unit);
    if (!read_packets (&g_array_index (self->units, FloorUnit, self->units->len - 1), &at, end))
      return FALSE;
  }
  return at == end && self->units->len > 0;
}

static void
clear_unit (gpointer data)
{
  FloorUnit *unit = data;

  g_free (unit->packets);
}

FloorClip *
floor_clip_load (const char *path, gboolean is_rtp, double framerate, GError **error)
{
  FloorClip *self = g_new0 (FloorClip, 1);
  char *text = NULL;
  gsize size = 0;

  self->is_rtp = is_rtp;
  self->framerate = framerate;
  self->units = g_array_new (FALSE, FALSE, sizeof (FloorUnit));
  g_array_set_clear_func (self->units, clear_unit);
  if (g_file_get_contents (path, &text, &size, error)) {
    self->bytes = g_bytes_new_take (text, size);
    if (read_units (self))
      return self;
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is no clip", path);
  }
  floor_clip_free (self);
  return NULL;
}

void
floor_clip_free (FloorClip *self)
{
  g_array_unref (self->units);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

/* RFC 3550 5.1: sequence number and timestamp. */
static void
number_packet (FloorClip *self, guint8 *packet, guint32 time)
{
  guint16 sequence = GUINT16_TO_BE (self->sequence);
  guint32 timestamp = GUINT32_TO_BE (time);

  self->sequence++;
  memcpy (packet + 2, &sequence, sizeof sequence);
  memcpy (packet + 4, &timestamp, sizeof timestamp);
}

const FloorUnit *
floor_clip_next (FloorClip *self)
{
  const FloorUnit *unit = &g_array_index (self->units, FloorUnit, self->next);
  guint32 time = (guint64)(self->n_sent * RTP_CLOCK / self->framerate);

  self->next = (self->next + 1) % self->units->len;
  self->n_sent++;
  for (guint i = 0; self->is_rtp && i < unit->n_packets; i++)
    number_packet (self, (guint8 *)unit->packets[i].iov_base + FLOOR_PREFIX, time);
  return unit;
}
