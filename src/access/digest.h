/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Digest access authentication (RFC 7616) and what HTTP and RTSP say to somebody without a name.
 * Any thread. */
#pragma once

#include "access/credentials.h"
#include "access/users.h"

typedef enum {
  /* HTTP: the same path, and the same query or none. */
  PH_URI_SAME,
  /* RTSP: the same, or one lies within the other: live555 and what is built on it name the
   * presentation in all requests, also for SETUP of a stream in it. */
  PH_URI_WITHIN
} PhUriRule;

/* What to send as WWW-Authenticate, a header for each line, in this order; free with g_strfreev.
 * First SHA-256, as RFC 7616, section 3.7 wants the strongest first; MD5 next, since players that
 * take the last Digest they see (ffmpeg, live555, GStreamer) know nothing else; then Basic. Realm
 * and nonce stand first because live555 looks for them there.
 * nonce is for both; they differ in the hash only. */
char **ph_digest_make_challenges_any (const char *nonce, gboolean is_stale, gboolean with_basic);

/* Whether the response is that of the user's password, for this method and the uri that the
 * credentials name. user NULL: FALSE, after about the same time. */
gboolean ph_digest_is_right_any (
    const PhCredentials *credentials, const PhUser *user, const char *method);

/* Whether the credentials' uri means the one of the request line (RFC 7616, section 3.4.6). Scheme
 * and host do not count: behind a port mapping they are not ours. Nor do percent-encoding, "/" at
 * the end, and, for RTSP, the query. To a request for "*" any uri fits. */
gboolean ph_digest_uri_fits_any (
    const char *credentials_uri, const char *request_uri, PhUriRule rule);
