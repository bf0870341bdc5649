/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/links.h"

#include "access/link-list.h"
#include "base/error.h"
#include "base/state.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define KEY_FILE "link-key"
#define LIST_FILE "links.json"
#define KEY_BYTES 32
#define MAX_LINKS 1000
#define MAX_LIFETIME (PH_LINK_MAX_DAYS * G_GINT64_CONSTANT (86400)) /* seconds */

/* What a token holds, before base64 in the alphabet for URLs (RFC 4648, section 5). */
#define ID_BYTES 8
#define END_BYTES 8
#define CODE_BYTES 17
#define TOKEN_BYTES (ID_BYTES + END_BYTES + CODE_BYTES) /* of three times eleven: without "=" */
#define TOKEN_LENGTH (TOKEN_BYTES / 3 * 4)

struct _PhLinks {
  char *folder; /* NULL: not yet known */
  gboolean is_loaded, has_key;
  guint8 key[KEY_BYTES];
  GHashTable *by_id; /* PhLink's own id -> PhLink */
};

static gboolean
ensure_key (PhLinks *self, GError **error)
{
  if (self->has_key)
    return TRUE;
  if (gnutls_rnd (GNUTLS_RND_KEY, self->key, KEY_BYTES) < 0) {
    g_set_error_literal (
        error, PH_ERROR, PH_ERROR_UNAVAILABLE, "the system gives no random numbers");
    return FALSE;
  }
  self->has_key = ph_state_write (self->folder, KEY_FILE, self->key, KEY_BYTES, error);
  return self->has_key;
}

static gboolean
load_key (PhLinks *self, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GBytes) bytes = ph_state_read (self->folder, KEY_FILE, &cause);

  if (bytes != NULL && g_bytes_get_size (bytes) == KEY_BYTES) {
    memcpy (self->key, g_bytes_get_data (bytes, NULL), KEY_BYTES);
    self->has_key = TRUE;
  } else if (bytes != NULL) {
    g_warning ("%s/%s is not what was written: all links have ended", self->folder, KEY_FILE);
  }
  if (bytes != NULL || g_error_matches (cause, PH_ERROR, PH_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&cause));
  return FALSE;
}

static gboolean
load_list (PhLinks *self, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GBytes) bytes = ph_state_read (self->folder, LIST_FILE, &cause);

  if (bytes == NULL && !g_error_matches (cause, PH_ERROR, PH_ERROR_NOT_FOUND)) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return FALSE;
  }
  if (bytes != NULL && !ph_link_list_parse (bytes, self->by_id))
    g_warning ("%s/%s cannot be understood: all links have ended", self->folder, LIST_FILE);
  return TRUE;
}

static gboolean
ensure_loaded (PhLinks *self, GError **error)
{
  if (self->folder == NULL)
    self->folder = ph_state_make_folder (error);
  if (!self->is_loaded)
    self->is_loaded = self->folder != NULL && load_key (self, error) && load_list (self, error);
  return self->is_loaded;
}

PhLinks *
ph_links_new (const char *state_folder)
{
  PhLinks *self = g_new0 (PhLinks, 1);

  self->folder = g_strdup (state_folder);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, ph_link_free);
  return self;
}

void
ph_links_free (PhLinks *self)
{
  g_hash_table_unref (self->by_id);
  g_free (self->folder);
  explicit_bzero (self->key, sizeof self->key);
  g_free (self);
}

static gboolean
save_list (PhLinks *self, GError **error)
{
  g_autofree char *text = ph_link_list_print (self->by_id);

  return ph_state_write (self->folder, LIST_FILE, text, strlen (text), error);
}

static void
put_end (guint8 *bytes, gint64 end)
{
  guint64 big_endian = GUINT64_TO_BE ((guint64)end);

  memcpy (bytes, &big_endian, END_BYTES);
}

/* Names hold no "/", so that no other camera and stream make the same text. */
static void
put_code (PhLinks *self, guint8 *token, const char *camera, const char *stream)
{
  g_autoptr (GByteArray) text = g_byte_array_new ();
  guint8 code[32];

  g_byte_array_append (text, token, ID_BYTES + END_BYTES);
  g_byte_array_append (text, (const guint8 *)camera, strlen (camera));
  g_byte_array_append (text, (const guint8 *)"/", 1);
  if (stream != NULL)
    g_byte_array_append (text, (const guint8 *)stream, strlen (stream));
  gnutls_hmac_fast (GNUTLS_MAC_SHA256, self->key, KEY_BYTES, text->data, text->len, code);
  memcpy (token + ID_BYTES + END_BYTES, code, CODE_BYTES);
}

static char *
encode (const guint8 *token)
{
  char *text = g_base64_encode (token, TOKEN_BYTES);

  return g_strdelimit (g_strdelimit (text, "+", '-'), "/", '_');
}

static gboolean
decode (const char *text, guint8 *token)
{
  g_autofree char *standard = NULL;
  gsize length = 0;

  if (strnlen (text, TOKEN_LENGTH + 1) != TOKEN_LENGTH ||
      strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") !=
          TOKEN_LENGTH)
    return FALSE;
  standard = g_strdelimit (g_strdelimit (g_strdup (text), "-", '+'), "_", '/');
  g_base64_decode_inplace (standard, &length);
  if (length != TOKEN_BYTES)
    return FALSE;
  memcpy (token, standard, TOKEN_BYTES);
  return TRUE;
}

static char *
make_id (const guint8 *bytes)
{
  GString *id = g_string_new (NULL);

  for (gsize i = 0; i < ID_BYTES; i++)
    g_string_append_printf (id, "%02x", bytes[i]);
  return g_string_free (id, FALSE);
}

static gboolean
has_ended (gpointer id, gpointer link, gpointer now)
{
  return ((const PhLink *)link)->end <= *(gint64 *)now;
}

static gboolean
is_makeable (PhLinks *self, gint64 end, gint64 now, GError **error)
{
  if (end <= now || end > now + MAX_LIFETIME) {
    g_set_error (error, PH_ERROR, PH_ERROR_USAGE,
        "a link lasts at least a second and at most %d days", PH_LINK_MAX_DAYS);
    return FALSE;
  }
  g_hash_table_foreach_remove (self->by_id, has_ended, &now);
  if (g_hash_table_size (self->by_id) >= MAX_LINKS) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "there are %d links already; revoke one first", MAX_LINKS);
    return FALSE;
  }
  return TRUE;
}

char *
ph_links_make (PhLinks *self, const char *camera, const char *stream, const char *user, gint64 end,
    gint64 now, const PhLink **link, GError **error)
{
  guint8 token[TOKEN_BYTES];
  PhLink *made = NULL;

  if (!ensure_loaded (self, error) || !is_makeable (self, end, now, error) ||
      !ensure_key (self, error))
    return NULL;
  gnutls_rnd (GNUTLS_RND_NONCE, token, ID_BYTES);
  put_end (token + ID_BYTES, end);
  put_code (self, token, camera, stream);
  made = g_new0 (PhLink, 1);
  *made = (PhLink){ make_id (token), g_strdup (camera), g_strdup (stream), g_strdup (user), end };
  g_hash_table_replace (self->by_id, made->id, made);
  if (!save_list (self, error)) {
    g_hash_table_remove (self->by_id, made->id);
    return NULL;
  }
  *link = made;
  return encode (token);
}

/* What the list says counts, so that a list from elsewhere opens nothing. */
static gboolean
is_signed (PhLinks *self, const guint8 *token, const PhLink *link)
{
  guint8 expected[TOKEN_BYTES];

  memcpy (expected, token, ID_BYTES);
  put_end (expected + ID_BYTES, link->end);
  put_code (self, expected, link->camera, link->stream);
  return gnutls_memcmp (expected, token, TOKEN_BYTES) == 0;
}

const PhLink *
ph_links_find (PhLinks *self, const char *token, const char *camera, gint64 now)
{
  guint8 bytes[TOKEN_BYTES];
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;
  const PhLink *link;

  if (!decode (token, bytes))
    return NULL;
  if (!ensure_loaded (self, &error)) {
    g_warning ("no link is looked at: %s", error->message);
    return NULL;
  }
  id = make_id (bytes);
  link = ph_links_get (self, id, now);
  if (link == NULL || !self->has_key || strcmp (link->camera, camera) != 0)
    return NULL;
  return is_signed (self, bytes, link) ? link : NULL;
}

gboolean
ph_links_revoke (PhLinks *self, const char *id, GError **error)
{
  if (!ensure_loaded (self, error))
    return FALSE;
  if (g_hash_table_remove (self->by_id, id))
    return save_list (self, error);
  g_set_error_literal (error, PH_ERROR, PH_ERROR_NOT_FOUND, "there is no such link");
  return FALSE;
}

static int
compare_ends (gconstpointer a, gconstpointer b)
{
  const PhLink *first = *(const PhLink *const *)a;
  const PhLink *second = *(const PhLink *const *)b;

  if (first->end != second->end)
    return first->end < second->end ? -1 : 1;
  return strcmp (first->id, second->id);
}

GPtrArray *
ph_links_list (PhLinks *self, const char *camera, gint64 now, GError **error)
{
  GHashTableIter iter;
  GPtrArray *list;
  PhLink *link;

  if (!ensure_loaded (self, error))
    return NULL;
  list = g_ptr_array_new ();
  g_hash_table_foreach_remove (self->by_id, has_ended, &now);
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&link))
    if (strcmp (link->camera, camera) == 0)
      g_ptr_array_add (list, link);
  g_ptr_array_sort (list, compare_ends);
  return list;
}

const PhLink *
ph_links_get (PhLinks *self, const char *id, gint64 now)
{
  const PhLink *link = g_hash_table_lookup (self->by_id, id);

  return link != NULL && link->end > now ? link : NULL;
}
