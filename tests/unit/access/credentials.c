/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/credentials.h"

#include "base/error.h"

#include <string.h>

#define R32 "6629fae49393a05397450978507c4ef1"
#define R64 "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
#define LEAST "username=\"anna\", realm=\"r\", nonce=\"n\", uri=\"/front\""
#define PLAIN LEAST ", response=\"" R32 "\""

/* RFC 7616, section 3.9.1 */
static const char rfc[] =
    "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
    "algorithm=SHA-256, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=0000000a, "
    "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"" R64 "\", "
    "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

static PhCredentials *
parse (const char *header)
{
  g_autoptr (GError) error = NULL;
  PhCredentials *credentials = ph_credentials_parse_any (header, &error);

  g_test_message ("%s", header);
  g_assert_no_error (error);
  g_assert_nonnull (credentials);
  return credentials;
}

static void
a_digest_is_read_whole (void)
{
  g_autoptr (PhCredentials) c = parse (rfc);

  g_assert_true (c->is_digest);
  g_assert_cmpstr (c->name, ==, "Mufasa");
  g_assert_null (c->password);
  g_assert_cmpint (c->hash, ==, PH_HASH_SHA256);
  g_assert_cmpstr (c->realm, ==, "http-auth@example.org");
  g_assert_cmpstr (c->nonce, ==, "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v");
  g_assert_cmpstr (c->uri, ==, "/dir/index.html");
  g_assert_cmpstr (c->response, ==, R64);
  g_assert_cmpstr (c->qop, ==, "auth");
  g_assert_cmpstr (c->cnonce, ==, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
  g_assert_cmpuint (ph_credentials_get_count_any (c), ==, 10);
}

static void
a_digest_may_be_written_carelessly (void)
{
  static const char *const headers[] = {
    "Digest " PLAIN,
    "digest " PLAIN,
    "  DIGEST   " PLAIN "  ",
    "Digest " PLAIN ",",
    "Digest ,, " PLAIN " ,",
    "Digest " PLAIN ", qop=\"\", algorithm=md5, algorithms=7, x=\"\\\"\"",
    "Digest username=anna,realm=r,nonce=n,uri=/front,response=" R32,
    "Digest USERNAME = \"anna\" realm=\"r\"\tnonce=\"n\" uri=\"/front\" Response= \"" R32 "\"",
    "Digest username=\"an\\na\", realm=\"r\", nonce=\"n\", uri=\"/front\", "
    "response=\"6629FAE49393A05397450978507C4EF1\"",
    /* says the one and does the other */
    "Digest " PLAIN ", algorithm=SHA-256",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (headers); i++) {
    g_autoptr (PhCredentials) c = parse (headers[i]);

    g_assert_true (c->is_digest);
    g_assert_cmpstr (c->name, ==, "anna");
    g_assert_cmpstr (c->realm, ==, "r");
    g_assert_cmpstr (c->nonce, ==, "n");
    g_assert_cmpstr (c->uri, ==, "/front");
    g_assert_cmpstr (c->response, ==, R32);
    g_assert_cmpint (c->hash, ==, PH_HASH_MD5);
    g_assert_null (c->qop);
  }
}

static void
basic_is_name_and_password (void)
{
  static const struct {
    const char *text; /* before base64 */
    const char *name, *password;
  } rows[] = {
    { "anna:secret", "anna", "secret" }, { "anna::/@%\"é", "anna", ":/@%\"é" },
    { "anna:", "anna", "" }, { ":", "", "" }, { "anna:\xe9", "anna", "é" }, /* ISO 8859-1 */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *encoded =
        g_base64_encode ((const guchar *)rows[i].text, strlen (rows[i].text));
    g_autofree char *header = g_strconcat ("Basic ", encoded, NULL);
    g_autoptr (PhCredentials) c = parse (header);

    g_assert_false (c->is_digest);
    g_assert_cmpstr (c->name, ==, rows[i].name);
    g_assert_cmpstr (c->password, ==, rows[i].password);
  }
}

static void
what_is_malformed_is_refused_without_showing_it (void)
{
  static const struct {
    const char *header;
    PhErrorCode code;
  } rows[] = {
    { "", PH_ERROR_UNSUPPORTED },
    { "Digest", PH_ERROR_UNSUPPORTED },
    { "Digest" PLAIN, PH_ERROR_UNSUPPORTED },
    { "Bearer anna", PH_ERROR_UNSUPPORTED },
    { "Digest " PLAIN ", algorithm=MD5-sess", PH_ERROR_UNSUPPORTED },
    { "Digest " PLAIN ", qop=auth-int, nc=00000001, cnonce=\"c\"", PH_ERROR_UNSUPPORTED },
    { "Digest ", PH_ERROR_FAILED },
    { "Digest anna", PH_ERROR_FAILED },
    { "Digest =anna", PH_ERROR_FAILED },
    { "Digest " LEAST, PH_ERROR_FAILED },
    { "Digest " LEAST ", response=\"anna\"", PH_ERROR_FAILED },
    { "Digest " LEAST ", response=\"" R32 "a\"", PH_ERROR_FAILED },
    { "Digest " LEAST ", response=\"z629fae49393a05397450978507c4ef1\"", PH_ERROR_FAILED },
    { "Digest " PLAIN ", username=\"anna\"", PH_ERROR_FAILED },
    { "Digest " PLAIN ", x=\"anna", PH_ERROR_FAILED },
    { "Digest " PLAIN ", x=\"anna\\", PH_ERROR_FAILED },
    { "Digest " PLAIN ", qop=auth", PH_ERROR_FAILED },
    { "Digest " PLAIN ", qop=auth, nc=1, cnonce=\"c\"", PH_ERROR_FAILED },
    { "Digest " PLAIN ", qop=auth, nc=00000001", PH_ERROR_FAILED },
    { "Digest realm=\"r\", nonce=\"n\", uri=\"/\", response=\"" R32 "\"", PH_ERROR_FAILED },
    { "Digest " PLAIN "\r\nX-Other: anna", PH_ERROR_FAILED },
    { "Basic", PH_ERROR_UNSUPPORTED },
    { "Basic ", PH_ERROR_FAILED },
    { "Basic ====", PH_ERROR_FAILED },
    { "Basic YW5uYQ==", PH_ERROR_FAILED }, /* anna */
    { "Basic YW5uYTpz!", PH_ERROR_FAILED },
    { "Basic YW5uYTpzZQ", PH_ERROR_FAILED },
    { "Basic YW5uYTpzCg==", PH_ERROR_FAILED }, /* anna:s\n */
    { "Basic YW5uYTpzAGE=", PH_ERROR_FAILED }, /* anna:s\0a */
    { "Basic YW5uYTpzZQ== more", PH_ERROR_FAILED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (PhCredentials) c = ph_credentials_parse_any (rows[i].header, &error);

    g_test_message ("%s", rows[i].header);
    g_assert_null (c);
    g_assert_error (error, PH_ERROR, (int)rows[i].code);
    g_assert_null (strstr (error->message, "anna"));
  }
}

static void
endless_text_is_refused (void)
{
  g_autofree char *name = g_strnfill (300, 'a');
  g_autofree char *long_name = g_strconcat ("Digest username=\"", name,
      "\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"" R32 "\"", NULL);
  g_autofree char *spaces = g_strnfill (PH_CREDENTIALS_MAX_LENGTH, ' ');
  g_autofree char *long_header = g_strconcat ("Digest ", spaces, PLAIN, NULL);

  g_assert_null (ph_credentials_parse_any (long_name, NULL));
  g_assert_null (ph_credentials_parse_any (long_header, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/access/credentials/digest", a_digest_is_read_whole);
  g_test_add_func ("/access/credentials/careless", a_digest_may_be_written_carelessly);
  g_test_add_func ("/access/credentials/basic", basic_is_name_and_password);
  g_test_add_func (
      "/access/credentials/malformed", what_is_malformed_is_refused_without_showing_it);
  g_test_add_func ("/access/credentials/endless", endless_text_is_refused);
  return g_test_run ();
}
