/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/events.h"

#include "http/stream.h"

#include <string.h>

#define CONTENT_TYPE "text/event-stream"
#define RETRY "retry: 3000\n\n" /* milliseconds until a browser comes back */
#define KEEP_ALIVE ": still here\n\n"
#define KEEP_ALIVE_SECONDS 15
#define MAX_KEPT 256
/* That may wait for one listener; more than are kept, so that all it missed may come at once. */
#define MAX_WAITING 512
#define MAX_LISTENERS 64

typedef struct {
  guint64 number;
  PhPermission permission;
  char *camera; /* nullable */
  GBytes *text;
} Event;

struct _PhEvents {
  guint32 session; /* numbers of another run of the program mean nothing */
  guint64 last_number;
  GQueue kept; /* element-type Event, oldest first */
  GList *listeners; /* element-type Listener, owned */
  guint timer; /* while there are listeners */
};

typedef struct {
  PhEvents *owner;
  SoupServerMessage *message;
  const PhHttpGuard *guard; /* nullable */
  PhStream *stream;
  GQueue waiting; /* element-type GBytes */
} Listener;

static void
free_event (gpointer data)
{
  Event *event = data;

  g_free (event->camera);
  g_bytes_unref (event->text);
  g_free (event);
}

static void
free_listener (gpointer data)
{
  Listener *listener = data;
  PhEvents *self = listener->owner;

  self->listeners = g_list_remove (self->listeners, listener);
  if (self->listeners == NULL)
    g_clear_handle_id (&self->timer, g_source_remove);
  ph_stream_free (listener->stream);
  g_queue_clear_full (&listener->waiting, (GDestroyNotify)g_bytes_unref);
  g_object_unref (listener->message);
  g_free (listener);
}

PhEvents *
ph_events_new (void)
{
  PhEvents *self = g_new0 (PhEvents, 1);

  self->session = g_random_int ();
  g_queue_init (&self->kept);
  return self;
}

void
ph_events_free (PhEvents *self)
{
  while (self->listeners != NULL)
    free_listener (self->listeners->data);
  g_queue_clear_full (&self->kept, free_event);
  g_free (self);
}

/* ---- telling --------------------------------------------------------------------------------- */

static void
write_waiting (gpointer user_data)
{
  Listener *listener = user_data;

  while (ph_stream_is_ready (listener->stream) && !g_queue_is_empty (&listener->waiting)) {
    g_autoptr (GBytes) text = g_queue_pop_head (&listener->waiting);

    ph_stream_write (listener->stream, text);
  }
}

static void
write_text (Listener *listener, GBytes *text)
{
  g_queue_push_tail (&listener->waiting, g_bytes_ref (text));
  write_waiting (listener);
}

static gboolean
may_hear (const Listener *listener, const Event *event)
{
  return ph_http_guard_allows (
      listener->guard, listener->message, event->permission, event->camera);
}

/* One that does not read is sent away: it comes back and is told what it missed. */
static void
tell_all (PhEvents *self, const Event *event)
{
  for (GList *link = self->listeners; link != NULL;) {
    Listener *listener = link->data;

    link = link->next;
    if (!may_hear (listener, event))
      continue;
    if (g_queue_get_length (&listener->waiting) >= MAX_WAITING)
      free_listener (listener);
    else
      write_text (listener, event->text);
  }
}

static GBytes *
make_text (PhEvents *self, guint64 number, const char *type, JsonBuilder *data)
{
  g_autoptr (JsonNode) root = json_builder_get_root (data);
  g_autofree char *json = json_to_string (root, FALSE);
  char *text = g_strdup_printf (
      "id: %08x-%" G_GUINT64_FORMAT "\nevent: %s\ndata: %s\n\n", self->session, number, type, json);

  return g_bytes_new_take (text, strlen (text));
}

void
ph_events_emit (PhEvents *self, const char *type, PhPermission permission, const char *camera,
    JsonBuilder *data)
{
  Event *event = g_new0 (Event, 1);

  event->number = ++self->last_number;
  event->permission = permission;
  event->camera = g_strdup (camera);
  event->text = make_text (self, event->number, type, data);
  g_queue_push_tail (&self->kept, event);
  if (g_queue_get_length (&self->kept) > MAX_KEPT)
    free_event (g_queue_pop_head (&self->kept));
  tell_all (self, event);
}

/* ---- cameras --------------------------------------------------------------------------------- */

static GQuark
told_state_quark (void)
{
  return g_quark_from_static_string ("ph-events-told-state");
}

static void
on_camera_changed (PhCamera *camera, gpointer user_data)
{
  const char *name = ph_camera_get_config (camera)->name;
  const char *error = ph_camera_get_last_error (camera);
  PhCameraState state = ph_camera_get_state (camera);
  gpointer told = g_object_get_qdata (G_OBJECT (camera), told_state_quark ());
  g_autoptr (JsonBuilder) builder = NULL;

  if (GPOINTER_TO_UINT (told) == state)
    return;
  g_object_set_qdata (G_OBJECT (camera), told_state_quark (), GUINT_TO_POINTER (state));
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "camera");
  json_builder_add_string_value (builder, name);
  json_builder_set_member_name (builder, "state");
  json_builder_add_string_value (builder, ph_camera_state_to_string (state));
  json_builder_set_member_name (builder, "last_error");
  json_builder_add_string_value (builder, error);
  json_builder_end_object (builder);
  ph_events_emit (user_data, "camera", PH_PERMISSION_VIEW, name, builder);
}

void
ph_events_follow_camera (PhEvents *self, PhCamera *camera)
{
  g_signal_connect (camera, "changed", G_CALLBACK (on_camera_changed), self);
}

void
ph_events_unfollow_camera (PhEvents *self, PhCamera *camera)
{
  g_signal_handlers_disconnect_by_data (camera, self);
}

/* ---- listeners ------------------------------------------------------------------------------- */

void
ph_events_keep_alive (PhEvents *self)
{
  g_autoptr (GBytes) text = g_bytes_new_static (KEEP_ALIVE, strlen (KEEP_ALIVE));

  for (GList *link = self->listeners; link != NULL; link = link->next) {
    Listener *listener = link->data;

    if (ph_stream_is_ready (listener->stream))
      ph_stream_write (listener->stream, text);
  }
}

static gboolean
on_timer (gpointer user_data)
{
  ph_events_keep_alive (user_data);
  return G_SOURCE_CONTINUE;
}

/* G_MAXUINT64: it was told nothing of ours before. */
static guint64
read_last_number (PhEvents *self, SoupServerMessage *message)
{
  const char *header = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "Last-Event-ID");
  g_autofree char *prefix = g_strdup_printf ("%08x-", self->session);
  guint64 number;

  if (header == NULL || !g_str_has_prefix (header, prefix) ||
      !g_ascii_string_to_unsigned (header + strlen (prefix), 10, 0, G_MAXUINT64, &number, NULL))
    return G_MAXUINT64;
  return number;
}

static void
tell_missed (PhEvents *self, Listener *listener)
{
  guint64 last = read_last_number (self, listener->message);

  for (GList *link = self->kept.head; link != NULL; link = link->next) {
    const Event *event = link->data;

    if (event->number > last && may_hear (listener, event))
      write_text (listener, event->text);
  }
}

static void
listen (PhEvents *self, PhRequest *request)
{
  g_autoptr (GBytes) retry = g_bytes_new_static (RETRY, strlen (RETRY));
  Listener *listener = g_new0 (Listener, 1);
  PhStreamOwner owner = { write_waiting, free_listener, listener };

  listener->owner = self;
  listener->message = g_object_ref (request->message);
  listener->guard = request->guard;
  g_queue_init (&listener->waiting);
  listener->stream = ph_stream_new (request->message, CONTENT_TYPE, &owner);
  self->listeners = g_list_prepend (self->listeners, listener);
  if (self->timer == 0)
    self->timer = g_timeout_add_seconds (KEEP_ALIVE_SECONDS, on_timer, self);
  write_text (listener, retry);
  tell_missed (self, listener);
}

void
ph_events_handle (PhRequest *request, gpointer user_data)
{
  PhEvents *self = user_data;

  if (!ph_request_allow_keys (request, NULL))
    return;
  if (ph_request_is_head (request))
    ph_stream_reply_head (request->message, CONTENT_TYPE);
  else if (g_list_length (self->listeners) >= MAX_LISTENERS)
    ph_request_reply_text (
        request->message, SOUP_STATUS_SERVICE_UNAVAILABLE, "Too many listen to events already");
  else
    listen (self, request);
}
