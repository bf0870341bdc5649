/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/cors.h"

#define ANY "*"
#define METHODS "GET, HEAD"
#define HEADERS "Authorization, Content-Type, Range"
#define MAX_AGE "600" /* seconds */

static const char *
get_header (SoupServerMessage *message, const char *name)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (message), name);
}

/* What Access-Control-Allow-Origin says; NULL: nothing. */
static const char *
find_allowed (SoupServerMessage *message, const char *const *origins)
{
  const char *origin = get_header (message, "Origin");

  if (origin == NULL || origins == NULL)
    return NULL;
  if (g_strv_contains (origins, origin) && !g_str_equal (origin, ANY))
    return origin;
  return g_strv_contains (origins, ANY) ? ANY : NULL;
}

void
ph_cors_allow (SoupServerMessage *message, const char *const *origins)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  const char *allowed = find_allowed (message, origins);

  if (origins == NULL || origins[0] == NULL)
    return;
  /* Also of what is refused: a cache must not answer one site with what another was told. */
  soup_message_headers_replace (headers, "Vary", "Origin");
  if (allowed == NULL)
    return;
  soup_message_headers_replace (headers, "Access-Control-Allow-Origin", allowed);
  soup_message_headers_replace (headers, "Access-Control-Expose-Headers", "Retry-After");
  if (!g_str_equal (allowed, ANY))
    soup_message_headers_replace (headers, "Access-Control-Allow-Credentials", "true");
}

gboolean
ph_cors_try_answer (SoupServerMessage *message, const char *const *origins)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  if (soup_server_message_get_method (message) != SOUP_METHOD_OPTIONS ||
      get_header (message, "Access-Control-Request-Method") == NULL ||
      find_allowed (message, origins) == NULL)
    return FALSE;
  soup_server_message_set_status (message, SOUP_STATUS_NO_CONTENT, NULL);
  soup_message_headers_replace (headers, "Access-Control-Allow-Methods", METHODS);
  soup_message_headers_replace (headers, "Access-Control-Allow-Headers", HEADERS);
  soup_message_headers_replace (headers, "Access-Control-Max-Age", MAX_AGE);
  return TRUE;
}
