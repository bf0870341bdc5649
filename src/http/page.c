/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/page.h"

#include <string.h>

#define PREFIX "/org/porthole/web/"

/* The page runs only its own scripts. blob: is what Media Source Extensions play from. */
#define PAGE_POLICY \
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " \
  "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; " \
  "form-action 'self'; frame-ancestors 'self'"

struct _PhPage {
  GHashTable *etags; /* resource path to ETag, both owned */
};

static const struct {
  const char *suffix, *content_type;
} content_types[] = {
  { ".html", "text/html; charset=utf-8" },
  { ".js", "text/javascript; charset=utf-8" },
  { ".css", "text/css; charset=utf-8" },
  { ".svg", "image/svg+xml" },
  { ".png", "image/png" },
  { ".ico", "image/x-icon" },
  { ".json", "application/json" },
  { ".webmanifest", "application/manifest+json" },
  { ".woff2", "font/woff2" },
};

static const char *
guess_content_type (const char *path)
{
  for (gsize i = 0; i < G_N_ELEMENTS (content_types); i++)
    if (g_str_has_suffix (path, content_types[i].suffix))
      return content_types[i].content_type;
  return "application/octet-stream";
}

PhPage *
ph_page_new (void)
{
  PhPage *self = g_new0 (PhPage, 1);

  self->etags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
ph_page_free (PhPage *self)
{
  g_hash_table_unref (self->etags);
  g_free (self);
}

static const char *
find_etag (PhPage *self, const char *path, GBytes *content)
{
  char *etag = g_hash_table_lookup (self->etags, path);
  g_autofree char *hash = NULL;

  if (etag != NULL)
    return etag;
  hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
  etag = g_strdup_printf ("\"%.16s\"", hash);
  g_hash_table_insert (self->etags, g_strdup (path), etag);
  return etag;
}

/* RFC 9110, 13.1.2: a list of tags or "*", compared weakly. */
static gboolean
has_etag (SoupServerMessage *message, const char *etag)
{
  const char *header = soup_message_headers_get_list (
      soup_server_message_get_request_headers (message), "If-None-Match");
  g_auto (GStrv) tags = g_strsplit (header != NULL ? header : "", ",", 32);

  for (guint i = 0; tags[i] != NULL; i++) {
    const char *tag = g_strstrip (tags[i]);

    if (g_str_equal (tag, "*") || g_str_equal (g_str_has_prefix (tag, "W/") ? tag + 2 : tag, etag))
      return TRUE;
  }
  return FALSE;
}

/* GResource takes "file/" for "file". */
static GBytes *
look_up (const char *path)
{
  if (g_str_has_suffix (path, "/"))
    return NULL;
  return g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
}

/* The names of the files stay the same from version to version, so a browser must ask each time;
 * the ETag makes that cheap. */
static void
serve (PhPage *self, PhRequest *request, const char *file)
{
  SoupServerMessage *message = request->message;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autofree char *path = g_strconcat (PREFIX, file, NULL);
  g_autoptr (GBytes) content = look_up (path);
  const char *etag;

  if (content == NULL) {
    ph_request_reply_text (message, SOUP_STATUS_NOT_FOUND, "There is nothing at this address");
    return;
  }
  etag = find_etag (self, path, content);
  soup_message_headers_replace (headers, "ETag", etag);
  soup_message_headers_replace (headers, "Cache-Control", "no-cache");
  if (g_str_has_suffix (file, ".html"))
    soup_message_headers_replace (headers, "Content-Security-Policy", PAGE_POLICY);
  if (has_etag (message, etag))
    soup_server_message_set_status (message, SOUP_STATUS_NOT_MODIFIED, NULL);
  else
    ph_request_reply_bytes (message, SOUP_STATUS_OK, guess_content_type (file), content);
}

void
ph_page_reply_log_in (SoupServerMessage *message, guint status, const char *sentence)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autoptr (GBytes) content = look_up (PREFIX "login.html");
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;

  if (content != NULL)
    g_string_append_len (text, g_bytes_get_data (content, NULL), g_bytes_get_size (content));
  g_string_replace (text, "@NOTICE@", escaped, 1);
  body = g_bytes_new (text->str, text->len);
  ph_request_reply_bytes (message, status, "text/html; charset=utf-8", body);
  soup_message_headers_replace (headers, "Content-Security-Policy", PAGE_POLICY);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
}

void
ph_page_handle_index (PhRequest *request, gpointer user_data)
{
  serve (user_data, request, "index.html");
}

void
ph_page_handle_camera (PhRequest *request, gpointer user_data)
{
  serve (user_data, request, "camera.html");
}

void
ph_page_handle_openapi (PhRequest *request, gpointer user_data)
{
  serve (user_data, request, "openapi.json");
}

void
ph_page_handle_asset (PhRequest *request, gpointer user_data)
{
  g_autofree char *file = g_strconcat ("assets/", request->rest, NULL);

  serve (user_data, request, file);
}
