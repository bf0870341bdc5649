/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A viewer of endless fragmented MP4 with H.264 (ISO/IEC 14496-12, 8.8; 14496-15, 5): counts the
 * samples of each fragment once its data is there, and looks for IDR pictures in it. */
#include "load/http.h"

#include <string.h>

#define NAL_IDR 5

typedef struct {
  LoadHttp http;
  guint n_samples; /* of the fragment that is coming in */
  gsize n_data; /* bytes of it that are still to come */
  gboolean is_keyframe;
} Viewer;

static guint32
read_word (const guint8 *data)
{
  return ((guint32)data[0] << 24) | (data[1] << 16) | (data[2] << 8) | data[3];
}

static void
on_connected (LoadViewer *viewer)
{
  load_http_ask ((LoadHttp *)viewer, "1.0");
}

/* moof: the sample counts stand behind version and flags of each trun. */
static void
count_samples (Viewer *self, const guint8 *moof, gsize size)
{
  const guint8 *at = moof;
  const guint8 *end = moof + size;

  self->n_samples = 0;
  while ((at = memmem (at, end - at, "trun", 4)) != NULL && end - at >= 12) {
    self->n_samples += read_word (at + 8);
    at += 12;
  }
}

static void
finish_fragment (Viewer *self)
{
  for (guint i = 0; i < self->n_samples; i++)
    load_viewer_note_frame (&self->http.base, self->is_keyframe);
  self->n_samples = 0;
  self->is_keyframe = FALSE;
}

static gsize
take_nal (Viewer *self, const guint8 *data, gsize size)
{
  gsize length;

  if (size < 5)
    return 0;
  length = 4 + (gsize)read_word (data);
  if (length < 5 || length > self->n_data) {
    load_viewer_fail (&self->http.base, "a sample that is no H.264");
    return size;
  }
  self->is_keyframe |= (data[4] & 0x1f) == NAL_IDR;
  self->http.base.to_skip = length - 5;
  self->n_data -= length;
  if (self->n_data == 0)
    finish_fragment (self);
  return 5;
}

static gsize
take_box (Viewer *self, const guint8 *data, gsize size)
{
  gsize length;

  if (size < 8)
    return 0;
  length = read_word (data);
  if (length < 8) {
    load_viewer_fail (&self->http.base, "a box without a length");
    return size;
  }
  if (memcmp (data + 4, "mdat", 4) == 0) {
    self->n_data = length - 8;
    return 8;
  }
  if (memcmp (data + 4, "moof", 4) == 0) {
    if (size < length)
      return 0;
    count_samples (self, data, length);
    return length;
  }
  self->http.base.to_skip = length - 8;
  return 8;
}

static gsize
take (LoadViewer *viewer, const guint8 *data, gsize size)
{
  Viewer *self = (Viewer *)viewer;
  g_autofree char *head = NULL;
  gsize used;

  if (!self->http.has_head) {
    used = load_http_take_head (&self->http, data, size, &head);
    if (self->http.has_head)
      load_viewer_note_playing (viewer);
    return used;
  }
  return self->n_data > 0 ? take_nal (self, data, size) : take_box (self, data, size);
}

static void
clear (LoadViewer *viewer)
{
  load_http_clear ((LoadHttp *)viewer);
}

const LoadKind load_kind_mp4 = {
  .name = "mp4", .size = sizeof (Viewer), .connected = on_connected, .take = take, .clear = clear
};
