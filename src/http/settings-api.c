/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/settings-api.h"

#include "base/record-json.h"
#include "config/forbidden.h"
#include "config/tables.h"
#include "http/settings-change.h"
#include "http/waiting-message.h"

struct _PhSettingsApi {
  PhSettingsOwner owner;
  gboolean is_busy;
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

const PhSettingsOwner *
ph_settings_api_get_owner (PhSettingsApi *self)
{
  return &self->owner;
}

void
ph_settings_api_set_busy (PhSettingsApi *self, gboolean is_busy)
{
  self->is_busy = is_busy;
}

gboolean
ph_settings_api_is_busy (PhSettingsApi *self)
{
  return self->is_busy;
}

static gboolean
is_ready (PhSettingsApi *self, PhRequest *request)
{
  if (self->owner.get == NULL)
    ph_request_reply_text (
        request->message, SOUP_STATUS_NOT_FOUND, "There is nothing at this address");
  return self->owner.get != NULL;
}

static void
set_etag (PhSettingsApi *self, PhRequest *request)
{
  g_autofree char *etag = ph_settings_store_make_etag (self->owner.get (self->owner.owner));

  soup_message_headers_replace (
      soup_server_message_get_response_headers (request->message), "ETag", etag);
}

void
ph_settings_api_handle_show (PhRequest *request, gpointer user_data)
{
  PhSettingsApi *self = user_data;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!is_ready (self, request))
    return;
  ph_record_add_json (
      builder, &ph_settings_table, self->owner.get (self->owner.owner), PH_RECORD_JSON_SHOWN);
  ph_request_reply_json (request->message, builder);
  set_etag (self, request);
}

void
ph_settings_api_handle_patch (PhRequest *request, gpointer user_data)
{
  PhSettingsApi *self = user_data;
  g_autofree char *etag = NULL;
  char *body;

  if (!ph_settings_change_has_type (request, PH_SETTINGS_PATCH_TYPE) ||
      !ph_settings_change_may_start (self, request))
    return;
  etag = ph_settings_store_make_etag (self->owner.get (self->owner.owner));
  if (!ph_settings_change_matches (request, etag))
    return;
  body = ph_settings_change_read_body (request, ph_forbidden_find_in_settings);
  if (body != NULL)
    ph_settings_change_start (self, request, PH_EDIT_PATCH_SETTINGS, NULL, body);
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

static void
on_reloaded (GPtrArray *problems, const PhChanges *changes, gpointer user_data)
{
  g_autoptr (PhWaitingMessage) waiting = user_data;
  SoupServerMessage *message = ph_waiting_message_get (waiting);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (changes == NULL) {
    ph_request_reply_problems (message, "The settings were not taken", problems);
  } else {
    ph_changes_add_json (builder, changes);
    ph_request_reply_json (message, builder);
  }
}

void
ph_settings_api_handle_reload (PhRequest *request, gpointer user_data)
{
  PhSettingsApi *self = user_data;

  if (is_ready (self, request))
    self->owner.reload (on_reloaded, ph_waiting_message_new (request->message), self->owner.owner);
}
