/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/reach.h"

#include "access/throttle.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define TOKEN_BYTES 16
#define LIFETIME_S (10 * 60)
#define FAILURES 10 /* of one peer, until it is banned */
#define BAN_S (10 * 60)
#define TELL_S (10 * 60) /* of visits: whoever is told writes to the disk */

struct _PhReach {
  PhAccessGuard *access; /* nullable */
  PhReachOwner owner;
  PhThrottle *throttle;
  char *path; /* nullable */
  gint64 expires;
  GInetAddress *visitor; /* nullable */
  gint64 visited_at;
  gint64 told_at; /* 0: not yet */
};

PhReach *
ph_reach_new (void)
{
  PhReach *self = g_new0 (PhReach, 1);
  PhThrottleLimits limits = ph_throttle_default_limits;

  limits.failures = FAILURES;
  limits.ban_s = BAN_S;
  self->throttle = ph_throttle_new (&limits, NULL);
  return self;
}

static void
forget_token (PhReach *self)
{
  g_clear_pointer (&self->path, g_free);
  self->expires = 0;
}

void
ph_reach_free (PhReach *self)
{
  forget_token (self);
  ph_throttle_free (self->throttle);
  g_clear_object (&self->visitor);
  g_free (self);
}

void
ph_reach_set_access (PhReach *self, PhAccessGuard *access)
{
  self->access = access;
}

void
ph_reach_set_owner (PhReach *self, const PhReachOwner *owner)
{
  self->owner = *owner;
}

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* NULL: there is no randomness to be had. */
static char *
make_path (void)
{
  guint8 bytes[TOKEN_BYTES];
  g_autofree char *text = NULL;

  if (gnutls_rnd (GNUTLS_RND_KEY, bytes, sizeof bytes) < 0)
    return NULL;
  text = g_base64_encode (bytes, sizeof bytes);
  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return g_strconcat (PH_REACH_PREFIX, text, NULL);
}

const char *
ph_reach_ensure_path (PhReach *self, gint64 *expires)
{
  if (self->path == NULL || get_now () >= self->expires) {
    forget_token (self);
    self->path = make_path ();
    self->expires = get_now () + LIFETIME_S;
  }
  *expires = self->expires;
  return self->path;
}

/* In a time that tells nothing of where they differ. */
static gboolean
is_right (PhReach *self, const char *token)
{
  const char *expected = self->path != NULL ? self->path + strlen (PH_REACH_PREFIX) : NULL;

  return expected != NULL && get_now () < self->expires && strlen (token) == strlen (expected) &&
         gnutls_memcmp (token, expected, strlen (expected)) == 0;
}

/* NULL: whoever hung up has none. */
static GInetAddress *
find_peer (PhReach *self, SoupServerMessage *message)
{
  return self->access != NULL ? ph_access_guard_find_peer (self->access, message) : NULL;
}

static gboolean
is_inside (PhReach *self, GInetAddress *peer)
{
  return self->owner.is_inside == NULL || self->owner.is_inside (peer, self->owner.user_data);
}

static void
maybe_tell (PhReach *self)
{
  gint64 passed = self->visited_at - self->told_at;

  if (self->owner.visited == NULL || (self->told_at > 0 && passed >= 0 && passed < TELL_S))
    return;
  self->told_at = self->visited_at;
  self->owner.visited (self->owner.user_data);
}

void
ph_reach_note_visit (PhReach *self, SoupServerMessage *message)
{
  g_autoptr (GInetAddress) peer = find_peer (self, message);

  if (peer == NULL)
    return;
  if (self->visitor == NULL || !g_inet_address_equal (peer, self->visitor)) {
    if (is_inside (self, peer))
      return;
    g_set_object (&self->visitor, peer);
  }
  self->visited_at = get_now ();
  maybe_tell (self);
}

void
ph_reach_restore_visitor (PhReach *self, GInetAddress *visitor, gint64 at)
{
  g_set_object (&self->visitor, visitor);
  self->visited_at = at;
}

GInetAddress *
ph_reach_get_visitor (PhReach *self, gint64 *at)
{
  *at = self->visited_at;
  return self->visitor;
}

static void
reply_page (SoupServerMessage *message, const char *title, const char *sentence)
{
  g_autofree char *page =
      g_strdup_printf ("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                       "<meta name=\"robots\" content=\"noindex\"><title>Porthole</title>"
                       "<h1>%s</h1><p>%s</p></html>\n",
          title, sentence);
  g_autoptr (GBytes) body = g_bytes_new (page, strlen (page));

  ph_request_reply_bytes (message, SOUP_STATUS_OK, "text/html; charset=utf-8", body);
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Cache-Control", "no-store");
}

static void
reply_reached (PhReach *self, SoupServerMessage *message, GInetAddress *peer)
{
  g_autofree char *address = g_inet_address_to_string (peer);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *when = g_date_time_format (now, "%F %T UTC");
  gboolean is_tls = g_str_equal (g_uri_get_scheme (soup_server_message_get_uri (message)), "https");
  g_autofree char *sentence = g_strdup_printf ("Porthole was reached at %s, %s, from %s.", when,
      is_tls ? "encrypted (TLS)" : "not encrypted", address);
  g_autofree char *inside = g_strdup_printf (
      "You came from %s, which is inside: your router leads its own public address back in, or "
      "this "
      "device is in the same network. Switch Wi-Fi off and open this address again.",
      address);

  if (is_inside (self, peer)) {
    reply_page (message, "Not from outside", inside);
    return;
  }
  forget_token (self);
  ph_reach_note_visit (self, message);
  g_message ("reached from outside by %s", address);
  reply_page (message, "It works", sentence);
  if (self->owner.proven != NULL)
    self->owner.proven (self->owner.user_data);
}

static void
reply_nothing (SoupServerMessage *message)
{
  ph_request_reply_text (message, SOUP_STATUS_NOT_FOUND, "There is nothing at this address");
}

void
ph_reach_handle (PhRequest *request, gpointer user_data)
{
  PhReach *self = user_data;
  SoupServerMessage *message = request->message;
  g_autoptr (GInetAddress) peer = find_peer (self, message);
  gint64 now_us = g_get_monotonic_time ();
  gboolean is_banned = FALSE;

  if (peer == NULL) {
    reply_nothing (message);
  } else if (ph_throttle_get_wait_us (self->throttle, peer, now_us, &is_banned) > 0) {
    ph_request_reply_text (message, PH_STATUS_TOO_MANY_REQUESTS, "Too many tries; wait a while");
  } else if (ph_request_is_head (request) || !is_right (self, request->rest)) {
    ph_throttle_note_failure (self->throttle, peer, NULL, now_us, &is_banned);
    reply_nothing (message);
  } else {
    reply_reached (self, message, peer);
  }
}
