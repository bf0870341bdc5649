/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/link-api.h"

#include "base/error.h"
#include "base/reader.h"
#include "http/link-path.h"

#include <string.h>

#define REST_PREFIX "links/" /* what the route's pattern makes sure of */

struct _PhLinkApi {
  PhAccessGuard *access; /* nullable */
  PhLinks *links; /* the same */
};

/* ---- what is asked for ----------------------------------------------------------------------- */

typedef struct {
  guint duration; /* seconds; 0: until says it */
  char *until;
  char *stream; /* nullable */
} Order;

static gboolean
is_time (const char *text)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);

  return time != NULL;
}

/* clang-format off */
#define AT(member) G_STRUCT_OFFSET (Order, member)
static const PhField order_fields[] = {
  { "duration", PH_FIELD_UINT, AT (duration), NULL, "How long the link lasts",
    .min = 1, .max = PH_LINK_MAX_DAYS * 86400.0, .unit = "seconds" },
  { "until", PH_FIELD_TEXT, AT (until), NULL, "When the link ends",
    .is_allowed = is_time, .allowed = "a time with its zone, like \"2030-01-31T18:00:00Z\"" },
  { "stream", PH_FIELD_TEXT, AT (stream), NULL, "The only stream that is shown" },
  { NULL },
};
#undef AT
/* clang-format on */

static void
finish_order (PhReader *reader, gpointer record)
{
  const Order *order = record;

  if ((order->duration != 0) == (order->until != NULL))
    ph_reader_add_problem (reader, NULL,
        order->until != NULL ? "found both duration and until; allowed: one of them"
                             : "found neither duration nor until; allowed: one of them");
}

static const PhTable order_table = {
  .name = "link",
  .help = "A link to be made",
  .size = sizeof (Order),
  .fields = order_fields,
  .finish = finish_order,
};

static void
free_order (Order *order)
{
  ph_table_free_record (&order_table, order);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Order, free_order)

static gboolean
has_stream (PhRequest *request, const char *stream)
{
  const PhCameraConfig *config = ph_camera_get_config (request->camera);

  for (guint i = 0; i < config->streams->len; i++)
    if (g_strcmp0 (((PhStreamConfig *)g_ptr_array_index (config->streams, i))->name, stream) == 0)
      return TRUE;
  if (stream != NULL)
    ph_request_reply_text (
        request->message, SOUP_STATUS_NOT_FOUND, "The camera has no stream of this name");
  return stream == NULL;
}

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gint64
get_end (const Order *order)
{
  g_autoptr (GDateTime) until =
      order->until != NULL ? g_date_time_new_from_iso8601 (order->until, NULL) : NULL;

  return until != NULL ? g_date_time_to_unix (until) : get_now () + order->duration;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void
reply_error (SoupServerMessage *message, const GError *error)
{
  guint status = SOUP_STATUS_SERVICE_UNAVAILABLE;
  g_autofree char *sentence = g_strdup (error->message);

  if (g_error_matches (error, PH_ERROR, PH_ERROR_USAGE))
    status = SOUP_STATUS_BAD_REQUEST;
  else if (g_error_matches (error, PH_ERROR, PH_ERROR_NOT_FOUND))
    status = SOUP_STATUS_NOT_FOUND;
  else
    g_warning ("links: %s", error->message);
  sentence[0] = g_ascii_toupper (sentence[0]);
  ph_request_reply_text (message, status, sentence);
}

static gboolean
is_ready (PhLinkApi *self, PhRequest *request)
{
  if (self->links == NULL)
    ph_request_reply_text (
        request->message, SOUP_STATUS_SERVICE_UNAVAILABLE, "There are no links here");
  return self->links != NULL;
}

static void
add_text (JsonBuilder *builder, const char *key, const char *text)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, text);
}

/* The members of an object that has begun. */
static void
add_link (JsonBuilder *builder, const PhLink *link)
{
  g_autoptr (GDateTime) end = g_date_time_new_from_unix_utc (link->end);
  g_autofree char *until = end != NULL ? g_date_time_format (end, "%Y-%m-%dT%H:%M:%SZ") : NULL;

  add_text (builder, "id", link->id);
  add_text (builder, "camera", link->camera);
  add_text (builder, "stream", link->stream);
  add_text (builder, "user", link->user);
  add_text (builder, "until", until);
}

/* As those of the camera: paths below the place where Porthole is. */
static void
add_urls (JsonBuilder *builder, const PhCameraConfig *camera, const PhLink *link, const char *token)
{
  static const struct {
    const char *kind, *file;
    PhCodec codec;
  } rows[] = {
    { "hls", "index.m3u8", PH_CODEC_H264 },
    { "mp4", "live.mp4", PH_CODEC_H264 },
    { "mjpeg", "mjpeg", PH_CODEC_JPEG },
    { "snapshot", "snapshot.jpg", PH_CODEC_JPEG },
  };

  json_builder_set_member_name (builder, "urls");
  json_builder_begin_object (builder);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *url = ph_link_path_make_any (link->camera, token, rows[i].file);
    const PhStreamConfig *stream =
        ph_camera_config_find_stream (camera, link->stream, rows[i].codec);

    if (stream != NULL && stream->codec == rows[i].codec)
      add_text (builder, rows[i].kind, url);
  }
  json_builder_end_object (builder);
}

static void
reply_made (PhRequest *request, const PhLink *link, const char *token)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *location = g_strconcat (REST_PREFIX, link->id, NULL);

  json_builder_begin_object (builder);
  add_link (builder, link);
  add_urls (builder, ph_camera_get_config (request->camera), link, token);
  json_builder_end_object (builder);
  ph_request_reply_json (request->message, builder);
  soup_server_message_set_status (request->message, SOUP_STATUS_CREATED, NULL);
  soup_message_headers_replace (
      soup_server_message_get_response_headers (request->message), "Location", location);
}

/* ---- the object ------------------------------------------------------------------------------ */

PhLinkApi *
ph_link_api_new (void)
{
  return g_new0 (PhLinkApi, 1);
}

void
ph_link_api_free (PhLinkApi *self)
{
  g_free (self);
}

void
ph_link_api_set_access (PhLinkApi *self, PhAccessGuard *access, PhLinks *links)
{
  self->access = access;
  self->links = links;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* Nobody in particular has no name, and those links are of nobody in particular. */
static gboolean
may_see (PhLinkApi *self, PhRequest *request, const PhLink *link)
{
  const PhCaller *caller = ph_access_guard_get_caller (self->access, request->message);

  return g_strcmp0 (caller->name, link->user) == 0 ||
         ph_access_guard_allows (self->access, request->message, PH_PERMISSION_ADMIN, NULL);
}

void
ph_link_api_handle_list (PhRequest *request, gpointer user_data)
{
  PhLinkApi *self = user_data;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GPtrArray) links = NULL;
  g_autoptr (GError) error = NULL;

  if (!is_ready (self, request))
    return;
  links =
      ph_links_list (self->links, ph_camera_get_config (request->camera)->name, get_now (), &error);
  if (links == NULL) {
    reply_error (request->message, error);
    return;
  }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "links");
  json_builder_begin_array (builder);
  for (guint i = 0; i < links->len; i++) {
    const PhLink *link = g_ptr_array_index (links, i);

    if (!may_see (self, request, link))
      continue;
    json_builder_begin_object (builder);
    add_link (builder, link);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ph_request_reply_json (request->message, builder);
}

void
ph_link_api_handle_make (PhRequest *request, gpointer user_data)
{
  PhLinkApi *self = user_data;
  const PhCaller *caller;
  g_autoptr (Order) order = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  const PhLink *link = NULL;

  if (!is_ready (self, request))
    return;
  order = ph_request_read_record (request, &order_table);
  if (order == NULL || !has_stream (request, order->stream))
    return;
  caller = ph_access_guard_get_caller (self->access, request->message);
  token = ph_links_make (self->links, ph_camera_get_config (request->camera)->name, order->stream,
      caller->name, get_end (order), get_now (), &link, &error);
  if (token != NULL)
    reply_made (request, link, token);
  else
    reply_error (request->message, error);
}

void
ph_link_api_handle_revoke (PhRequest *request, gpointer user_data)
{
  PhLinkApi *self = user_data;
  const char *id = request->rest + strlen (REST_PREFIX);
  g_autoptr (GPtrArray) links = NULL;
  const PhLink *link;
  g_autoptr (GError) error = NULL;

  if (!is_ready (self, request))
    return;
  links =
      ph_links_list (self->links, ph_camera_get_config (request->camera)->name, get_now (), &error);
  link = links != NULL ? ph_links_get (self->links, id, get_now ()) : NULL;
  if (links != NULL &&
      (link == NULL || !may_see (self, request, link) || !g_ptr_array_find (links, link, NULL)))
    g_set_error_literal (&error, PH_ERROR, PH_ERROR_NOT_FOUND, "there is no such link");
  if (error == NULL)
    ph_links_revoke (self->links, id, &error);
  ph_access_guard_ask_again (self->access);
  if (error == NULL)
    soup_server_message_set_status (request->message, SOUP_STATUS_NO_CONTENT, NULL);
  else
    reply_error (request->message, error);
}
