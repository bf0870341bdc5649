/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/camera-api.h"

#include "base/json-text.h"
#include "config/forbidden.h"
#include "http/settings-change.h"

#include <string.h>

#define JSON_TYPE "application/json"

void
ph_camera_api_set_etag (PhRequest *request)
{
  g_autofree char *etag =
      ph_settings_store_make_camera_etag (ph_camera_get_config (request->camera));

  soup_message_headers_replace (
      soup_server_message_get_response_headers (request->message), "ETag", etag);
}

static gboolean
matches (PhRequest *request)
{
  g_autofree char *etag =
      ph_settings_store_make_camera_etag (ph_camera_get_config (request->camera));

  return ph_settings_change_matches (request, etag);
}

/* NULL: it has none that could be one. Free with g_free. */
static char *
read_name (const char *body)
{
  g_autoptr (PhJsonText) text = ph_json_text_parse (body, strlen (body), NULL);

  return g_strdup (
      json_object_get_string_member_with_default (json_node_get_object (text->root), "name", NULL));
}

void
ph_camera_api_handle_add (PhRequest *request, gpointer user_data)
{
  char *body;

  if (!ph_settings_change_has_type (request, JSON_TYPE) ||
      !ph_settings_change_may_start (user_data, request))
    return;
  body = ph_settings_change_read_body (request, ph_forbidden_find_in_camera);
  if (body != NULL)
    ph_settings_change_start (user_data, request, PH_EDIT_ADD_CAMERA, read_name (body), body);
}

void
ph_camera_api_handle_patch (PhRequest *request, gpointer user_data)
{
  char *body;

  if (!ph_settings_change_has_type (request, PH_SETTINGS_PATCH_TYPE) || !matches (request) ||
      !ph_settings_change_may_start (user_data, request))
    return;
  body = ph_settings_change_read_body (request, ph_forbidden_find_in_camera);
  if (body != NULL)
    ph_settings_change_start (user_data, request, PH_EDIT_PATCH_CAMERA,
        g_strdup (ph_camera_get_config (request->camera)->name), body);
}

void
ph_camera_api_handle_remove (PhRequest *request, gpointer user_data)
{
  if (matches (request) && ph_settings_change_may_start (user_data, request))
    ph_settings_change_start (user_data, request, PH_EDIT_REMOVE_CAMERA,
        g_strdup (ph_camera_get_config (request->camera)->name), NULL);
}
