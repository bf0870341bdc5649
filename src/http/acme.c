/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/acme.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "/.well-known/acme-challenge/"
/* base64url (RFC 4648, section 5) */
#define TOKEN_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#define LONGEST_TOKEN 255
/* A token, a dot and a thumbprint of 43 letters (RFC 8555, section 8.1), and an end of line. */
#define LONGEST_ANSWER 512

struct _PhAcme {
  char *webroot; /* nullable */
};

PhAcme *
ph_acme_new (const char *webroot)
{
  PhAcme *self = g_new0 (PhAcme, 1);

  self->webroot = g_strdup (webroot);
  return self;
}

void
ph_acme_set_webroot (PhAcme *self, const char *webroot)
{
  g_free (self->webroot);
  self->webroot = g_strdup (webroot);
}

void
ph_acme_free (PhAcme *self)
{
  g_free (self->webroot);
  g_free (self);
}

gboolean
ph_acme_is_challenge_any (const char *path)
{
  return g_str_has_prefix (path, PREFIX);
}

static gboolean
is_token (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= LONGEST_TOKEN && strspn (text, TOKEN_LETTERS) == length;
}

/* Takes folder, a descriptor or -1. */
static int
open_below (int folder, const char *name, int flags)
{
  int opened = folder >= 0 ? openat (folder, name, flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;

  if (folder >= 0)
    close (folder);
  return opened;
}

/* Only the way to webroot itself may lead over symbolic links. -1: there is none. */
static int
open_challenge (const char *webroot, const char *token)
{
  int folder = open (webroot, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

  folder = open_below (folder, ".well-known", O_DIRECTORY);
  folder = open_below (folder, "acme-challenge", O_DIRECTORY);
  return open_below (folder, token, O_NONBLOCK);
}

/* NULL: it is no challenge. */
static GBytes *
read_challenge (int file)
{
  char answer[LONGEST_ANSWER];
  struct stat status;
  gssize length;

  if (fstat (file, &status) != 0 || !S_ISREG (status.st_mode) || status.st_size > LONGEST_ANSWER)
    return NULL;
  length = read (file, answer, sizeof answer);
  return length > 0 ? g_bytes_new (answer, length) : NULL;
}

void
ph_acme_handle (PhRequest *request, gpointer user_data)
{
  PhAcme *self = user_data;
  int file = self->webroot != NULL && is_token (request->rest)
                 ? open_challenge (self->webroot, request->rest)
                 : -1;
  g_autoptr (GBytes) answer = file >= 0 ? read_challenge (file) : NULL;

  if (file >= 0)
    close (file);
  if (answer == NULL) {
    ph_request_reply_text (request->message, SOUP_STATUS_NOT_FOUND, "There is no such challenge");
    return;
  }
  ph_request_reply_bytes (request->message, SOUP_STATUS_OK, "application/octet-stream", answer);
  soup_message_headers_replace (
      soup_server_message_get_response_headers (request->message), "Cache-Control", "no-store");
}
