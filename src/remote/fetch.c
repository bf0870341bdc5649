/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/fetch.h"

#include "base/error.h"
#include "remote/deadline.h"

#define PIECE 8192

typedef struct {
  SoupMessage *message;
  GInputStream *body; /* nullable */
  GByteArray *bytes;
  gsize max_bytes;
  PhDeadline deadline;
} Fetch;

static void
fetch_free (gpointer user_data)
{
  Fetch *self = user_data;

  g_object_unref (self->message);
  g_clear_object (&self->body);
  g_byte_array_unref (self->bytes);
  ph_deadline_clear (&self->deadline);
  g_free (self);
}

/* Takes task and error. */
static void
fail (GTask *task, GError *error)
{
  Fetch *self = g_task_get_task_data (task);

  ph_deadline_explain (&self->deadline, &error);
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void read_on (GTask *task);

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Fetch *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) piece =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (piece == NULL) {
    fail (task, error);
    return;
  }
  if (g_bytes_get_size (piece) == 0) {
    g_task_return_pointer (task, g_byte_array_free_to_bytes (g_byte_array_ref (self->bytes)),
        (GDestroyNotify)g_bytes_unref);
    g_object_unref (task);
    return;
  }
  g_byte_array_append (self->bytes, g_bytes_get_data (piece, NULL), g_bytes_get_size (piece));
  if (self->bytes->len > self->max_bytes)
    fail (task, g_error_new (G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                    "the answer has more than %" G_GSIZE_FORMAT " bytes", self->max_bytes));
  else
    read_on (task);
}

static void
read_on (GTask *task)
{
  Fetch *self = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (
      self->body, PIECE, G_PRIORITY_DEFAULT, self->deadline.cancellable, on_read, task);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Fetch *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->body = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (self->body == NULL)
    fail (task, error);
  else if (soup_message_get_status (self->message) != SOUP_STATUS_OK)
    fail (task, g_error_new (PH_ERROR, PH_ERROR_FAILED, "it answers with HTTP status %u",
                    soup_message_get_status (self->message)));
  else
    read_on (task);
}

void
ph_fetch_async (SoupSession *session, SoupMessage *message, const PhFetchLimits *limits,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  Fetch *self = g_new0 (Fetch, 1);

  g_task_set_source_tag (task, ph_fetch_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, fetch_free);
  self->message = g_object_ref (message);
  self->bytes = g_byte_array_new ();
  self->max_bytes = limits->max_bytes;
  ph_deadline_init (&self->deadline, limits->deadline_ms, cancellable);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_session_send_async (
      session, message, G_PRIORITY_DEFAULT, self->deadline.cancellable, on_sent, task);
}

GBytes *
ph_fetch_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
