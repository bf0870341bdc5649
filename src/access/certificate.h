/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* X.509 certificates (RFC 5280) of a server, in PEM form (RFC 7468). Any thread. */
#pragma once

#include <gio/gio.h>

/* Both files may be one. Blocks on the disk. Errors: PH_ERROR_SETTINGS, a sentence that begins with
 * the file to look at: missing, no PEM, locked by a passphrase, readable by everybody (of a key),
 * not the key of this certificate. An old certificate is no error. */
GTlsCertificate *ph_certificate_load (
    const char *certificate_file, const char *key_file, GError **error);

/* The PEM text of a new P-256 key and a certificate that it signed itself, for names (host names
 * and addresses; the first is the subject), good from a day before now for about ten years. now:
 * seconds since 1970. Free with ph_secret_free. Errors: PH_ERROR_FAILED. */
char *ph_certificate_make_self_signed (const char *const *names, gint64 now, GError **error);

/* This machine's host name, localhost, and its addresses, link-local ones left out; free with
 * g_strfreev. */
char **ph_certificate_list_own_names (void);

/* SHA-256 of the certificate, as browsers show it: "AB:CD:…"; free with g_free. */
char *ph_certificate_make_fingerprint (GTlsCertificate *certificate);

/* Whole days until it ends, negative when it did. now: seconds since 1970. */
int ph_certificate_get_days_left (GTlsCertificate *certificate, gint64 now);
