/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks for the same file again and again, by the same connection for as long as the server keeps
 * it. Each whole answer counts as a frame. */
#include "load/http.h"

#include <string.h>

typedef struct {
  LoadHttp http;
  gsize n_left; /* of the body */
  gboolean is_kept; /* the connection, after this answer */
} Viewer;

static void
on_connected (LoadViewer *viewer)
{
  load_http_ask ((LoadHttp *)viewer, "1.1");
}

static gsize
take_head (Viewer *self, const guint8 *data, gsize size)
{
  g_autofree char *head = NULL;
  gsize used = load_http_take_head (&self->http, data, size, &head);

  if (head == NULL)
    return used;
  self->n_left = load_head_get_number (head, "Content-Length:", 0);
  self->is_kept = strcasestr (head, "Connection: close") == NULL;
  if (self->n_left == 0)
    load_viewer_fail (&self->http.base, "an answer without its length");
  load_viewer_note_playing (&self->http.base);
  return used;
}

static void
ask_again (Viewer *self)
{
  LoadViewer *viewer = &self->http.base;

  load_viewer_note_frame (viewer, TRUE);
  if (self->is_kept) {
    load_http_ask (&self->http, "1.1");
    return;
  }
  self->http.has_head = FALSE;
  load_wire_close (&viewer->wire);
  load_viewer_connect (viewer);
}

static gsize
take (LoadViewer *viewer, const guint8 *data, gsize size)
{
  Viewer *self = (Viewer *)viewer;
  gsize used;

  if (!self->http.has_head)
    return take_head (self, data, size);
  used = MIN (self->n_left, size);
  self->n_left -= used;
  if (self->n_left == 0)
    ask_again (self);
  return used;
}

static void
clear (LoadViewer *viewer)
{
  load_http_clear ((LoadHttp *)viewer);
}

const LoadKind load_kind_get = {
  .name = "get", .size = sizeof (Viewer), .connected = on_connected, .take = take, .clear = clear
};
