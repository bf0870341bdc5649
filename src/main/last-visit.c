/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/last-visit.h"

#include "base/error.h"
#include "base/state.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define FILE_NAME "last-visit.json"

static GInetAddress *
read_visit (JsonNode *root, gint64 *at)
{
  JsonObject *object =
      root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  const char *address =
      object != NULL ? json_object_get_string_member_with_default (object, "address", NULL) : NULL;

  if (address == NULL)
    return NULL;
  *at = json_object_get_int_member_with_default (object, "time", 0);
  return *at > 0 ? g_inet_address_new_from_string (address) : NULL;
}

GInetAddress *
ph_last_visit_load (const char *folder, gint64 *at)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ph_state_read (folder, FILE_NAME, &error);
  g_autofree char *text =
      bytes != NULL ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)) : NULL;
  g_autoptr (JsonNode) root = text != NULL ? json_from_string (text, &error) : NULL;
  GInetAddress *visitor = read_visit (root, at);

  if (visitor == NULL && bytes != NULL)
    g_warning ("who came from outside the last time is not known: %s/%s: %s", folder, FILE_NAME,
        error != NULL ? error->message : "it has no address and time");
  else if (visitor == NULL && !g_error_matches (error, PH_ERROR, PH_ERROR_NOT_FOUND))
    g_warning ("who came from outside the last time is not known: %s", error->message);
  return visitor;
}

void
ph_last_visit_save (const char *folder, GInetAddress *visitor, gint64 at)
{
  g_autofree char *address = g_inet_address_to_string (visitor);
  g_autofree char *text =
      g_strdup_printf ("{ \"address\": \"%s\", \"time\": %" G_GINT64_FORMAT " }\n", address, at);
  g_autoptr (GError) error = NULL;

  if (!ph_state_write (folder, FILE_NAME, text, strlen (text), &error))
    g_warning ("who came from outside will be forgotten: %s", error->message);
}
