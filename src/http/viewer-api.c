/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/viewer-api.h"

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_members (JsonBuilder *builder, const PhViewerInfo *info)
{
  g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT, info->id);
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (info->since / G_USEC_PER_SEC);
  g_autofree char *since = g_date_time_format_iso8601 (utc);

  add_string (builder, "id", id);
  add_string (builder, "kind", ph_viewer_kind_to_string (info->kind));
  add_string (builder, "camera", info->camera);
  add_string (builder, "stream", info->stream);
  add_string (builder, "peer", info->peer);
  add_string (builder, "user", info->user);
  add_string (builder, "since", since);
}

void
ph_viewer_json_add (JsonBuilder *builder, const PhViewerInfo *info)
{
  json_builder_begin_object (builder);
  add_members (builder, info);
  json_builder_end_object (builder);
}

static void
add_viewer (const PhViewerInfo *info, const PhViewerCounts *counts, gpointer user_data)
{
  JsonBuilder *builder = user_data;

  json_builder_begin_object (builder);
  add_members (builder, info);
  json_builder_set_member_name (builder, "bytes");
  json_builder_add_int_value (builder, counts->n_bytes);
  json_builder_set_member_name (builder, "dropped");
  json_builder_add_int_value (builder, counts->n_dropped);
  json_builder_end_object (builder);
}

void
ph_viewer_api_handle_list (PhRequest *request, gpointer user_data)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "viewers");
  json_builder_begin_array (builder);
  ph_viewers_foreach (user_data, add_viewer, builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ph_request_reply_json (request->message, builder);
}

void
ph_viewer_api_handle_end (PhRequest *request, gpointer user_data)
{
  guint64 id = 0;

  if (!g_ascii_string_to_unsigned (request->rest, 10, 1, G_MAXUINT64, &id, NULL) ||
      !ph_viewers_end (user_data, id))
    ph_request_reply_text (
        request->message, SOUP_STATUS_NOT_FOUND, "There is no viewer with this id");
  else
    soup_server_message_set_status (request->message, SOUP_STATUS_NO_CONTENT, NULL);
}
