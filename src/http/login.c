/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/login.h"

#include "base/secret-file.h"
#include "http/page.h"

#include <string.h>

#define FORM_TYPE "application/x-www-form-urlencoded"
#define CAMERA_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

struct _PhLogin {
  PhAccessGuard *access; /* nullable */
};

PhLogin *
ph_login_new (void)
{
  return g_new0 (PhLogin, 1);
}

void
ph_login_free (PhLogin *self)
{
  g_free (self);
}

void
ph_login_set_access (PhLogin *self, PhAccessGuard *access)
{
  self->access = access;
}

static void
send_to (SoupServerMessage *message, const char *place)
{
  ph_request_reply_text (message, SOUP_STATUS_SEE_OTHER, "Go on there");
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Location", place);
}

/* To a camera's page or the overview, never to an address of somebody else's choice. */
static void
send_on (PhRequest *request)
{
  const char *to = request->query != NULL ? g_hash_table_lookup (request->query, "to") : NULL;
  g_autofree char *place = NULL;

  if (to == NULL || *to == '\0' || to[strspn (to, CAMERA_LETTERS)] != '\0')
    to = ".";
  place = g_strconcat (to, "/", NULL);
  send_to (request->message, place);
}

static gboolean
can_log_in (PhLogin *self)
{
  return self->access != NULL && ph_access_guard_has_users (self->access);
}

void
ph_login_handle_page (PhRequest *request, gpointer user_data)
{
  if (can_log_in (user_data))
    ph_page_reply_log_in (request->message, SOUP_STATUS_OK, "");
  else
    send_on (request);
}

static void
refuse_for_now (SoupServerMessage *message, guint wait_s)
{
  g_autofree char *seconds = g_strdup_printf ("%u", wait_s);
  g_autofree char *sentence = g_strdup_printf (
      "Too many wrong passwords came from your address. Try again in %s s.", seconds);

  ph_page_reply_log_in (message, PH_STATUS_TOO_MANY_REQUESTS, sentence);
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Retry-After", seconds);
}

static void
try_password (PhLogin *self, PhRequest *request, const char *name, const char *password)
{
  guint wait_s = 0;

  switch (ph_access_guard_log_in (self->access, request->message, name, password, &wait_s)) {
  case PH_GATE_KNOWN:
    send_on (request);
    break;
  case PH_GATE_WAIT:
    refuse_for_now (request->message, wait_s);
    break;
  default:
    ph_page_reply_log_in (
        request->message, SOUP_STATUS_FORBIDDEN, "The name or the password is wrong.");
  }
}

static gboolean
is_form (SoupServerMessage *message)
{
  const char *type = soup_message_headers_get_content_type (
      soup_server_message_get_request_headers (message), NULL);

  return type != NULL && g_ascii_strcasecmp (type, FORM_TYPE) == 0;
}

/* Element-types char *, decoded. NULL: not UTF-8, or no form. */
static GHashTable *
read_form (SoupServerMessage *message)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  char *text = g_strndup (data != NULL ? data : "", length);
  GHashTable *form = soup_form_decode (text);

  ph_secret_free (text);
  return form;
}

void
ph_login_handle_form (PhRequest *request, gpointer user_data)
{
  PhLogin *self = user_data;
  SoupServerMessage *message = request->message;
  g_autoptr (GHashTable) form = NULL;
  const char *name, *password;

  if (!can_log_in (self)) {
    send_on (request);
    return;
  }
  if (ph_access_guard_is_forged (message)) {
    ph_request_reply_text (message, SOUP_STATUS_FORBIDDEN, "Another site's page may not do that");
    return;
  }
  if (!is_form (message)) {
    ph_request_reply_text (
        message, SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE, "Allowed here is " FORM_TYPE);
    return;
  }
  form = read_form (message);
  name = g_hash_table_lookup (form, "name");
  password = g_hash_table_lookup (form, "password");
  if (name == NULL || password == NULL)
    ph_page_reply_log_in (message, SOUP_STATUS_BAD_REQUEST, "Give a name and a password.");
  else
    try_password (self, request, name, password);
}

void
ph_login_handle_log_out (PhRequest *request, gpointer user_data)
{
  PhLogin *self = user_data;

  if (ph_access_guard_is_forged (request->message)) {
    ph_request_reply_text (
        request->message, SOUP_STATUS_FORBIDDEN, "Another site's page may not do that");
    return;
  }
  if (self->access != NULL)
    ph_access_guard_log_out (self->access, request->message);
  send_to (request->message, "login");
}

void
ph_login_handle_session (PhRequest *request, gpointer user_data)
{
  PhLogin *self = user_data;
  const PhCaller *caller =
      can_log_in (self) ? ph_access_guard_get_caller (self->access, request->message) : NULL;
  const char *user = caller != NULL ? caller->name : NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "user");
  json_builder_add_string_value (builder, user);
  json_builder_set_member_name (builder, "log_in");
  json_builder_add_boolean_value (builder, caller != NULL && user == NULL);
  json_builder_set_member_name (builder, "admin");
  json_builder_add_boolean_value (
      builder, ph_http_guard_allows (request->guard, request->message, PH_PERMISSION_ADMIN, NULL));
  json_builder_set_member_name (builder, "log_out");
  json_builder_add_boolean_value (builder, caller != NULL && caller->has_session);
  json_builder_set_member_name (builder, "saving");
  json_builder_add_boolean_value (builder, ph_request_must_save (request));
  json_builder_set_member_name (builder, "anonymous");
  json_builder_add_boolean_value (
      builder, self->access != NULL && ph_access_guard_lets_strangers_look (self->access));
  json_builder_end_object (builder);
  ph_request_reply_json (request->message, builder);
}
