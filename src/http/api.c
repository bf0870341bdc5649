/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/api.h"

#include "base/error.h"
#include "base/fields.h"
#include "build-config.h"
#include "http/camera-api.h"
#include "http/camera-json.h"

#include <string.h>

struct _PhApi {
  GPtrArray *cameras; /* element-type PhCamera */
  guint rtsp_port;
  guint rtsps_port;
  GArray *reports; /* element-type Report */
  GArray *actions; /* element-type Action */
};

typedef struct {
  const char *name;
  PhApiReport report;
  gpointer user_data;
} Report;

typedef struct {
  const char *name;
  const PhTable *table;
  PhApiAction action;
  gpointer user_data;
} Action;

PhApi *
ph_api_new (GPtrArray *cameras, guint rtsp_port)
{
  PhApi *self = g_new0 (PhApi, 1);

  self->cameras = g_ptr_array_ref (cameras);
  self->rtsp_port = rtsp_port;
  self->reports = g_array_new (FALSE, FALSE, sizeof (Report));
  self->actions = g_array_new (FALSE, FALSE, sizeof (Action));
  return self;
}

void
ph_api_set_rtsp_ports (PhApi *self, guint port, guint tls_port)
{
  self->rtsp_port = port;
  self->rtsps_port = tls_port;
}

void
ph_api_free (PhApi *self)
{
  g_ptr_array_unref (self->cameras);
  g_array_unref (self->reports);
  g_array_unref (self->actions);
  g_free (self);
}

void
ph_api_add_report (PhApi *self, const char *name, PhApiReport report, gpointer user_data)
{
  Report row = { name, report, user_data };

  g_array_append_val (self->reports, row);
}

void
ph_api_add_action (
    PhApi *self, const char *name, const PhTable *table, PhApiAction action, gpointer user_data)
{
  Action row = { name, table, action, user_data };

  g_array_append_val (self->actions, row);
}

static void
add_camera (PhApi *self, PhRequest *request, JsonBuilder *builder, PhCamera *camera)
{
  PhCameraJsonPlace place = {
    .host = g_uri_get_host (soup_server_message_get_uri (request->message)),
    .rtsp_port = self->rtsp_port,
    .rtsps_port = self->rtsps_port,
    .has_links =
        request->guard != NULL && ph_http_guard_allows (request->guard, request->message,
                                      PH_PERMISSION_LINK, ph_camera_get_config (camera)->name),
    .has_restart = ph_http_guard_allows (
        request->guard, request->message, PH_PERMISSION_ADMIN, ph_camera_get_config (camera)->name),
    .only = ph_request_find_only_stream (request, camera),
  };

  ph_camera_json_add (builder, camera, &place);
}

void
ph_api_handle_health (PhRequest *request, gpointer user_data)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "status");
  json_builder_add_string_value (builder, "ok");
  json_builder_set_member_name (builder, "version");
  json_builder_add_string_value (builder, PH_VERSION);
  json_builder_end_object (builder);
  ph_request_reply_json (request->message, builder);
}

void
ph_api_handle_cameras (PhRequest *request, gpointer user_data)
{
  PhApi *self = user_data;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "cameras");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->cameras->len; i++) {
    PhCamera *camera = g_ptr_array_index (self->cameras, i);

    if (ph_http_guard_allows (request->guard, request->message, PH_PERMISSION_VIEW,
            ph_camera_get_config (camera)->name))
      add_camera (self, request, builder, camera);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ph_request_reply_json (request->message, builder);
}

void
ph_api_handle_camera (PhRequest *request, gpointer user_data)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  add_camera (user_data, request, builder, request->camera);
  ph_request_reply_json (request->message, builder);
  ph_camera_api_set_etag (request);
}

void
ph_api_handle_restart (PhRequest *request, gpointer user_data)
{
  ph_camera_restart (request->camera);
  soup_server_message_set_status (request->message, SOUP_STATUS_NO_CONTENT, NULL);
}

void
ph_api_handle_report (PhRequest *request, gpointer user_data)
{
  PhApi *self = user_data;

  for (guint i = 0; i < self->reports->len; i++) {
    const Report *row = &g_array_index (self->reports, Report, i);
    g_autoptr (JsonBuilder) builder = NULL;

    if (!g_str_equal (row->name, request->rest))
      continue;
    builder = json_builder_new ();
    row->report (builder, row->user_data);
    ph_request_reply_json (request->message, builder);
    return;
  }
  ph_request_reply_text (
      request->message, SOUP_STATUS_NOT_FOUND, "There is nothing at this address");
}

static void
act (const Action *row, PhRequest *request, gpointer user_data)
{
  gpointer record = ph_request_read_record (request, row->table);
  g_autoptr (GError) error = NULL;

  if (record == NULL)
    return;
  if (row->action (record, row->user_data, &error))
    ph_api_handle_report (request, user_data);
  else
    ph_request_reply_text (request->message,
        g_error_matches (error, PH_ERROR, PH_ERROR_NOT_FOUND) ? SOUP_STATUS_NOT_FOUND
                                                              : SOUP_STATUS_CONFLICT,
        error->message);
  ph_table_free_record (row->table, record);
}

void
ph_api_handle_action (PhRequest *request, gpointer user_data)
{
  PhApi *self = user_data;

  for (guint i = 0; i < self->actions->len; i++) {
    const Action *row = &g_array_index (self->actions, Action, i);

    if (g_str_equal (row->name, request->rest)) {
      act (row, request, user_data);
      return;
    }
  }
  ph_request_reply_text (
      request->message, SOUP_STATUS_NOT_FOUND, "There is nothing to be told at this address");
}
