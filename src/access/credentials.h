/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Authorization header of HTTP and RTSP: Basic (RFC 7617) and Digest (RFC 7616, section 3.4,
 * and its forerunners RFC 2617 and RFC 2069, which many recorders still speak). Hostile text in,
 * struct out. Any thread. */
#pragma once

#include "access/hash.h"

#define PH_CREDENTIALS_MAX_LENGTH 4096

typedef struct {
  gboolean is_digest;
  char *name;
  char *password; /* Basic only */

  /* Digest only; as they stood in the header, without quotes */
  PhHash hash; /* told by the response's length: some name the one and use the other */
  char *realm;
  char *nonce;
  char *uri;
  char *response; /* lower case */
  char *qop; /* "auth"; NULL: as in RFC 2069, and then without nc and cnonce */
  char *nc; /* eight hexadecimal digits */
  char *cnonce;
} PhCredentials;

/* NULL with PH_ERROR_UNSUPPORTED for another scheme, algorithm or qop, with PH_ERROR_FAILED for
 * what is malformed. Messages hold nothing of the header. Lenient as to unknown parameters, commas
 * too many or missing, and quotes where there should be none. */
PhCredentials *ph_credentials_parse_any (const char *header, GError **error);
void ph_credentials_free (PhCredentials *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhCredentials, ph_credentials_free)

/* nc as a number. Of Digest credentials with a qop only. */
guint32 ph_credentials_get_count_any (const PhCredentials *self);
