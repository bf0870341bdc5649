/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/doctor-api.h"

#include "http/client.h"

#define FRESH_S 60

struct _PhDoctorApi {
  PhDoctorHooks hooks;
  GList *waiters; /* element-type Waiter, owned */
};

typedef struct {
  PhDoctorApi *owner;
  SoupServerMessage *message;
  PhClientWatch *client;
} Waiter;

PhDoctorApi *
ph_doctor_api_new (void)
{
  return g_new0 (PhDoctorApi, 1);
}

static void
free_waiter (Waiter *self)
{
  self->owner->waiters = g_list_remove (self->owner->waiters, self);
  ph_client_watch_free (self->client);
  g_object_unref (self->message);
  g_free (self);
}

static void
on_client_gone (gpointer user_data)
{
  free_waiter (user_data);
}

void
ph_doctor_api_free (PhDoctorApi *self)
{
  while (self->waiters != NULL) {
    Waiter *waiter = self->waiters->data;

    ph_request_reply_text (
        waiter->message, SOUP_STATUS_SERVICE_UNAVAILABLE, "Porthole is about to end");
    soup_server_message_unpause (waiter->message);
    free_waiter (waiter);
  }
  g_free (self);
}

void
ph_doctor_api_set_hooks (PhDoctorApi *self, const PhDoctorHooks *hooks)
{
  self->hooks = *hooks;
}

static gboolean
is_running (PhDoctorApi *self)
{
  return self->hooks.is_running (self->hooks.user_data);
}

static void
reply (PhDoctorApi *self, SoupServerMessage *message)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  self->hooks.report (builder, self->hooks.user_data);
  ph_request_reply_json (message, builder);
}

void
ph_doctor_api_changed (PhDoctorApi *self)
{
  while (self->waiters != NULL && !is_running (self)) {
    Waiter *waiter = self->waiters->data;

    reply (self, waiter->message);
    soup_server_message_unpause (waiter->message);
    free_waiter (waiter);
  }
}

static void
wait_for_end (PhDoctorApi *self, SoupServerMessage *message)
{
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->owner = self;
  waiter->message = g_object_ref (message);
  soup_server_message_pause (message);
  waiter->client = ph_client_watch_new (message, on_client_gone, waiter);
  self->waiters = g_list_append (self->waiters, waiter);
}

static gboolean
is_fresh (PhDoctorApi *self)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  return now - self->hooks.get_finished_at (self->hooks.user_data) < FRESH_S;
}

static gboolean
wants_to_wait (PhRequest *request, gboolean *waits)
{
  *waits = request->query == NULL || !g_hash_table_contains (request->query, "wait");
  return ph_request_allow_keys (request, "wait", NULL) &&
         (*waits || ph_request_get_boolean (request, "wait", waits));
}

/* Those who only look at what there is begin nothing. */
void
ph_doctor_api_handle_get (PhRequest *request, gpointer user_data)
{
  PhDoctorApi *self = user_data;
  gboolean waits = TRUE;

  if (!wants_to_wait (request, &waits))
    return;
  if (waits && !is_running (self) && !is_fresh (self) && !ph_request_is_head (request))
    self->hooks.start (self->hooks.user_data);
  if (waits && is_running (self))
    wait_for_end (self, request->message);
  else
    reply (self, request->message);
}

void
ph_doctor_api_handle_post (PhRequest *request, gpointer user_data)
{
  PhDoctorApi *self = user_data;

  self->hooks.start (self->hooks.user_data);
  reply (self, request->message);
  soup_server_message_set_status (request->message, SOUP_STATUS_ACCEPTED, NULL);
}
