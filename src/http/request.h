/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every HTTP handler is given, and the answers and checks they share. Main thread.
 *
 * A handler either sets a status before it returns (the reply functions below do), or pauses the
 * message and answers later. HEAD comes to the handler of GET: whoever answers with a length need
 * not care, the body is left out on the way; an endless answer must not begin. */
#pragma once

#include "base/fields.h"
#include "camera/camera.h"
#include "camera/viewers.h"
#include "http/guard.h"

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

typedef struct _PhRequest {
  SoupServerMessage *message; /* unowned */
  const char
      *rest; /* what the path has after "/NAME/" (or in place of the route's "*"); "" if none */
  GHashTable *query; /* nullable; decoded keys to decoded values */
  PhCamera *camera; /* unowned; NULL for a route without a camera */
  gboolean is_over; /* camera is in the settings no more */
  const PhHttpGuard *guard; /* nullable; has let this request through */
  PhViewers *viewers; /* nullable: who watches is listed nowhere */
  /* Counts changes of what this request was judged by; nullable: it is not known of them. */
  const guint *n_changes;
} PhRequest;

/* request is valid until the handler returns. */
typedef void (*PhRouteHandler) (PhRequest *request, gpointer user_data);

gboolean ph_request_is_head (const PhRequest *request);

/* Lists whoever sent the request as a viewer of stream, as ph_viewers_add_any(). */
PhViewer *ph_request_add_viewer (PhRequest *request, PhViewerKind kind, const char *stream,
    const PhViewerServer *server, gpointer data);

/* Whether whoever sent the request is outside while remote.allowance is nearly spent. */
gboolean ph_request_must_save (PhRequest *request);
/* The one stream of camera that it may have then; NULL: it may have all. Owned by camera. */
const PhStreamConfig *ph_request_find_only_stream (PhRequest *request, PhCamera *camera);
/* The address of whoever sent the request, behind trusted proxies too; free with g_free. */
char *ph_request_dup_peer (PhRequest *request);

/* Statuses libsoup has no name for (RFC 6585, sections 4 and 5). */
#define PH_STATUS_TOO_MANY_REQUESTS 429
#define PH_STATUS_HEADERS_TOO_LARGE 431

/* One sentence as text/plain, or below /api as {"error": sentence}; never cached. */
void ph_request_reply_text (SoupServerMessage *message, guint status, const char *sentence);
void ph_request_reply_format (SoupServerMessage *message, guint status, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* What builder holds; never cached. X-Timestamp says what time it is here, in seconds since 1970,
 * so that the page can tell the age of pictures on a device whose clock goes wrong. */
void ph_request_reply_json (SoupServerMessage *message, JsonBuilder *builder);
/* 422 with {"error": sentence, "problems": […]}; problems: element-type char *. */
void ph_request_reply_problems (
    SoupServerMessage *message, const char *sentence, GPtrArray *problems);
/* body whole, with its length. Sets no caching rule. */
void ph_request_reply_bytes (
    SoupServerMessage *message, guint status, const char *content_type, GBytes *body);

/* 503 with Retry-After (whole seconds, at least one), the camera's last error, if it has one, and
 * the age of its last picture (X-Last-Picture-Age, seconds), if there was one.
 * Needs only message and camera of the request, so a later answer can make one up. */
void ph_request_reply_lost (PhRequest *request);

/* The JSON body as table describes it; free with ph_table_free_record. NULL: it is answered, with
 * 415 when it is no application/json (which a form of another site cannot be) and 400 with what is
 * wrong. */
gpointer ph_request_read_record (PhRequest *request, const PhTable *table);

/* Each of these answers the request itself when it returns FALSE or NULL. */

/* 400 for a query key other than those listed (NULL at the end). */
gboolean ph_request_allow_keys (PhRequest *request, ...) G_GNUC_NULL_TERMINATED;
/* value becomes fallback when the key is missing; 400 when it is no number from min to max. */
gboolean ph_request_get_uint (
    PhRequest *request, const char *key, guint min, guint max, guint fallback, guint *value);
gboolean ph_request_get_double (
    PhRequest *request, const char *key, double min, double max, double fallback, double *value);
/* TRUE for "1" and "true", FALSE for "0", "false" and a missing key; else 400. */
gboolean ph_request_get_boolean (PhRequest *request, const char *key, gboolean *value);
/* 403 for who must save, if it is the smallest stream's codec and feed another stream. */
gboolean ph_request_allow_feed (PhRequest *request, PhFeed *feed);
/* The feed ?stream=NAME asks for, else the camera's first with codec, for who must save the
 * smallest stream. 404 when there is none or its codec is another; 403 as ph_request_allow_feed().
 * Owned by the camera. */
PhFeed *ph_request_find_feed (PhRequest *request, PhCodec codec);
