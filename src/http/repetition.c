/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/repetition.h"

#include "http/link-path.h"

#include <string.h>

#define LONGEST_FILE_NAME 64
#define FILE_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

struct _PhRepetition {
  GBytes *bytes;
  PhRequestHead head; /* points into them */
  gsize n_same; /* bytes of the target: all, or those of the folder */
  gboolean is_file;
  PhRequest request; /* message and camera referenced */
  guint n_changes;
  PhRepetitionSource source;
  char *fields; /* nullable: those that all answers have, made for the first one */
};

static void
free_source (const PhRepetitionSource *source)
{
  if (source->free_data != NULL)
    source->free_data (source->user_data);
}

static gsize
find_folder (const PhRequestHead *head)
{
  gsize length = head->target_length;

  while (length > 0 && head->target[length - 1] != '/')
    length--;
  return length;
}

static gboolean
can_be_repeated (const PhRequest *request, const PhRequestHead *head, gboolean is_file)
{
  return request->camera != NULL && request->n_changes != NULL &&
         (!is_file || memchr (head->target, '?', head->target_length) == NULL);
}

PhRepetition *
ph_repetition_new (
    PhRequest *request, GBytes *head, gboolean is_file, const PhRepetitionSource *source)
{
  gsize size;
  const char *data = g_bytes_get_data (head, &size);
  PhRequestHead read;
  PhRepetition *self;

  if (!ph_request_head_read_get_any (data, size, &read) ||
      !can_be_repeated (request, &read, is_file)) {
    free_source (source);
    return NULL;
  }
  self = g_new0 (PhRepetition, 1);
  self->bytes = g_bytes_ref (head);
  self->head = read;
  self->is_file = is_file;
  self->n_same = is_file ? find_folder (&read) : read.target_length;
  self->request = *request;
  self->request.message = g_object_ref (request->message);
  self->request.camera = g_object_ref (request->camera);
  self->request.query = NULL;
  self->request.rest = "";
  self->n_changes = *request->n_changes;
  self->source = *source;
  return self;
}

void
ph_repetition_free (PhRepetition *self)
{
  free_source (&self->source);
  g_object_unref (self->request.message);
  g_object_unref (self->request.camera);
  g_bytes_unref (self->bytes);
  g_free (self->fields);
  g_free (self);
}

static gboolean
has_same_fields (PhRepetition *self, const PhRequestHead *asked)
{
  return asked->fields_length == self->head.fields_length &&
         memcmp (asked->fields, self->head.fields, asked->fields_length) == 0;
}

static gboolean
has_same_target (PhRepetition *self, const PhRequestHead *asked)
{
  return asked->target_length >= self->n_same &&
         (self->is_file || asked->target_length == self->n_same) &&
         memcmp (asked->target, self->head.target, self->n_same) == 0;
}

gboolean
ph_repetition_is_same (PhRepetition *self, PhRepetition *other)
{
  return self->is_file == other->is_file && self->n_same == other->n_same &&
         has_same_fields (self, &other->head) && has_same_target (self, &other->head);
}

/* FALSE: it is no plain name. */
static gboolean
read_file_name (PhRepetition *self, const PhRequestHead *asked, char *name)
{
  gsize length = asked->target_length - self->n_same;

  if (length == 0 || length > LONGEST_FILE_NAME)
    return FALSE;
  memcpy (name, asked->target + self->n_same, length);
  name[length] = '\0';
  return strspn (name, FILE_LETTERS) == length;
}

gboolean
ph_repetition_may_go_on (PhRepetition *self)
{
  const PhHttpGuard *guard = self->request.guard;
  const char *camera = ph_camera_get_config (self->request.camera)->name;

  if (*self->request.n_changes != self->n_changes)
    return FALSE;
  return guard == NULL ||
         (guard->may_repeat != NULL && guard->may_repeat (self->request.message, PH_PERMISSION_VIEW,
                                           camera, guard->user_data));
}

/* ---- answers --------------------------------------------------------------------------------- */

static gboolean
is_of_one_answer (const char *name)
{
  static const char *const names[] = { "Date", "Content-Length", "Connection",
    "Transfer-Encoding" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

static char *
make_fields (SoupServerMessage *message)
{
  GString *text = g_string_new (NULL);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, soup_server_message_get_response_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (!is_of_one_answer (name))
      g_string_append_printf (text, "%s: %s\r\n", name, value);
  return g_string_free (text, FALSE);
}

/* Of this second; owned here. */
static const char *
get_date (void)
{
  static char *date;
  static gint64 second;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (date == NULL || now != second) {
    g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (now);

    g_free (date);
    date = soup_date_time_to_string (time, SOUP_DATE_HTTP);
    second = now;
  }
  return date;
}

static GBytes *
make_head (PhRepetition *self, gsize length)
{
  char *text;

  if (self->fields == NULL)
    self->fields = make_fields (self->request.message);
  text = g_strdup_printf ("HTTP/1.1 200 OK\r\nDate: %s\r\n%sContent-Length: %" G_GSIZE_FORMAT
                          "\r\n\r\n",
      get_date (), self->fields, length);
  return g_bytes_new_take (text, strlen (text));
}

static void
log_answer (PhRepetition *self, const char *file_name)
{
  GUri *uri = soup_server_message_get_uri (self->request.message);
  g_autofree char *path = ph_link_path_redact_any (g_uri_get_path (uri));

  if (file_name != NULL)
    g_debug ("GET %.*s%s: 200, again", (int)(strrchr (path, '/') + 1 - path), path, file_name);
  else
    g_debug ("GET %s: 200, again", path);
}

gboolean
ph_repetition_try_answer (
    PhRepetition *self, const PhRequestHead *asked, GBytes **head, GBytes **body)
{
  char name[LONGEST_FILE_NAME + 1];

  if (!has_same_target (self, asked) || !has_same_fields (self, asked) ||
      (self->is_file && !read_file_name (self, asked, name)) || !ph_repetition_may_go_on (self))
    return FALSE;
  *body = self->source.find (&self->request, self->is_file ? name : NULL, self->source.user_data);
  if (*body == NULL)
    return FALSE;
  *head = make_head (self, g_bytes_get_size (*body));
  log_answer (self, self->is_file ? name : NULL);
  return TRUE;
}
