/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/digest.h"

#include "common/settings.h"

#include <string.h>

#define NONCE "abc"

typedef struct {
  Folder folder;
  PhUsers *users;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (PhConfig) config = NULL;

  folder_init (&f->folder);
  config = folder_load (&f->folder,
      "{ 'access': { 'users': [ { 'name': 'anna', 'password': ':/@%\\\"é' },"
      " { 'name': 'old', 'digest': { 'md5': '0123456789abcdef0123456789abcdef' } } ] } }",
      0600);
  f->users = ph_users_new (config, NULL, NULL);
  g_assert_nonnull (f->users);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_users_unref_any (f->users);
  folder_clear (&f->folder);
}

static char *
hash (PhHash kind, const char *text)
{
  return g_compute_checksum_for_string (
      kind == PH_HASH_MD5 ? G_CHECKSUM_MD5 : G_CHECKSUM_SHA256, text, -1);
}

/* What a client would send; qop nullable; free with g_free. Written out anew here, on purpose. */
static char *
answer (PhHash kind, const char *name, const char *password, const char *method, const char *uri,
    const char *qop)
{
  g_autofree char *a1 = g_strdup_printf ("%s:Porthole:%s", name, password);
  g_autofree char *a2 = g_strdup_printf ("%s:%s", method, uri);
  g_autofree char *ha1 = hash (kind, a1);
  g_autofree char *ha2 = hash (kind, a2);
  g_autofree char *all = qop != NULL
                             ? g_strdup_printf ("%s:" NONCE ":00000001:c:%s:%s", ha1, qop, ha2)
                             : g_strdup_printf ("%s:" NONCE ":%s", ha1, ha2);
  g_autofree char *response = hash (kind, all);

  return g_strdup_printf ("Digest username=\"%s\", realm=\"Porthole\", nonce=\"" NONCE
                          "\", uri=\"%s\", response=\"%s\"%s%s",
      name, uri, response, qop != NULL ? ", nc=00000001, cnonce=\"c\", qop=" : "",
      qop != NULL ? qop : "");
}

static gboolean
is_right (Fixture *f, const char *header, const char *method)
{
  g_autoptr (PhCredentials) credentials = ph_credentials_parse_any (header, NULL);

  g_assert_nonnull (credentials);
  return ph_digest_is_right_any (
      credentials, ph_users_find_any (f->users, credentials->name), method);
}

static void
the_right_password_is_right_in_each_dialect (Fixture *f, gconstpointer data)
{
  static const char *const passwords[] = { ":/@%\"é", "%3A%2F%40%25%22%C3%A9" };
  static const char *const qops[] = { NULL, "auth" };

  for (guint kind = 0; kind < PH_N_HASHES; kind++)
    for (gsize i = 0; i < G_N_ELEMENTS (passwords); i++)
      for (gsize j = 0; j < G_N_ELEMENTS (qops); j++) {
        g_autofree char *header =
            answer (kind, "anna", passwords[i], "DESCRIBE", "rtsp://h/front", qops[j]);

        g_assert_true (is_right (f, header, "DESCRIBE"));
        g_assert_false (is_right (f, header, "PLAY"));
      }
}

static void
anything_else_is_wrong (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *name, *password;
  } rows[] = {
    { "anna", "" },
    { "anna", ":/@%\"e" },
    { "Anna", ":/@%\"é" },
    { "nobody", ":/@%\"é" },
    { "old", ":/@%\"é" },
    { "", "" },
  };

  for (guint kind = 0; kind < PH_N_HASHES; kind++)
    for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
      g_autofree char *header =
          answer (kind, rows[i].name, rows[i].password, "GET", "/front/", "auth");
      g_assert_false (is_right (f, header, "GET"));
    }
}

/* RFC 7616, section 3.9.1, where the realm is another one: by its hash of the password. */
static void
the_example_of_the_rfc_holds (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhCredentials) md5 = ph_credentials_parse_any (
      "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
      "algorithm=MD5, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
      "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
      "response=\"8ca523f5e9506fed4657c9700eebdbec\"",
      &error);
  g_autoptr (PhCredentials) sha256 = ph_credentials_parse_any (
      "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
      "algorithm=SHA-256, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
      "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
      "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"",
      &error);
  PhUserSecret secret = { { NULL } };
  g_autoptr (GPtrArray) secrets = g_ptr_array_new ();
  PhUser user = { .secrets = secrets };

  g_assert_no_error (error);
  g_ptr_array_add (secrets, &secret);
  for (guint i = 0; i < PH_N_HASHES; i++)
    secret.hash[i] = hash (i, "Mufasa:http-auth@example.org:Circle of Life");
  g_assert_true (ph_digest_is_right_any (md5, &user, "GET"));
  g_assert_true (ph_digest_is_right_any (sha256, &user, "GET"));
  g_assert_false (ph_digest_is_right_any (sha256, &user, "POST"));
  for (guint i = 0; i < PH_N_HASHES; i++)
    g_free (secret.hash[i]);
}

static void
a_uri_fits_when_it_means_the_same (void)
{
  static const struct {
    const char *given, *wanted;
    gboolean is_same, is_within;
  } rows[] = {
    { "/front/", "/front/", TRUE, TRUE },
    { "/front/mjpeg?fps=5", "/front/mjpeg?fps=5", TRUE, TRUE },
    { "/front/mjpeg", "/front/mjpeg?fps=5", TRUE, TRUE },
    { "/front/mjpeg?fps=6", "/front/mjpeg?fps=5", FALSE, TRUE },
    { "/front/mjpeg?fps=6", "/front/mjpeg", FALSE, TRUE },
    { "http://cam.example.org:8081/front/", "/front/", TRUE, TRUE },
    { "/fr%6Fnt", "/front", TRUE, TRUE },
    { "/front", "rtsp://10.0.0.1:8554/front", TRUE, TRUE },
    { "rtsp://cam.example.org/front", "rtsp://10.0.0.1:8554/front/", TRUE, TRUE },
    { "rtsp://h/front", "rtsp://h/front/sub/stream=0", FALSE, TRUE },
    { "rtsp://h/front/stream=0", "rtsp://h/front", FALSE, TRUE },
    { "rtsp://h/front/", "rtsp://h/front?x=rtsp://h/back", TRUE, TRUE },
    { "rtsp://h/front", "*", TRUE, TRUE },
    { "*", "*", TRUE, TRUE },
    { "*", "rtsp://h/front", FALSE, FALSE },
    { "rtsp://h/fron", "rtsp://h/front", FALSE, FALSE },
    { "rtsp://h/frontdoor", "rtsp://h/front", FALSE, FALSE },
    { "rtsp://h/back", "rtsp://h/front", FALSE, FALSE },
    { "rtsp://h/", "rtsp://h/front", FALSE, FALSE },
    { "rtsp://h", "rtsp://h/front", FALSE, FALSE },
    { "", "/front", FALSE, FALSE },
    { "/?u=://x/front", "/front", FALSE, FALSE },
    { "/%zz%00", "/front", FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s for %s", rows[i].given, rows[i].wanted);
    g_assert_cmpint (
        ph_digest_uri_fits_any (rows[i].given, rows[i].wanted, PH_URI_SAME), ==, rows[i].is_same);
    g_assert_cmpint (ph_digest_uri_fits_any (rows[i].given, rows[i].wanted, PH_URI_WITHIN), ==,
        rows[i].is_within);
  }
}

static void
challenges_come_in_the_order_that_players_need (void)
{
  g_auto (GStrv) plain = ph_digest_make_challenges_any (NONCE, FALSE, FALSE);
  g_auto (GStrv) private = ph_digest_make_challenges_any (NONCE, TRUE, TRUE);

  g_assert_cmpuint (g_strv_length (plain), ==, 2);
  g_assert_true (g_str_has_prefix (plain[0], "Digest realm=\"Porthole\", nonce=\"abc\", "));
  g_assert_nonnull (strstr (plain[0], "algorithm=SHA-256"));
  g_assert_nonnull (strstr (plain[1], "algorithm=MD5"));
  g_assert_null (strstr (plain[1], "stale"));

  g_assert_cmpuint (g_strv_length (private), ==, 3);
  g_assert_true (
      g_str_has_prefix (private[1], "Digest realm=\"Porthole\", nonce=\"abc\", stale=true, "));
  g_assert_true (g_str_has_prefix (private[2], "Basic realm=\"Porthole\""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/access/digest/right", Fixture, NULL, set_up,
      the_right_password_is_right_in_each_dialect, tear_down);
  g_test_add ("/access/digest/wrong", Fixture, NULL, set_up, anything_else_is_wrong, tear_down);
  g_test_add_func ("/access/digest/rfc", the_example_of_the_rfc_holds);
  g_test_add_func ("/access/digest/uri", a_uri_fits_when_it_means_the_same);
  g_test_add_func ("/access/digest/challenges", challenges_come_in_the_order_that_players_need);
  return g_test_run ();
}
