/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/certificate.h"

#include "base/error.h"
#include "base/regular-file.h"
#include "base/secret-file.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#define MAX_BYTES (1024 * 1024)

static gboolean
read_file (const char *file, gnutls_datum_t *datum, GError **error)
{
  g_autoptr (GError) cause = NULL;
  gsize length = 0;
  char *bytes = ph_regular_file_read (file, MAX_BYTES, &length, &cause);

  if (bytes == NULL) {
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "%s: %s", file, cause->message);
    return FALSE;
  }
  datum->data = (guchar *)bytes;
  datum->size = length;
  return TRUE;
}

static gboolean
is_kept_secret (const char *key_file, GError **error)
{
  if (ph_secret_file_check (key_file, error))
    return TRUE;
  g_prefix_error (error, "%s: ", key_file);
  return FALSE;
}

static void
explain (int code, const char *certificate_file, const char *key_file, GError **error)
{
  switch (code) {
  case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
        "%s: holds another key than that of the certificate in %s", key_file, certificate_file);
    break;
  case GNUTLS_E_DECRYPTION_FAILED:
  case GNUTLS_E_PKCS11_PIN_ERROR:
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
        "%s: the key is locked by a passphrase; allowed: a key without one", key_file);
    break;
  default:
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "%s and %s: no certificate and its key: %s",
        certificate_file, key_file, gnutls_strerror (code));
  }
}

/* Looked at by itself, since what check_pair calls leaks when it is bad (GnuTLS 3.7). */
static gboolean
has_certificate (const gnutls_datum_t *datum, const char *file, GError **error)
{
  gnutls_x509_crt_t *list = NULL;
  unsigned n = 0;
  int code = gnutls_x509_crt_list_import2 (&list, &n, datum, GNUTLS_X509_FMT_PEM, 0);

  for (unsigned i = 0; code >= 0 && i < n; i++)
    gnutls_x509_crt_deinit (list[i]);
  if (code >= 0) {
    gnutls_free (list);
    return TRUE;
  }
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "%s: holds no certificate in PEM form", file);
  return FALSE;
}

static gboolean
has_key (const gnutls_datum_t *datum, const char *file, GError **error)
{
  if (g_strstr_len ((const char *)datum->data, datum->size, "PRIVATE KEY-----") != NULL)
    return TRUE;
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "%s: holds no private key in PEM form", file);
  return FALSE;
}

/* GIO's own loader takes a key that does not belong to the certificate. */
static gboolean
check_pair (const gnutls_datum_t *certificate, const gnutls_datum_t *key,
    const char *certificate_file, const char *key_file, GError **error)
{
  gnutls_certificate_credentials_t credentials = NULL;
  int code = gnutls_certificate_allocate_credentials (&credentials);

  if (code >= 0) {
    code = gnutls_certificate_set_x509_key_mem2 (
        credentials, certificate, key, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_certificate_free_credentials (credentials);
  }
  if (code < 0)
    explain (code, certificate_file, key_file, error);
  return code >= 0;
}

/* certificate and key may be one text. */
static GTlsCertificate *
make_certificate (const gnutls_datum_t *certificate, const gnutls_datum_t *key,
    const char *certificate_file, GError **error)
{
  g_autoptr (GString) pem = g_string_new_len ((const char *)certificate->data, certificate->size);
  g_autoptr (GError) cause = NULL;
  GTlsCertificate *made = NULL;

  if (key->size != certificate->size || memcmp (key->data, certificate->data, key->size) != 0) {
    g_string_append_c (pem, '\n');
    g_string_append_len (pem, (const char *)key->data, key->size);
  }
  made = g_tls_certificate_new_from_pem (pem->str, pem->len, &cause);
  explicit_bzero (pem->str, pem->len);
  if (made == NULL)
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "%s: %s", certificate_file, cause->message);
  return made;
}

GTlsCertificate *
ph_certificate_load (const char *certificate_file, const char *key_file, GError **error)
{
  gnutls_datum_t certificate = { 0 }, key = { 0 };
  GTlsCertificate *loaded = NULL;

  if (read_file (certificate_file, &certificate, error) && read_file (key_file, &key, error) &&
      is_kept_secret (key_file, error) && has_certificate (&certificate, certificate_file, error) &&
      has_key (&key, key_file, error) &&
      check_pair (&certificate, &key, certificate_file, key_file, error))
    loaded = make_certificate (&certificate, &key, certificate_file, error);
  if (key.data != NULL)
    explicit_bzero (key.data, key.size);
  g_free (certificate.data);
  g_free (key.data);
  return loaded;
}

char *
ph_certificate_make_fingerprint (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  GString *text = g_string_new (NULL);
  guint8 digest[32];
  gsize length = sizeof digest;

  g_object_get (certificate, "certificate", &der, NULL);
  g_checksum_update (checksum, der->data, der->len);
  g_checksum_get_digest (checksum, digest, &length);
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (text, "%s%02X", i > 0 ? ":" : "", digest[i]);
  return g_string_free (text, FALSE);
}

int
ph_certificate_get_days_left (GTlsCertificate *certificate, gint64 now)
{
  g_autoptr (GDateTime) end = g_tls_certificate_get_not_valid_after (certificate);
  gint64 seconds = g_date_time_to_unix (end) - now;

  return (int)((seconds < 0 ? seconds - 86399 : seconds) / 86400);
}
