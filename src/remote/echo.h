/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks web services under which IPv4 address they see us. Main thread, never blocks. */
#pragma once

#include <gio/gio.h>

typedef struct _PhEcho PhEcho;

/* What one service came to. To be looked at only. */
typedef struct {
  char *url;
  char *said; /* in words; never NULL */
  GInetAddress *address; /* nullable */
  gboolean has_answered; /* with whatever */
} PhEchoAnswer;

/* All have answered, or 10 seconds are over. */
typedef void (*PhEchoDone) (gpointer user_data);

/* urls: http or https, may be empty. ca_file: authorities to believe, NULL: the system's; one that
 * cannot be read is a warning. */
PhEcho *ph_echo_new (
    const char *const *urls, const char *ca_file, PhEchoDone done, gpointer user_data);
/* Calls nobody any more. */
void ph_echo_free (PhEcho *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhEcho, ph_echo_free)

/* Forgets the answers and asks all services; those under way are asked again. */
void ph_echo_ask (PhEcho *self);
gboolean ph_echo_is_busy (PhEcho *self);
void ph_echo_forget (PhEcho *self);

/* The public address that two services agree on, or the only one there is says. NULL: none; owned
 * by self. */
GInetAddress *ph_echo_get_address (PhEcho *self);
/* Element-type PhEchoAnswer; owned by self. */
GPtrArray *ph_echo_get_answers (PhEcho *self);

/* The one address that body consists of, nothing else, white space aside. NULL: it is something
 * else, like the page of a hotel's log-in. */
GInetAddress *ph_echo_parse (const char *body, gsize length);
