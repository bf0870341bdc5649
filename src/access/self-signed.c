/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/certificate.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#define DAY 86400
#define LIFETIME (3650 * DAY)

typedef struct {
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t certificate;
} Pair;

static void
pair_clear (Pair *self)
{
  if (self->certificate != NULL)
    gnutls_x509_crt_deinit (self->certificate);
  if (self->key != NULL)
    gnutls_x509_privkey_deinit (self->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static int
add_name (gnutls_x509_crt_t certificate, const char *name)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (name);

  if (address != NULL)
    return gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS,
        g_inet_address_to_bytes (address), g_inet_address_get_native_size (address),
        GNUTLS_FSAN_APPEND);
  return gnutls_x509_crt_set_subject_alt_name (
      certificate, GNUTLS_SAN_DNSNAME, name, strlen (name), GNUTLS_FSAN_APPEND);
}

static int
add_names (gnutls_x509_crt_t certificate, const char *const *names)
{
  int code = 0;

  for (gsize i = 0; names[i] != NULL && code >= 0; i++)
    code = add_name (certificate, names[i]);
  return code;
}

/* A positive number (RFC 5280, section 4.1.2.2). */
static int
set_serial (gnutls_x509_crt_t certificate)
{
  guint8 serial[16];
  int code = gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial);

  serial[0] = (serial[0] & 0x7f) | 0x40;
  return code < 0 ? code : gnutls_x509_crt_set_serial (certificate, serial, sizeof serial);
}

static int
fill (Pair *pair, const char *const *names, gint64 now)
{
  gnutls_x509_crt_t certificate = pair->certificate;
  const char *subject = names[0] != NULL ? names[0] : "porthole";
  int code = set_serial (certificate);

  /* 64: the longest common name (RFC 5280, appendix A.1) */
  if (code >= 0)
    code = gnutls_x509_crt_set_dn_by_oid (
        certificate, GNUTLS_OID_X520_COMMON_NAME, 0, subject, (unsigned)MIN (strlen (subject), 64));
  if (code >= 0)
    code = add_names (certificate, names);
  if (code >= 0)
    code = gnutls_x509_crt_set_version (certificate, 3);
  if (code >= 0)
    code = gnutls_x509_crt_set_activation_time (certificate, now - DAY);
  if (code >= 0)
    code = gnutls_x509_crt_set_expiration_time (certificate, now + LIFETIME);
  if (code >= 0)
    code = gnutls_x509_crt_set_ca_status (certificate, 0);
  if (code >= 0)
    code = gnutls_x509_crt_set_key_usage (certificate, GNUTLS_KEY_DIGITAL_SIGNATURE);
  if (code >= 0)
    code = gnutls_x509_crt_set_key_purpose_oid (certificate, GNUTLS_KP_TLS_WWW_SERVER, 0);
  if (code >= 0)
    code = gnutls_x509_crt_set_key (certificate, pair->key);
  return code;
}

static int
make_pair (Pair *pair, const char *const *names, gint64 now)
{
  int code = gnutls_x509_privkey_init (&pair->key);

  if (code >= 0)
    code = gnutls_x509_crt_init (&pair->certificate);
  if (code >= 0)
    code = gnutls_x509_privkey_generate (
        pair->key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0);
  if (code >= 0)
    code = fill (pair, names, now);
  if (code >= 0)
    code = gnutls_x509_crt_sign2 (
        pair->certificate, pair->certificate, pair->key, GNUTLS_DIG_SHA256, 0);
  return code;
}

/* PKCS #8, which GIO takes from every backend. */
static int
export_pair (const Pair *pair, char **pem)
{
  gnutls_datum_t key = { 0 }, certificate = { 0 };
  int code = gnutls_x509_privkey_export2_pkcs8 (
      pair->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &key);

  if (code >= 0)
    code = gnutls_x509_crt_export2 (pair->certificate, GNUTLS_X509_FMT_PEM, &certificate);
  if (code >= 0)
    *pem = g_strdup_printf ("%.*s%.*s", (int)key.size, (const char *)key.data,
        (int)certificate.size, (const char *)certificate.data);
  if (key.data != NULL)
    explicit_bzero (key.data, key.size);
  gnutls_free (key.data);
  gnutls_free (certificate.data);
  return code;
}

char *
ph_certificate_make_self_signed (const char *const *names, gint64 now, GError **error)
{
  g_auto (Pair) pair = { 0 };
  char *pem = NULL;
  int code = make_pair (&pair, names, now);

  if (code >= 0)
    code = export_pair (&pair, &pem);
  if (code < 0)
    g_set_error (error, PH_ERROR, PH_ERROR_FAILED, "no certificate could be made: %s",
        gnutls_strerror (code));
  return pem;
}

static GInetAddress *
make_address (const struct sockaddr *sockaddr)
{
  if (sockaddr->sa_family == AF_INET)
    return g_inet_address_new_from_bytes (
        (const guint8 *)&((const struct sockaddr_in *)sockaddr)->sin_addr, G_SOCKET_FAMILY_IPV4);
  if (sockaddr->sa_family == AF_INET6)
    return g_inet_address_new_from_bytes (
        (const guint8 *)&((const struct sockaddr_in6 *)sockaddr)->sin6_addr, G_SOCKET_FAMILY_IPV6);
  return NULL;
}

static void
add_addresses (GStrvBuilder *names)
{
  struct ifaddrs *interfaces = NULL;

  if (getifaddrs (&interfaces) != 0)
    return;
  for (struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next) {
    g_autoptr (GInetAddress) address = i->ifa_addr != NULL ? make_address (i->ifa_addr) : NULL;
    g_autofree char *text = NULL;

    if (address == NULL || g_inet_address_get_is_link_local (address))
      continue;
    text = g_inet_address_to_string (address);
    g_strv_builder_add (names, text);
  }
  freeifaddrs (interfaces);
}

/* A host name that is not set up may be anything. */
static gboolean
is_host_name (const char *name)
{
  return *name != '\0' && strlen (name) <= 253 &&
         strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-") ==
             strlen (name);
}

char **
ph_certificate_list_own_names (void)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  const char *own = g_get_host_name ();

  if (is_host_name (own) && g_ascii_strcasecmp (own, "localhost") != 0) {
    g_autofree char *on_the_link = g_strconcat (own, ".local", NULL);

    g_strv_builder_add (names, own);
    if (strchr (own, '.') == NULL) /* by multicast DNS (RFC 6762) */
      g_strv_builder_add (names, on_the_link);
  }
  g_strv_builder_add (names, "localhost");
  add_addresses (names);
  return g_strv_builder_end (names);
}
