/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks somebody outside over HTTPS, as those want to be asked who ban programs for less: a name of
 * its own, one connection for each call (HTTP/1.1, closed after it), no more than 30 seconds and
 * 64 KiB, certificates checked, never from https to http. A redirection is followed only to the
 * same server, and never with a password. Goes through the proxy that $https_proxy names, but for
 * $no_proxy. Main thread. */
#pragma once

#include <gio/gio.h>

#define PH_DDNS_HTTP_TIMEOUT 30 /* seconds, for all of a call */
#define PH_DDNS_HTTP_MAX_BYTES (64 * 1024)

typedef struct _PhDdnsHttp PhDdnsHttp;

typedef struct {
  char *method;
  char *url; /* https, or http to this machine; may hold secrets */
  char *body; /* nullable */
  char *content_type; /* of body */
  char *authorization; /* the header's value; nullable; secret */
  GSocketFamily family; /* G_SOCKET_FAMILY_INVALID: any; else the connection is of this family */
} PhDdnsRequest;

void ph_ddns_request_free (PhDdnsRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDdnsRequest, ph_ddns_request_free)

typedef struct {
  guint status; /* of HTTP; 0: there was no answer */
  const char *body; /* UTF-8, whatever was sent; never NULL */
  gint64 retry_after; /* seconds; -1: not said (RFC 9110, section 10.2.3) */
  const char *failure; /* without an answer: why; else NULL */
} PhDdnsReply;

/* reply is valid until it returns. Not called once the cancellable was cancelled. */
typedef void (*PhDdnsDone) (const PhDdnsReply *reply, gpointer user_data);

/* ca_file: PEM with the authorities to believe; NULL: the system's. contact: mail address that
 * providers are told; NULL: the one of the build. Errors: PH_ERROR_SETTINGS. */
PhDdnsHttp *ph_ddns_http_new (const char *ca_file, const char *contact, GError **error);
/* Calls under way end with done never called, if they were given a cancellable that is cancelled
 * first. */
void ph_ddns_http_free (PhDdnsHttp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDdnsHttp, ph_ddns_http_free)

/* Takes request. done is called once, never before this returns. */
void ph_ddns_http_send (PhDdnsHttp *self, PhDdnsRequest *request, GCancellable *cancellable,
    PhDdnsDone done, gpointer user_data);
