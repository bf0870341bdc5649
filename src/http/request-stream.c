/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/request-stream.h"

#include "http/request-head.h"

#include <libsoup/soup.h>
#include <string.h>

/* Bytes; what is longer is none that is answered here. */
#define LONGEST_HEAD 8192
#define N_PIECES 2

struct _PhRequestStream {
  GInputStream parent_instance;
  GIOStream *base;
  PhRequestStreamOwner owner;

  gboolean is_between; /* two requests: libsoup waits for the next one */
  gboolean is_single;
  gboolean has_ended; /* the client sends no more */
  guint n_answered; /* by libsoup */
  GBytes *read; /* nullable: what was read last, handed to libsoup */
  gsize n_handed; /* of its bytes */
  GSource *arrivals; /* nullable: of base, while it is between requests */
  GSource *bell; /* nullable: what libsoup polls meanwhile */

  GBytes *pieces[N_PIECES]; /* of an answer that is being written; nullable */
  gsize n_written;
  GSource *space; /* nullable: of base, for the rest */
};

static void ph_request_stream_pollable_init (GPollableInputStreamInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PhRequestStream, ph_request_stream, G_TYPE_INPUT_STREAM,
    G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, ph_request_stream_pollable_init))

static GPollableInputStream *
get_input (PhRequestStream *self)
{
  return G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->base));
}

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* ---- what libsoup polls between requests ----------------------------------------------------- */

static void
ring (PhRequestStream *self)
{
  if (self->bell != NULL)
    g_source_set_ready_time (self->bell, 0);
}

/* ---- between requests ------------------------------------------------------------------------ */

static void
hand_over (PhRequestStream *self, const char *data, gsize size)
{
  drop_source (&self->arrivals);
  self->is_between = FALSE;
  self->is_single = ph_request_head_is_single_any (data, size);
  g_clear_pointer (&self->read, g_bytes_unref);
  self->read = g_bytes_new (data, size);
  self->n_handed = 0;
  ring (self);
}

/* The old libsoup looks after a connection only from the first byte of a request on, so it is given
 * one: the request that then breaks off is none it would answer, and the connection is closed. */
static void
hand_over_end (PhRequestStream *self)
{
  gboolean must_be_told = self->n_answered > 0 && !soup_check_version (3, 3, 0);

  hand_over (self, "?", must_be_told ? 1 : 0);
  self->has_ended = TRUE;
}

static gboolean
on_arrival (GObject *input, gpointer user_data)
{
  g_autoptr (PhRequestStream) self = g_object_ref (user_data);
  g_autoptr (GError) error = NULL;
  char data[LONGEST_HEAD];
  gssize n = g_pollable_input_stream_read_nonblocking (
      G_POLLABLE_INPUT_STREAM (input), data, sizeof data, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    hand_over_end (self);
  else if (!ph_request_head_is_single_any (data, n) ||
           !self->owner.try_answer (self, data, n, self->owner.user_data))
    hand_over (self, data, n);
  return self->arrivals != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
wait_for_arrivals (PhRequestStream *self)
{
  self->arrivals = g_pollable_input_stream_create_source (get_input (self), NULL);
  g_source_set_callback (self->arrivals, G_SOURCE_FUNC (on_arrival), self, NULL);
  g_source_attach (self->arrivals, g_main_context_get_thread_default ());
}

void
ph_request_stream_note_answered (PhRequestStream *self)
{
  self->n_answered++;
  if (!ph_request_stream_is_single (self) || g_input_stream_is_closed (G_INPUT_STREAM (self)))
    return;
  self->is_between = TRUE;
  wait_for_arrivals (self);
}

gboolean
ph_request_stream_is_single (PhRequestStream *self)
{
  return !self->is_between && self->is_single && self->read != NULL &&
         self->n_handed == g_bytes_get_size (self->read);
}

GBytes *
ph_request_stream_get_head (PhRequestStream *self)
{
  return ph_request_stream_is_single (self) ? self->read : NULL;
}

/* ---- answers --------------------------------------------------------------------------------- */

static gboolean on_space (GObject *output, gpointer user_data);

static void
end_answer (PhRequestStream *self)
{
  drop_source (&self->space);
  for (guint i = 0; i < N_PIECES; i++)
    g_clear_pointer (&self->pieces[i], g_bytes_unref);
}

static guint
find_rest (PhRequestStream *self, GOutputVector *vectors)
{
  gsize n_done = self->n_written;
  guint n_vectors = 0;

  for (guint i = 0; i < N_PIECES; i++) {
    gsize size;
    const char *data = g_bytes_get_data (self->pieces[i], &size);
    gsize n_skipped = MIN (n_done, size);

    n_done -= n_skipped;
    if (size > n_skipped)
      vectors[n_vectors++] = (GOutputVector){ data + n_skipped, size - n_skipped };
  }
  return n_vectors;
}

/* Until all is written, or the kernel takes no more; FALSE: the connection is broken. */
static gboolean
write_rest (PhRequestStream *self)
{
  GPollableOutputStream *output =
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->base));
  GOutputVector vectors[N_PIECES];
  GPollableReturn result = G_POLLABLE_RETURN_OK;
  guint n_vectors;

  while (result == G_POLLABLE_RETURN_OK && (n_vectors = find_rest (self, vectors)) > 0) {
    gsize n_written = 0;

    result = g_pollable_output_stream_writev_nonblocking (
        output, vectors, n_vectors, &n_written, NULL, NULL);
    self->n_written += n_written;
  }
  return result != G_POLLABLE_RETURN_FAILED;
}

static void
wait_for_space (PhRequestStream *self)
{
  GOutputStream *output = g_io_stream_get_output_stream (self->base);

  drop_source (&self->arrivals);
  if (self->space != NULL)
    return;
  self->space = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (output), NULL);
  g_source_set_callback (self->space, G_SOURCE_FUNC (on_space), self, NULL);
  g_source_attach (self->space, g_main_context_get_thread_default ());
}

static void
go_on_writing (PhRequestStream *self)
{
  GOutputVector vectors[N_PIECES];
  gboolean is_broken = !write_rest (self);

  if (!is_broken && find_rest (self, vectors) > 0) {
    wait_for_space (self);
    return;
  }
  end_answer (self);
  if (is_broken)
    hand_over_end (self);
  else if (self->arrivals == NULL)
    wait_for_arrivals (self);
  self->owner.answered (self->owner.user_data);
}

static gboolean
on_space (GObject *output, gpointer user_data)
{
  g_autoptr (PhRequestStream) self = g_object_ref (user_data);

  if (self->owner.may_go_on (self->owner.user_data)) {
    go_on_writing (self);
  } else {
    end_answer (self);
    hand_over_end (self);
    self->owner.answered (self->owner.user_data);
  }
  return self->space != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
ph_request_stream_answer (PhRequestStream *self, GBytes *head, GBytes *body)
{
  self->pieces[0] = g_bytes_ref (head);
  self->pieces[1] = g_bytes_ref (body);
  self->n_written = 0;
  go_on_writing (self);
}

/* ---- what libsoup reads ---------------------------------------------------------------------- */

static gsize
count_read (PhRequestStream *self)
{
  return self->read != NULL ? g_bytes_get_size (self->read) - self->n_handed : 0;
}

static gssize
hand (PhRequestStream *self, void *buffer, gsize count)
{
  gsize n = MIN (count, count_read (self));

  memcpy (buffer, (const char *)g_bytes_get_data (self->read, NULL) + self->n_handed, n);
  self->n_handed += n;
  return n;
}

/* A connection that breaks off is one that ends: with an error, as for one that was reset, libsoup
 * before 3.3.0 keeps it for ever. */
static gssize
read_base (PhRequestStream *self, void *buffer, gsize count, GError **error)
{
  g_autoptr (GError) cause = NULL;
  gssize n =
      g_pollable_input_stream_read_nonblocking (get_input (self), buffer, count, NULL, &cause);

  if (n > 0)
    self->is_single = FALSE;
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return -1;
  }
  self->has_ended = n <= 0;
  return MAX (0, n);
}

static gssize
ph_request_stream_read_nonblocking (
    GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  PhRequestStream *self = PH_REQUEST_STREAM (stream);

  if (count_read (self) > 0)
    return hand (self, buffer, count);
  if (self->has_ended)
    return 0;
  if (self->is_between) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "Nothing has come");
    return -1;
  }
  return read_base (self, buffer, count, error);
}

static gssize
ph_request_stream_read (
    GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  return ph_request_stream_read_nonblocking (
      G_POLLABLE_INPUT_STREAM (stream), buffer, count, error);
}

static gboolean
ph_request_stream_is_readable (GPollableInputStream *stream)
{
  PhRequestStream *self = PH_REQUEST_STREAM (stream);

  return count_read (self) > 0 || self->has_ended ||
         (!self->is_between && g_pollable_input_stream_is_readable (get_input (self)));
}

static GSource *
make_bell (PhRequestStream *self)
{
  GSource *bell = g_timeout_source_new (G_MAXUINT); /* that is never, until it rings */

  g_clear_pointer (&self->bell, g_source_unref);
  self->bell = g_source_ref (bell);
  if (!self->is_between)
    ring (self);
  return bell;
}

static GSource *
ph_request_stream_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  PhRequestStream *self = PH_REQUEST_STREAM (stream);
  gboolean is_held_back = self->is_between || count_read (self) > 0 || self->has_ended;
  g_autoptr (GSource) child = is_held_back
                                  ? make_bell (self)
                                  : g_pollable_input_stream_create_source (get_input (self), NULL);

  return g_pollable_source_new_full (stream, child, cancellable);
}

static gboolean
ph_request_stream_close (GInputStream *stream, GCancellable *cancellable, GError **error)
{
  PhRequestStream *self = PH_REQUEST_STREAM (stream);

  drop_source (&self->arrivals);
  end_answer (self);
  g_io_stream_close (self->base, NULL, NULL);
  self->owner.closed (self->owner.user_data);
  return TRUE;
}

static void
ph_request_stream_finalize (GObject *object)
{
  PhRequestStream *self = PH_REQUEST_STREAM (object);

  g_clear_pointer (&self->bell, g_source_unref);
  g_clear_pointer (&self->read, g_bytes_unref);
  g_object_unref (self->base);
  self->owner.free_data (self->owner.user_data);
  G_OBJECT_CLASS (ph_request_stream_parent_class)->finalize (object);
}

static void
ph_request_stream_pollable_init (GPollableInputStreamInterface *interface)
{
  interface->is_readable = ph_request_stream_is_readable;
  interface->create_source = ph_request_stream_create_source;
  interface->read_nonblocking = ph_request_stream_read_nonblocking;
}

static void
ph_request_stream_class_init (PhRequestStreamClass *klass)
{
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ph_request_stream_finalize;
  stream_class->read_fn = ph_request_stream_read;
  stream_class->close_fn = ph_request_stream_close;
}

static void
ph_request_stream_init (PhRequestStream *self)
{
}

PhRequestStream *
ph_request_stream_new (GIOStream *base, const PhRequestStreamOwner *owner)
{
  PhRequestStream *self = g_object_new (PH_TYPE_REQUEST_STREAM, NULL);

  self->base = g_object_ref (base);
  self->owner = *owner;
  self->is_between = TRUE;
  wait_for_arrivals (self);
  return self;
}
