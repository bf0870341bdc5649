/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load/viewer.h"

#include <string.h>

#define READ_SIZE (256 * 1024)
/* Reads of one viewer before it is another's turn. */
#define MAX_READS 4

static void on_ready (LoadSource *source);

LoadViewer *
load_viewer_new (const LoadKind *kind, const LoadTask *task)
{
  LoadViewer *self = g_malloc0 (kind->size);

  self->kind = kind;
  self->task = task;
  self->source = (LoadSource){ on_ready, self };
  self->wire.fd = -1;
  return self;
}

void
load_viewer_free (LoadViewer *self)
{
  if (self->kind->clear != NULL)
    self->kind->clear (self);
  load_wire_close (&self->wire);
  g_clear_pointer (&self->rest, g_byte_array_unref);
  g_free (self);
}

void
load_viewer_fail (LoadViewer *self, const char *reason)
{
  if (self->failure == NULL)
    self->failure = reason;
  load_wire_close (&self->wire);
}

void
load_viewer_connect (LoadViewer *self)
{
  struct epoll_event event = { EPOLLIN | EPOLLOUT | EPOLLET, { .ptr = &self->source } };

  g_clear_pointer (&self->rest, g_byte_array_unref);
  self->to_skip = 0;
  if (self->connecting_since == 0)
    self->connecting_since = g_get_monotonic_time ();
  if (!load_wire_open (&self->wire, self->task->server, self->task->tls))
    load_viewer_fail (self, "cannot connect");
  else
    epoll_ctl (self->task->epoll, EPOLL_CTL_ADD, self->wire.fd, &event);
}

void
load_viewer_send (LoadViewer *self, const char *text)
{
  if (!load_wire_send (&self->wire, text))
    load_viewer_fail (self, "cannot send");
}

void
load_viewer_note_playing (LoadViewer *self)
{
  if (self->playing_since == 0)
    self->playing_since = g_get_monotonic_time ();
}

void
load_viewer_note_frame (LoadViewer *self, gboolean is_keyframe)
{
  self->n_frames++;
  if (is_keyframe && self->first_picture == 0)
    self->first_picture = g_get_monotonic_time ();
}

/* Returns what is left of size. */
static gsize
use_up (LoadViewer *self, const guint8 *data, gsize size)
{
  while (size > 0 && self->wire.fd >= 0) {
    gsize used = MIN (self->to_skip, size);

    self->to_skip -= used;
    if (used == 0)
      used = self->kind->take (self, data, size);
    if (used == 0)
      break;
    data += used;
    size -= used;
  }
  return size;
}

static void
keep_rest (LoadViewer *self, const guint8 *data, gsize size)
{
  g_clear_pointer (&self->rest, g_byte_array_unref);
  if (size == 0 || self->wire.fd < 0)
    return;
  self->rest = g_byte_array_sized_new (size);
  g_byte_array_append (self->rest, data, size);
}

static LoadWireResult
discard_once (LoadViewer *self)
{
  gsize n_read;
  LoadWireResult result = load_wire_discard (&self->wire, READ_SIZE, &n_read);

  if (result == LOAD_WIRE_DONE)
    self->n_bytes += n_read;
  return result;
}

static LoadWireResult
read_once (LoadViewer *self)
{
  static guint8 data[2 * READ_SIZE]; /* one thread, so one for all */
  gsize n_kept = self->rest != NULL ? self->rest->len : 0;
  gsize n_read, n_left;
  LoadWireResult result;

  if (n_kept > READ_SIZE)
    return LOAD_WIRE_BROKEN;
  result = load_wire_read (&self->wire, data + n_kept, READ_SIZE, &n_read);
  if (result != LOAD_WIRE_DONE)
    return result;
  if (n_kept > 0)
    memcpy (data, self->rest->data, n_kept);
  self->n_bytes += n_read;
  n_read += n_kept;
  n_left = use_up (self, data, n_read);
  keep_rest (self, data + n_read - n_left, n_left);
  return self->wire.fd >= 0 ? LOAD_WIRE_DONE : LOAD_WIRE_AGAIN;
}

/* The socket is watched for edges, so what is left over must be asked for again. */
static void
stir_again (LoadViewer *self)
{
  struct epoll_event event = { EPOLLIN | EPOLLOUT | EPOLLET, { .ptr = &self->source } };

  epoll_ctl (self->task->epoll, EPOLL_CTL_MOD, self->wire.fd, &event);
}

static void
on_ready (LoadSource *source)
{
  LoadViewer *self = source->viewer;
  LoadWireResult result = LOAD_WIRE_DONE;

  if (!self->wire.is_up) {
    result = load_wire_bring_up (&self->wire);
    if (result == LOAD_WIRE_DONE)
      self->kind->connected (self);
  }
  for (guint i = 0; result == LOAD_WIRE_DONE && self->wire.is_up; i++) {
    if (i == MAX_READS) {
      stir_again (self);
      return;
    }
    result = self->task->is_discarding ? discard_once (self) : read_once (self);
  }
  if (result == LOAD_WIRE_BROKEN)
    load_viewer_fail (self, "the server ended the connection");
}

gsize
load_find_head (const guint8 *data, gsize size)
{
  const guint8 *end = memmem (data, size, "\r\n\r\n", 4);

  return end != NULL ? (gsize)(end + 4 - data) : 0;
}

gint64
load_head_get_number (const char *head, const char *name, gint64 fallback)
{
  const char *found = strcasestr (head, name);

  return found != NULL ? g_ascii_strtoll (found + strlen (name), NULL, 10) : fallback;
}
