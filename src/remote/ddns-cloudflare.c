/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* developers.cloudflare.com/api: the zone's id by its name, the record's id by its, then the
 * record's content, which keeps what else the user has set. The ids stay the same, so the next call
 * begins with the content. */
#include "remote/ddns-call.h"

#include <json-glib/json-glib.h>

enum { STEP_ZONE, STEP_RECORD, STEP_WRITE, STEP_WRITE_KNOWN };

static JsonObject *
get_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonNode *
get_member (JsonObject *object, const char *key)
{
  return object != NULL ? json_object_get_member (object, key) : NULL;
}

/* NULL: it is no text. Owned by object. */
static const char *
get_text (JsonObject *object, const char *key)
{
  JsonNode *node = get_member (object, key);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* The first of the list at key; NULL: there is none. */
static JsonObject *
get_first (JsonObject *object, const char *key)
{
  JsonNode *node = get_member (object, key);
  JsonArray *array =
      node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  return array != NULL && json_array_get_length (array) > 0
             ? get_object (json_array_get_element (array, 0))
             : NULL;
}

static gboolean
is_success (JsonObject *object)
{
  JsonNode *node = get_member (object, "success");

  return node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN &&
         json_node_get_boolean (node);
}

static void
fail (PhDdnsCall *self, const PhDdnsReply *reply, JsonObject *object)
{
  const char *message = get_text (get_first (object, "errors"), "message");
  g_autofree char *quoted =
      ph_ddns_answer_quote (message != NULL ? message : reply->body, self->task.accounts[0]);

  if (reply->status != 400 &&
      ph_ddns_answer_read_status (reply, self->task.accounts[0], self->outcomes))
    return;
  ph_ddns_outcome_set (self->outcomes,
      message != NULL ? PH_DDNS_VERDICT_REFUSED : PH_DDNS_VERDICT_UNKNOWN, -1, "HTTP %u, %s",
      reply->status, quoted);
}

static PhDdnsRequest *
ask (const PhDdnsCall *self, const char *format)
{
  g_autofree char *template = g_strconcat (self->task.accounts[0]->url, format, NULL);

  return ph_ddns_call_make_request (
      self, "GET", ph_ddns_template_fill_url (template, &self->task), NULL);
}

static PhDdnsRequest *
ask_for_record (PhDdnsCall *self, JsonObject *zone)
{
  const char *id = get_text (zone, "id");
  g_autofree char *encoded = id != NULL ? g_uri_escape_string (id, NULL, FALSE) : NULL;
  g_autofree char *path = NULL;

  if (id == NULL) {
    ph_ddns_outcome_set (self->outcomes, PH_DDNS_VERDICT_REFUSED, -1,
        "the token sees no zone %s; it needs Zone.Zone:Read and Zone.DNS:Edit for it",
        self->task.accounts[0]->zone);
    return NULL;
  }
  self->zone_id = g_steal_pointer (&encoded);
  path = g_strdup_printf ("/zones/%s/dns_records?type={type}&name={host}", self->zone_id);
  return ask (self, path);
}

/* Takes url. */
static PhDdnsRequest *
put_content (PhDdnsCall *self, const char *method, char *url, const char *body)
{
  PhDdnsRequest *request = ph_ddns_call_make_request (
      self, method, url, ph_ddns_template_fill_body (body, "application/json", &self->task));

  g_free (request->content_type);
  request->content_type = g_strdup ("application/json");
  return request;
}

static PhDdnsRequest *
write_known (PhDdnsCall *self)
{
  char *url = g_strdup_printf ("%s/zones/%s", self->task.accounts[0]->url, self->record);

  return put_content (self, "PATCH", url, "{\"content\":\"{ip}\"}");
}

static void
note_record (PhDdnsCall *self, JsonObject *record)
{
  const char *id = get_text (record, "id");
  g_autofree char *encoded = id != NULL ? g_uri_escape_string (id, NULL, FALSE) : NULL;

  g_free (self->record);
  self->record = id != NULL ? g_strdup_printf ("%s/dns_records/%s", self->zone_id, encoded) : NULL;
}

static PhDdnsRequest *
write_record (PhDdnsCall *self, JsonObject *record)
{
  const char *content = get_text (record, "content");

  note_record (self, record);
  if (g_strcmp0 (content, self->task.address[self->task.family]) == 0) {
    ph_ddns_outcome_set (self->outcomes, PH_DDNS_VERDICT_UNCHANGED, -1, "it was so already");
    return NULL;
  }
  if (self->record != NULL)
    return write_known (self);
  return put_content (self, "POST",
      g_strdup_printf ("%s/zones/%s/dns_records", self->task.accounts[0]->url, self->zone_id),
      "{\"type\":\"{type}\",\"name\":\"{host}\",\"content\":\"{ip}\",\"ttl\":1,\"proxied\":false}");
}

/* 403 is what a zone is answered with that is not, or no more, the token's. */
static gboolean
is_of_no_use (const PhDdnsReply *reply)
{
  return reply->status == 400 || reply->status == 403 || reply->status == 404;
}

static PhDdnsRequest *
begin (PhDdnsCall *self)
{
  self->step = self->record != NULL ? STEP_WRITE_KNOWN : STEP_ZONE;
  return self->record != NULL ? write_known (self) : ask (self, "/zones?name={zone}");
}

static PhDdnsRequest *
take_failure (PhDdnsCall *self, const PhDdnsReply *reply, JsonObject *object)
{
  if (is_of_no_use (reply))
    g_clear_pointer (&self->record, g_free);
  if (self->step == STEP_WRITE_KNOWN && self->record == NULL)
    return begin (self);
  fail (self, reply, object);
  return NULL;
}

PhDdnsRequest *
ph_ddns_call_next_cloudflare (PhDdnsCall *self, const PhDdnsReply *reply)
{
  g_autoptr (JsonNode) root = reply != NULL ? json_from_string (reply->body, NULL) : NULL;
  JsonObject *object = get_object (root);

  if (reply == NULL)
    return begin (self);
  if (reply->status < 200 || reply->status > 299 || !is_success (object))
    return take_failure (self, reply, object);
  switch (self->step++) {
  case STEP_ZONE:
    return ask_for_record (self, get_first (object, "result"));
  case STEP_RECORD:
    return write_record (self, get_first (object, "result"));
  default:
    if (self->record == NULL) /* it was made */
      note_record (self, get_object (get_member (object, "result")));
    ph_ddns_outcome_set (self->outcomes, PH_DDNS_VERDICT_UPDATED, -1, "the address was taken");
    return NULL;
  }
}
