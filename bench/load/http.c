/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load/http.h"

void
load_http_clear (LoadHttp *self)
{
  g_free (self->challenge);
}

void
load_http_ask (LoadHttp *self, const char *version)
{
  const LoadTask *task = self->base.task;
  g_autofree char *authorization = self->challenge != NULL ? load_auth_make_header (&task->login,
                                                                 self->challenge, "GET", task->path)
                                                           : NULL;
  g_autofree char *request =
      g_strdup_printf ("GET %s HTTP/%s\r\nHost: %s\r\nUser-Agent: porthole-load\r\n%s\r\n",
          task->path, version, task->host, authorization != NULL ? authorization : "");

  self->has_head = FALSE;
  load_viewer_send (&self->base, request);
}

gsize
load_http_take_head (LoadHttp *self, const guint8 *data, gsize size, char **head)
{
  gsize length = load_find_head (data, size);
  g_autofree char *text = length > 0 ? g_strndup ((const char *)data, length) : NULL;
  gint64 status;

  *head = NULL;
  if (text == NULL)
    return 0;
  status = load_head_get_number (text, "HTTP/1.1", load_head_get_number (text, "HTTP/1.0", 0));
  if (status == 200) {
    self->has_head = TRUE;
    *head = g_steal_pointer (&text);
  } else if (status == 401 && self->challenge == NULL && self->base.task->login.user != NULL) {
    self->challenge = g_steal_pointer (&text);
    load_wire_close (&self->base.wire);
    load_viewer_connect (&self->base);
    return size;
  } else {
    load_viewer_fail (&self->base, "the server refused");
  }
  return length;
}
