/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/datagram.h"

#include "remote/pcp-packet.h"

#include <gio/gio.h>

#define MAX_STRAYS 64 /* datagrams that answer something else, until they count as an attack */

typedef struct {
  GSocket *socket;
  GBytes *question;
  PhDatagramMatch match;
  gconstpointer match_data;
  guint wait_ms;
  guint n_strays;
  GSource *readable;
  GSource *resend;
  GSource *deadline;
  GSource *cancelled; /* nullable */
} Exchange;

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
stop_sources (Exchange *self)
{
  drop_source (&self->readable);
  drop_source (&self->resend);
  drop_source (&self->deadline);
  drop_source (&self->cancelled);
}

static void
exchange_free (gpointer user_data)
{
  Exchange *self = user_data;

  stop_sources (self);
  g_clear_object (&self->socket);
  g_bytes_unref (self->question);
  g_free (self);
}

/* The sources hold no reference to the task: this one does. Takes error. */
static void
conclude (GTask *task, GBytes *answer, GError *error)
{
  stop_sources (g_task_get_task_data (task));
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, answer, (GDestroyNotify)g_bytes_unref);
  g_object_unref (task);
}

static GSource *
start_timer (GTask *task, guint ms, GSourceFunc function)
{
  GSource *source = g_timeout_source_new (ms);

  g_source_set_callback (source, function, task, NULL);
  g_source_attach (source, g_task_get_context (task));
  return source;
}

static gboolean on_resend_due (gpointer user_data);

/* A full buffer or an interface that is down for a moment: the next time may do. */
static gboolean
send_question (GTask *task)
{
  Exchange *self = g_task_get_task_data (task);
  gsize length;
  const char *bytes = g_bytes_get_data (self->question, &length);
  GError *error = NULL;

  if (g_socket_send (self->socket, bytes, length, NULL, &error) < 0) {
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)) {
      conclude (task, NULL, error);
      return FALSE;
    }
    g_error_free (error);
  }
  drop_source (&self->resend);
  self->resend = start_timer (task, self->wait_ms, on_resend_due);
  self->wait_ms *= 2;
  return TRUE;
}

static gboolean
on_resend_due (gpointer user_data)
{
  send_question (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_deadline (gpointer user_data)
{
  conclude (user_data, NULL,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the router does not answer"));
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  conclude (user_data, NULL,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "it is no longer wanted"));
  return G_SOURCE_REMOVE;
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  GTask *task = user_data;
  Exchange *self = g_task_get_task_data (task);
  char bytes[PH_PCP_MAX_SIZE + 1]; /* one more shows what is too long */
  GError *error = NULL;
  gssize length = g_socket_receive (socket, bytes, sizeof bytes, NULL, &error);

  if (length < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    g_error_free (error);
    return G_SOURCE_CONTINUE;
  }
  if (length < 0) {
    conclude (task, NULL, error);
    return G_SOURCE_REMOVE;
  }
  if (length <= PH_PCP_MAX_SIZE && self->match ((guint8 *)bytes, length, self->match_data)) {
    conclude (task, g_bytes_new (bytes, length), NULL);
    return G_SOURCE_REMOVE;
  }
  if (++self->n_strays < MAX_STRAYS)
    return G_SOURCE_CONTINUE;
  conclude (task, NULL,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the router answers rubbish"));
  return G_SOURCE_REMOVE;
}

/* Bound to the own address, because a PCP server compares it with what the request says. Connected,
 * so that others' datagrams stay out and a refusal is heard. */
static GSocket *
open_socket (const PhGateway *gateway, guint port, GError **error)
{
  g_autoptr (GSocket) socket =
      g_socket_new (gateway->family, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
  g_autoptr (GSocketAddress) self = g_inet_socket_address_new (gateway->self, 0);
  g_autoptr (GSocketAddress) router = ph_gateway_get_socket_address (gateway, port);

  if (socket == NULL || !g_socket_bind (socket, self, FALSE, error) ||
      !g_socket_connect (socket, router, NULL, error))
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  return g_steal_pointer (&socket);
}

static void
watch (GTask *task, guint deadline_ms)
{
  Exchange *self = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  self->readable = g_socket_create_source (self->socket, G_IO_IN | G_IO_ERR, NULL);
  g_source_set_callback (self->readable, G_SOURCE_FUNC (on_readable), task, NULL);
  g_source_attach (self->readable, g_task_get_context (task));
  self->deadline = start_timer (task, deadline_ms, on_deadline);
  if (cancellable == NULL)
    return;
  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), task, NULL);
  g_source_attach (self->cancelled, g_task_get_context (task));
}

void
ph_datagram_ask_async (const PhGateway *gateway, guint port, GBytes *question,
    const PhDatagramPace *pace, PhDatagramMatch match, gconstpointer match_data,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Exchange *self = g_new0 (Exchange, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, ph_datagram_ask_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, exchange_free);
  self->question = g_bytes_ref (question);
  self->match = match;
  self->match_data = match_data;
  self->wait_ms = pace->first_ms;
  self->socket = open_socket (gateway, port, &error);
  if (self->socket == NULL) {
    conclude (task, NULL, error);
    return;
  }
  watch (task, pace->deadline_ms);
  send_question (task);
}

GBytes *
ph_datagram_ask_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
