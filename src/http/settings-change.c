/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/settings-change.h"

#include "base/error.h"
#include "base/json-text.h"
#include "http/waiting-message.h"

#include <string.h>

#define NOT_TAKEN "The change was not taken"

/* On its way. */
typedef struct {
  PhSettingsApi *api;
  PhWaitingMessage *waiting;
  PhSettingsEdit *edit;
  GPtrArray *problems; /* element-type char * */
} Change;

static void
free_change (Change *self)
{
  ph_settings_api_set_busy (self->api, FALSE);
  ph_waiting_message_free (self->waiting);
  ph_settings_edit_free (self->edit);
  g_ptr_array_unref (self->problems);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, free_change)

/* ---- the request ----------------------------------------------------------------------------- */

/* RFC 9110, 13.1.1: "*" or a list of tags, compared strongly. */
gboolean
ph_settings_change_matches (PhRequest *request, const char *etag)
{
  const char *header = soup_message_headers_get_list (
      soup_server_message_get_request_headers (request->message), "If-Match");
  g_auto (GStrv) tags = g_strsplit (header != NULL ? header : "*", ",", 32);

  for (guint i = 0; tags[i] != NULL; i++) {
    const char *tag = g_strstrip (tags[i]);

    if (g_str_equal (tag, "*") || g_str_equal (tag, etag))
      return TRUE;
  }
  ph_request_reply_text (request->message, SOUP_STATUS_PRECONDITION_FAILED,
      "The settings are others by now; ask for them again");
  return FALSE;
}

gboolean
ph_settings_change_has_type (PhRequest *request, const char *wanted)
{
  const char *type = soup_message_headers_get_content_type (
      soup_server_message_get_request_headers (request->message), NULL);

  if (type != NULL && g_ascii_strcasecmp (type, wanted) == 0)
    return TRUE;
  ph_request_reply_format (
      request->message, SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE, "Allowed here is %s", wanted);
  if (g_str_equal (wanted, PH_SETTINGS_PATCH_TYPE))
    soup_message_headers_replace (
        soup_server_message_get_response_headers (request->message), "Accept-Patch", wanted);
  return FALSE;
}

static void
reply_forbidden (SoupServerMessage *message, const char *sentence)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new ();

  g_ptr_array_add (problems, (gpointer)sentence);
  ph_request_reply_problems (message, NOT_TAKEN, problems);
}

char *
ph_settings_change_read_body (PhRequest *request, PhFindForbidden find_forbidden)
{
  g_autoptr (GBytes) bytes =
      soup_message_body_flatten (soup_server_message_get_request_body (request->message));
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhJsonText) text = ph_json_text_parse (data != NULL ? data : "", length, &error);
  g_autofree char *forbidden = NULL;

  if (text == NULL) {
    ph_request_reply_text (request->message, SOUP_STATUS_BAD_REQUEST, error->message);
    return NULL;
  }
  if (!JSON_NODE_HOLDS_OBJECT (text->root) || g_hash_table_size (text->repeated) > 0) {
    ph_request_reply_text (request->message, SOUP_STATUS_BAD_REQUEST,
        "Allowed here is one object, with each of its keys once");
    return NULL;
  }
  forbidden = find_forbidden (text->root);
  if (forbidden == NULL)
    return g_strndup (data, length);
  reply_forbidden (request->message, forbidden);
  return NULL;
}

/* ---- the change ------------------------------------------------------------------------------ */

static void
reply_done (Change *change)
{
  SoupServerMessage *message = ph_waiting_message_get (change->waiting);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autofree char *location = NULL;

  if (change->edit->kind != PH_EDIT_ADD_CAMERA) {
    soup_server_message_set_status (message, SOUP_STATUS_NO_CONTENT, NULL);
    return;
  }
  location = g_strconcat ("/api/v1/cameras/", change->edit->name, NULL);
  soup_server_message_set_status (message, SOUP_STATUS_CREATED, NULL);
  soup_message_headers_replace (headers, "Location", location);
}

static void
on_reloaded (GPtrArray *problems, const PhChanges *changes, gpointer user_data)
{
  g_autoptr (Change) change = user_data;

  if (changes == NULL)
    ph_request_reply_problems (ph_waiting_message_get (change->waiting),
        "It is written, but the settings were not taken", problems);
  else
    reply_done (change);
}

static void
write_on_worker (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  Change *change = task_data;
  GError *error = NULL;

  if (ph_settings_store_write_on_worker (change->edit, change->problems, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Change) change = g_task_get_task_data (G_TASK (result));
  SoupServerMessage *message = ph_waiting_message_get (change->waiting);
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error)) {
    const PhSettingsOwner *owner = ph_settings_api_get_owner (change->api);

    owner->reload (on_reloaded, g_steal_pointer (&change), owner->owner);
  } else if (change->problems->len > 0) {
    ph_request_reply_problems (message, NOT_TAKEN, change->problems);
  } else {
    ph_request_reply_text (message, SOUP_STATUS_CONFLICT, error->message);
  }
}

void
ph_settings_change_start (
    PhSettingsApi *api, PhRequest *request, PhSettingsEditKind kind, char *name, char *body)
{
  const PhSettingsOwner *owner = ph_settings_api_get_owner (api);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_written, NULL);
  Change *change = g_new0 (Change, 1);

  change->api = api;
  change->edit = g_new0 (PhSettingsEdit, 1);
  change->edit->kind = kind;
  change->edit->config = ph_config_ref ((PhConfig *)owner->get (owner->owner));
  change->edit->name = name;
  change->edit->body = body;
  change->problems = g_ptr_array_new_with_free_func (g_free);
  change->waiting = ph_waiting_message_new (request->message);
  ph_settings_api_set_busy (api, TRUE);
  g_task_set_source_tag (task, ph_settings_change_start);
  g_task_set_task_data (task, change, NULL);
  g_task_run_in_thread (task, write_on_worker);
}

gboolean
ph_settings_change_may_start (PhSettingsApi *api, PhRequest *request)
{
  const PhSettingsOwner *owner = ph_settings_api_get_owner (api);
  const char *fault = NULL;

  if (owner->get == NULL)
    fault = "There are no settings to change";
  else if (owner->get (owner->owner)->file == NULL)
    fault = "There is no settings file yet; write one first";
  else if (ph_settings_api_is_busy (api))
    fault = "Another change is being made; try again";
  if (fault != NULL)
    ph_request_reply_text (request->message, SOUP_STATUS_CONFLICT, fault);
  return fault == NULL;
}
