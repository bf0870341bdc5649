/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/settings-api.h"

#include "base/record-json.h"
#include "config/tables.h"
#include "http/client.h"

struct _PhSettingsApi {
  PhSettingsOwner owner;
};

PhSettingsApi *
ph_settings_api_new (void)
{
  return g_new0 (PhSettingsApi, 1);
}

void
ph_settings_api_free (PhSettingsApi *self)
{
  g_free (self);
}

void
ph_settings_api_set_owner (PhSettingsApi *self, const PhSettingsOwner *owner)
{
  self->owner = *owner;
}

static gboolean
is_ready (PhSettingsApi *self, PhRequest *request)
{
  if (self->owner.get == NULL)
    ph_request_reply_text (
        request->message, SOUP_STATUS_NOT_FOUND, "There is nothing at this address");
  return self->owner.get != NULL;
}

void
ph_settings_api_handle_show (PhRequest *request, gpointer user_data)
{
  PhSettingsApi *self = user_data;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!is_ready (self, request))
    return;
  ph_record_add_json (builder, &ph_settings_table, self->owner.get (self->owner.owner));
  ph_request_reply_json (request->message, builder);
}

/* ---- reload ---------------------------------------------------------------------------------- */

static void
add_names (JsonBuilder *builder, const char *name, char **names)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; names[i] != NULL; i++)
    json_builder_add_string_value (builder, names[i]);
  json_builder_end_array (builder);
}

void
ph_changes_add_json (JsonBuilder *builder, const PhChanges *changes)
{
  json_builder_begin_object (builder);
  add_names (builder, "added", changes->added);
  add_names (builder, "removed", changes->removed);
  add_names (builder, "changed", changes->changed);
  add_names (builder, "sections", changes->sections);
  json_builder_end_object (builder);
}

/* A request that waits for the settings. */
typedef struct {
  SoupServerMessage *message;
  PhClientWatch *client;
  gboolean is_gone;
} Waiter;

static void
on_client_gone (gpointer user_data)
{
  Waiter *waiter = user_data;

  waiter->is_gone = TRUE;
}

static Waiter *
wait (PhRequest *request)
{
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->message = g_object_ref (request->message);
  soup_server_message_pause (waiter->message);
  waiter->client = ph_client_watch_new (waiter->message, on_client_gone, waiter);
  return waiter;
}

static void
free_waiter (Waiter *waiter)
{
  ph_client_watch_free (waiter->client);
  if (!waiter->is_gone)
    soup_server_message_unpause (waiter->message);
  g_object_unref (waiter->message);
  g_free (waiter);
}

static void
on_reloaded (GPtrArray *problems, const PhChanges *changes, gpointer user_data)
{
  Waiter *waiter = user_data;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (changes == NULL) {
    ph_request_reply_problems (waiter->message, "The settings were not taken", problems);
  } else {
    ph_changes_add_json (builder, changes);
    ph_request_reply_json (waiter->message, builder);
  }
  free_waiter (waiter);
}

void
ph_settings_api_handle_reload (PhRequest *request, gpointer user_data)
{
  PhSettingsApi *self = user_data;

  if (is_ready (self, request))
    self->owner.reload (on_reloaded, wait (request), self->owner.owner);
}
