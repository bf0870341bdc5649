/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A viewer of multipart/x-mixed-replace. Each part must start and end as a JPEG does. */
#include "load/http.h"

typedef struct {
  LoadHttp http;
  enum { AT_PART_HEAD, AT_START, AT_END } at;
  gsize length; /* of the part's body */
} Viewer;

static void
on_connected (LoadViewer *viewer)
{
  load_http_ask ((LoadHttp *)viewer, "1.0");
}

static gsize
take_part_head (Viewer *self, const guint8 *data, gsize size)
{
  gsize length = load_find_head (data, size);
  g_autofree char *head = length > 0 ? g_strndup ((const char *)data, length) : NULL;
  gint64 n_body = head != NULL ? load_head_get_number (head, "Content-Length:", 0) : 0;

  if (head == NULL)
    return 0;
  if (n_body < 4) {
    load_viewer_fail (&self->http.base, "a part without its length");
    return length;
  }
  self->length = n_body;
  self->at = AT_START;
  return length;
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
  if (self->at == AT_PART_HEAD)
    return take_part_head (self, data, size);
  if (size < 2)
    return 0;
  if (data[0] != 0xff || data[1] != (self->at == AT_START ? 0xd8 : 0xd9)) {
    load_viewer_fail (viewer, "a part that is no JPEG");
    return size;
  }
  if (self->at == AT_START) {
    viewer->to_skip = self->length - 4;
    self->at = AT_END;
  } else {
    load_viewer_note_frame (viewer, TRUE);
    self->at = AT_PART_HEAD;
  }
  return 2;
}

static void
clear (LoadViewer *viewer)
{
  load_http_clear ((LoadHttp *)viewer);
}

const LoadKind load_kind_mjpeg = {
  .name = "mjpeg", .size = sizeof (Viewer), .connected = on_connected, .take = take, .clear = clear
};
