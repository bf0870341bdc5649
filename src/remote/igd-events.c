/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/igd-events.h"

#include "remote/fetch.h"
#include "remote/igd-device.h"
#include "remote/igd-event-server.h"

#include <string.h>

/* What is asked for, and taken where the router does not say how long it agrees to. */
#define SUBSCRIPTION_S 1800
/* To renew it is also to ask whether the router still knows of it: who was cut off from power says
 * no goodbye. */
#define MAX_RENEWAL_S 120
#define FIRST_RETRY_S 5
#define MAX_RETRY_S 300
#define CALL_MS 8000
#define GOODBYE_MS 500
#define BURST_MS 150
#define QUIET_MS 1000
#define MAX_ANSWER 4096
#define MAX_SID 128

struct _PhIgdEvents {
  SoupSession *session;
  char *url;
  PhIgdEventsHeard heard;
  gpointer user_data;
  PhIgdEventServer *server;
  GCancellable *cancellable;
  char *sid; /* nullable: not subscribed */
  char *early_sid; /* nullable: of an event that overtook the answer to SUBSCRIBE */
  gboolean is_alive;
  gboolean is_asking;
  guint timer; /* the next SUBSCRIBE */
  guint retry_s;
  guint burst; /* source id; 0: it is quiet */
  gint64 told_us;
};

/* One request to the router, which may come back when its owner is gone. */
typedef struct {
  PhIgdEvents *owner;
  GCancellable *cancellable; /* owner's: cancelled when that is gone */
  SoupMessage *message;
  gboolean is_renewal;
} Call;

static void
call_free (Call *self)
{
  g_object_unref (self->cancellable);
  g_object_unref (self->message);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* ---- what is heard --------------------------------------------------------------------------- */

static gboolean
on_burst_over (gpointer user_data)
{
  PhIgdEvents *self = user_data;

  self->burst = 0;
  self->told_us = g_get_monotonic_time ();
  self->heard (self->user_data);
  return G_SOURCE_REMOVE;
}

/* A router that has a new address tells several things at once. */
static void
tell (PhIgdEvents *self)
{
  gint64 quiet_ms = (g_get_monotonic_time () - self->told_us) / 1000;

  if (self->burst == 0)
    self->burst = g_timeout_add (
        quiet_ms < QUIET_MS ? MAX (QUIET_MS - quiet_ms, BURST_MS) : BURST_MS, on_burst_over, self);
}

static void
note_event (PhIgdEvents *self)
{
  g_debug ("UPnP: the router sends an event");
  if (!self->is_alive)
    g_debug ("UPnP: the router tells changes");
  self->is_alive = TRUE;
  tell (self);
}

static gboolean
on_event (const char *sid, gpointer user_data)
{
  PhIgdEvents *self = user_data;

  if (self->sid != NULL && g_str_equal (sid, self->sid)) {
    note_event (self);
    return TRUE;
  }
  if (self->sid != NULL || !self->is_asking || strlen (sid) > MAX_SID)
    return FALSE;
  g_free (self->early_sid);
  self->early_sid = g_strdup (sid);
  return TRUE;
}

/* ---- SUBSCRIBE ------------------------------------------------------------------------------- */

static void subscribe (PhIgdEvents *self);

static gboolean
on_due (gpointer user_data)
{
  PhIgdEvents *self = user_data;

  self->timer = 0;
  subscribe (self);
  return G_SOURCE_REMOVE;
}

static void
schedule (PhIgdEvents *self, guint seconds)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add_seconds (seconds, on_due, self);
}

/* Section 4.1.2: "Second-" and a number. */
static guint
read_timeout (SoupMessageHeaders *headers)
{
  const char *text = soup_message_headers_get_one (headers, "TIMEOUT");
  guint64 seconds = 0;

  if (text == NULL || g_ascii_strncasecmp (text, "Second-", 7) != 0 ||
      !g_ascii_string_to_unsigned (text + 7, 10, 1, G_MAXUINT, &seconds, NULL))
    return SUBSCRIPTION_S;
  return seconds;
}

static gboolean
is_sid (const char *text)
{
  gsize length = text != NULL ? strlen (text) : 0;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (text[i]))
      return FALSE;
  return length > 0 && length <= MAX_SID;
}

/* A router that is starting may be ready soon; one that has no events never is. */
static void
schedule_retry (PhIgdEvents *self)
{
  schedule (self, self->retry_s);
  self->retry_s = MIN (self->retry_s * 2, MAX_RETRY_S);
}

static void
lose (PhIgdEvents *self)
{
  g_clear_pointer (&self->sid, g_free);
  self->is_alive = FALSE;
  tell (self);
}

static void
take_agreement (PhIgdEvents *self, const Call *call)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (call->message);
  const char *sid = soup_message_headers_get_one (headers, "SID");
  guint renewal_s = read_timeout (headers) / 2;

  if (!call->is_renewal && !is_sid (sid)) {
    g_debug ("UPnP: the router agrees to tell changes, but does not name the subscription");
    schedule_retry (self);
    return;
  }
  self->retry_s = FIRST_RETRY_S;
  schedule (self, CLAMP (renewal_s, 1, MAX_RENEWAL_S));
  if (call->is_renewal)
    return;
  self->sid = g_strdup (sid);
  if (g_strcmp0 (self->early_sid, sid) == 0)
    note_event (self);
  g_clear_pointer (&self->early_sid, g_free);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = ph_fetch_finish (result, &error);
  PhIgdEvents *self = call->owner;

  if (g_cancellable_is_cancelled (call->cancellable))
    return;
  self->is_asking = FALSE;
  if (body != NULL) {
    take_agreement (self, call);
    return;
  }
  g_clear_pointer (&self->early_sid, g_free);
  if (call->is_renewal) {
    g_debug ("UPnP: the router tells no changes any more: %s", error->message);
    lose (self);
    subscribe (self);
  } else {
    g_debug ("UPnP: the router does not tell changes: %s", error->message);
    schedule_retry (self);
  }
}

static void
add_header (SoupMessage *message, const char *name, const char *value)
{
  soup_message_headers_replace (soup_message_get_request_headers (message), name, value);
}

static void
send_message (PhIgdEvents *self, SoupMessage *message, guint deadline_ms, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  const PhFetchLimits limits = { .max_bytes = MAX_ANSWER, .deadline_ms = deadline_ms };

  ph_fetch_async (self->session, message, &limits, cancellable, callback, user_data);
}

static void
subscribe (PhIgdEvents *self)
{
  Call *call = g_new0 (Call, 1);
  g_autofree char *callback = g_strdup_printf ("<%s>", ph_igd_event_server_get_url (self->server));

  call->owner = self;
  call->cancellable = g_object_ref (self->cancellable);
  call->message = soup_message_new ("SUBSCRIBE", self->url);
  call->is_renewal = self->sid != NULL;
  add_header (call->message, "TIMEOUT", "Second-" G_STRINGIFY (SUBSCRIPTION_S));
  if (call->is_renewal)
    add_header (call->message, "SID", self->sid);
  else {
    add_header (call->message, "CALLBACK", callback);
    add_header (call->message, "NT", "upnp:event");
  }
  self->is_asking = TRUE;
  send_message (self, call->message, CALL_MS, self->cancellable, on_answered, call);
}

PhIgdEvents *
ph_igd_events_new (const PhGateway *gateway, SoupSession *session, const char *url,
    PhIgdEventsHeard heard, gpointer user_data, GError **error)
{
  PhIgdEvents *self = g_new0 (PhIgdEvents, 1);

  if (ph_igd_is_routers_url (url, gateway->router))
    self->server = ph_igd_event_server_new (gateway, on_event, self, error);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "the router's description has no address of its own for events");
  if (self->server == NULL) {
    g_free (self);
    return NULL;
  }
  self->session = g_object_ref (session);
  self->url = g_strdup (url);
  self->heard = heard;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->retry_s = FIRST_RETRY_S;
  self->told_us = g_get_monotonic_time () - QUIET_MS * 1000;
  subscribe (self);
  return self;
}

/* ---- UNSUBSCRIBE ----------------------------------------------------------------------------- */

static void
on_goodbye_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *is_over = user_data;
  g_autoptr (GBytes) body G_GNUC_UNUSED = ph_fetch_finish (result, NULL);

  if (is_over != NULL)
    *is_over = TRUE;
}

/* is_over, nullable, is set at last. FALSE: there is no subscription to end. */
static gboolean
unsubscribe (PhIgdEvents *self, gboolean *is_over)
{
  g_autoptr (SoupMessage) message = soup_message_new ("UNSUBSCRIBE", self->url);

  if (self->sid == NULL)
    return FALSE;
  add_header (message, "SID", self->sid);
  send_message (self, message, GOODBYE_MS, NULL, on_goodbye_answered, is_over);
  g_clear_pointer (&self->sid, g_free);
  return TRUE;
}

void
ph_igd_events_free (PhIgdEvents *self)
{
  unsubscribe (self, NULL);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->burst, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  ph_igd_event_server_free (self->server);
  g_object_unref (self->session);
  g_free (self->url);
  g_free (self->sid);
  g_free (self->early_sid);
  g_free (self);
}

void
ph_igd_events_free_at_end (PhIgdEvents *self)
{
  gboolean is_over = FALSE;
  gboolean is_waiting = unsubscribe (self, &is_over);

  ph_igd_events_free (self);
  while (is_waiting && !is_over)
    g_main_context_iteration (NULL, TRUE);
}

gboolean
ph_igd_events_is_alive (PhIgdEvents *self)
{
  return self->is_alive;
}
