/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/echo.h"

#include "build-config.h"
#include "remote/address.h"
#include "remote/fetch.h"

#define MAX_BYTES 1024 /* an address takes 15 */
#define DEADLINE_MS 10000

struct _PhEcho {
  SoupSession *session;
  GPtrArray *answers; /* element-type PhEchoAnswer */
  GCancellable *cancellable; /* nullable: of those under way */
  guint n_busy;
  PhEchoDone done;
  gpointer user_data;
};

typedef struct {
  PhEcho *owner; /* to be looked at only while cancellable was not fired */
  PhEchoAnswer *answer; /* the same */
  GCancellable *cancellable; /* reference */
} Question;

static void
free_answer (gpointer user_data)
{
  PhEchoAnswer *self = user_data;

  g_free (self->url);
  g_free (self->said);
  g_clear_object (&self->address);
  g_free (self);
}

/* From an IPv4 socket: a service tells the address of the connection. */
static SoupSession *
open_session (const char *ca_file)
{
  g_autoptr (GInetAddress) any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new (any, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsDatabase) authorities =
      ca_file != NULL ? g_tls_file_database_new (ca_file, &error) : NULL;
  SoupSession *session = soup_session_new_with_options (
      "local-address", local, "user-agent", "Porthole/" PH_VERSION, NULL);

  if (error != NULL)
    g_warning ("the certificate authorities in %s cannot be used: %s", ca_file, error->message);
  if (authorities != NULL)
    soup_session_set_tls_database (session, authorities);
  return session;
}

PhEcho *
ph_echo_new (const char *const *urls, const char *ca_file, PhEchoDone done, gpointer user_data)
{
  PhEcho *self = g_new0 (PhEcho, 1);

  self->session = open_session (ca_file);
  self->answers = g_ptr_array_new_with_free_func (free_answer);
  self->done = done;
  self->user_data = user_data;
  for (; *urls != NULL; urls++) {
    PhEchoAnswer *answer = g_new0 (PhEchoAnswer, 1);

    answer->url = g_strdup (*urls);
    answer->said = g_strdup ("it was not asked yet");
    g_ptr_array_add (self->answers, answer);
  }
  return self;
}

static void
cancel (PhEcho *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->n_busy = 0;
}

void
ph_echo_free (PhEcho *self)
{
  cancel (self);
  g_object_unref (self->session);
  g_ptr_array_unref (self->answers);
  g_free (self);
}

GInetAddress *
ph_echo_parse (const char *body, gsize length)
{
  g_autofree char *text = NULL;

  if (length == 0 || length > MAX_BYTES || memchr (body, '\0', length) != NULL)
    return NULL;
  text = g_strstrip (g_strndup (body, length));
  return g_inet_address_new_from_string (text);
}

static void
take_body (PhEchoAnswer *answer, GBytes *body)
{
  g_autoptr (GInetAddress) address =
      ph_echo_parse (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  PhAddressKind kind = address != NULL ? ph_address_classify (address) : PH_ADDRESS_RESERVED;

  g_free (answer->said);
  if (address == NULL)
    answer->said = g_strdup ("it answers with something that is no address");
  else if (g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV4)
    answer->said = g_strdup ("it answers with an IPv6 address to IPv4");
  else if (kind != PH_ADDRESS_PUBLIC)
    answer->said = g_strdup_printf ("it answers with %s", ph_address_kind_get_words (kind));
  else {
    answer->said = g_inet_address_to_string (address);
    g_set_object (&answer->address, address);
  }
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (GCancellable) cancellable = question->cancellable;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = ph_fetch_finish (result, &error);

  if (g_cancellable_is_cancelled (cancellable))
    return;
  question->answer->has_answered = body != NULL;
  if (body != NULL)
    take_body (question->answer, body);
  else {
    g_free (question->answer->said);
    question->answer->said = g_strdup_printf ("it cannot be asked: %s", error->message);
  }
  g_debug ("%s: %s", question->answer->url, question->answer->said);
  if (--question->owner->n_busy == 0)
    question->owner->done (question->owner->user_data);
}

static void
ask (PhEcho *self, PhEchoAnswer *answer)
{
  static const PhFetchLimits limits = { MAX_BYTES, DEADLINE_MS };
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, answer->url);
  Question *question = NULL;

  if (message == NULL)
    return;
  question = g_new (Question, 1);
  *question = (Question){ self, answer, g_object_ref (self->cancellable) };
  soup_message_headers_replace (soup_message_get_request_headers (message), "Connection", "close");
  self->n_busy++;
  ph_fetch_async (self->session, message, &limits, self->cancellable, on_answered, question);
}

void
ph_echo_ask (PhEcho *self)
{
  ph_echo_forget (self);
  self->cancellable = g_cancellable_new ();
  for (guint i = 0; i < self->answers->len; i++)
    ask (self, g_ptr_array_index (self->answers, i));
}

gboolean
ph_echo_is_busy (PhEcho *self)
{
  return self->n_busy > 0;
}

void
ph_echo_forget (PhEcho *self)
{
  cancel (self);
  for (guint i = 0; i < self->answers->len; i++)
    g_clear_object (&((PhEchoAnswer *)g_ptr_array_index (self->answers, i))->address);
}

static guint
count (PhEcho *self, GInetAddress *address)
{
  guint n = 0;

  for (guint i = 0; i < self->answers->len; i++) {
    const PhEchoAnswer *other = g_ptr_array_index (self->answers, i);

    n += other->address != NULL && g_inet_address_equal (other->address, address);
  }
  return n;
}

GInetAddress *
ph_echo_get_address (PhEcho *self)
{
  for (guint i = 0; i < self->answers->len; i++) {
    const PhEchoAnswer *answer = g_ptr_array_index (self->answers, i);

    if (answer->address != NULL && (self->answers->len == 1 || count (self, answer->address) >= 2))
      return answer->address;
  }
  return NULL;
}

GPtrArray *
ph_echo_get_answers (PhEcho *self)
{
  return self->answers;
}
