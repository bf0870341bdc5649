/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/certificate.h"

#include "base/error.h"
#include "base/secret-file.h"
#include "common/folder.h"
#include "common/pem.h"

#include <string.h>

#define NOW G_GINT64_CONSTANT (1800000000)
#define DAY 86400

static void
set_up (Folder *f, gconstpointer data)
{
  folder_init (f);
}

static void
tear_down (Folder *f, gconstpointer data)
{
  folder_clear (f);
}

static GTlsCertificate *
make (Folder *f, const char *const *names)
{
  g_autoptr (GError) error = NULL;
  char *pem = ph_certificate_make_self_signed (names, NOW, &error);
  g_autofree char *file = NULL;
  GTlsCertificate *certificate = NULL;

  g_assert_no_error (error);
  file = folder_put (f, "own.pem", pem, 0600);
  ph_secret_free (pem);
  certificate = ph_certificate_load (file, file, &error);
  g_assert_no_error (error);
  return certificate;
}

static void
our_own_certificate_bears_all_its_names (Folder *f, gconstpointer data)
{
  const char *const names[] = { "cam.example.org", "localhost", "192.0.2.7", "2001:db8::7", NULL };
  g_autoptr (GTlsCertificate) certificate = make (f, names);
  g_autoptr (GPtrArray) hosts = g_tls_certificate_get_dns_names (certificate);
  g_autoptr (GPtrArray) addresses = g_tls_certificate_get_ip_addresses (certificate);
  g_autofree char *subject = g_tls_certificate_get_subject_name (certificate);

  g_assert_cmpstr (subject, ==, "CN=cam.example.org");
  g_assert_cmpuint (hosts->len, ==, 2);
  g_assert_cmpmem (g_bytes_get_data (hosts->pdata[0], NULL), g_bytes_get_size (hosts->pdata[0]),
      "cam.example.org", 15);
  g_assert_cmpuint (addresses->len, ==, 2);
  for (guint i = 0; i < addresses->len; i++) {
    g_autofree char *text = g_inet_address_to_string (addresses->pdata[i]);
    g_assert_cmpstr (text, ==, names[2 + i]);
  }
}

static void
our_own_certificate_is_good_for_ten_years (Folder *f, gconstpointer data)
{
  g_autoptr (GTlsCertificate) certificate = make (f, (const char *const[]){ "localhost", NULL });
  g_autoptr (GDateTime) start = g_tls_certificate_get_not_valid_before (certificate);

  g_assert_cmpint (g_date_time_to_unix (start), ==, NOW - DAY);
  g_assert_cmpint (ph_certificate_get_days_left (certificate, NOW), ==, 3650);
  g_assert_cmpint (
      g_tls_certificate_verify (certificate, NULL, certificate) & ~G_TLS_CERTIFICATE_NOT_ACTIVATED,
      ==, 0);
}

static void
each_one_we_make_is_another (Folder *f, gconstpointer data)
{
  g_autoptr (GTlsCertificate) first = make (f, (const char *const[]){ "localhost", NULL });
  g_autoptr (GTlsCertificate) second = make (f, (const char *const[]){ "localhost", NULL });

  g_assert_false (g_tls_certificate_is_same (first, second));
}

static void
a_name_that_is_too_long_for_a_subject_is_a_name_still (Folder *f, gconstpointer data)
{
  g_autofree char *label = g_strnfill (60, 'a');
  g_autofree char *name = g_strdup_printf ("%s.%s.example", label, label);
  g_autoptr (GTlsCertificate) certificate = make (f, (const char *const[]){ name, NULL });
  g_autoptr (GPtrArray) hosts = g_tls_certificate_get_dns_names (certificate);

  g_assert_cmpmem (g_bytes_get_data (hosts->pdata[0], NULL), g_bytes_get_size (hosts->pdata[0]),
      name, strlen (name));
}

static void
a_fingerprint_is_what_openssl_says (Folder *f, gconstpointer data)
{
  g_autofree char *certificate_file = folder_put (f, "c.pem", PEM_CERTIFICATE, 0644);
  g_autofree char *key_file = folder_put (f, "k.pem", PEM_KEY, 0600);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate =
      ph_certificate_load (certificate_file, key_file, &error);
  g_autofree char *fingerprint = NULL;
  g_autofree char *key = NULL;

  g_assert_no_error (error);
  fingerprint = ph_certificate_make_fingerprint (certificate);
  g_assert_cmpstr (fingerprint, ==, PEM_FINGERPRINT);
  g_object_get (certificate, "private-key-pem", &key, NULL);
  g_assert_nonnull (key);
}

static void
days_left_are_whole_days (Folder *f, gconstpointer data)
{
  g_autoptr (GTlsCertificate) certificate =
      g_tls_certificate_new_from_pem (PEM_CERTIFICATE, -1, NULL);

  g_assert_cmpint (ph_certificate_get_days_left (certificate, PEM_END - DAY), ==, 1);
  g_assert_cmpint (ph_certificate_get_days_left (certificate, PEM_END - DAY + 1), ==, 0);
  g_assert_cmpint (ph_certificate_get_days_left (certificate, PEM_END), ==, 0);
  g_assert_cmpint (ph_certificate_get_days_left (certificate, PEM_END + 1), ==, -1);
  g_assert_cmpint (ph_certificate_get_days_left (certificate, PEM_END + DAY + 1), ==, -2);
}

static void
each_fault_names_the_file_to_look_at (Folder *f, gconstpointer data)
{
  static const struct {
    const char *certificate, *key;
    int key_mode;
    const char *sentence;
  } rows[] = {
    { PEM_CERTIFICATE, PEM_KEY, 0644,
        "FOLDER/k.pem: holds secrets, but everybody may read it; run: chmod 600 'FOLDER/k.pem'" },
    { PEM_CERTIFICATE, PEM_CERTIFICATE, 0600, "FOLDER/k.pem: holds no private key in PEM form" },
    { PEM_KEY, PEM_KEY, 0600, "FOLDER/c.pem: holds no certificate in PEM form" },
    { "", PEM_KEY, 0600, "FOLDER/c.pem: holds no certificate in PEM form" },
    { PEM_CERTIFICATE, PEM_LOCKED_KEY, 0600,
        "FOLDER/k.pem: the key is locked by a passphrase; allowed: a key without one" },
    { "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", PEM_KEY, 0600,
        "FOLDER/c.pem: holds no certificate in PEM form" },
    { PEM_CERTIFICATE, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0600,
        "FOLDER/c.pem and FOLDER/k.pem: no certificate and its key: " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *certificate_file = folder_put (f, "c.pem", rows[i].certificate, 0644);
    g_autofree char *key_file = folder_put (f, "k.pem", rows[i].key, rows[i].key_mode);
    g_autoptr (GError) error = NULL;
    g_autoptr (GString) sentence = NULL;

    g_assert_null (ph_certificate_load (certificate_file, key_file, &error));
    g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
    sentence = g_string_new (error->message);
    g_string_replace (sentence, f->path, "FOLDER", 0);
    if (g_str_has_suffix (rows[i].sentence, ": "))
      g_string_truncate (sentence, strlen (rows[i].sentence));
    g_assert_cmpstr (sentence->str, ==, rows[i].sentence);
  }
}

/* Whoever names a device by mistake is told so, before all memory is full of it. */
static void
what_is_no_file_is_not_waited_for (Folder *f, gconstpointer data)
{
  static const char *const names[] = { "/dev/zero", "/" };
  g_autofree char *key_file = folder_put (f, "k.pem", PEM_KEY, 0600);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *wanted = g_strdup_printf (
        "%s: is a %s; allowed: a file", names[i], i == 0 ? "device or pipe" : "directory");
    g_autoptr (GError) error = NULL;

    g_assert_null (ph_certificate_load (names[i], key_file, &error));
    g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
    g_assert_cmpstr (error->message, ==, wanted);
  }
}

static void
a_key_of_another_certificate_is_noticed (Folder *f, gconstpointer data)
{
  g_autofree char *certificate_file = folder_put (f, "c.pem", PEM_CERTIFICATE, 0644);
  g_autoptr (GTlsCertificate) other = make (f, (const char *const[]){ "localhost", NULL });
  g_autofree char *other_file = g_build_filename (f->path, "own.pem", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (ph_certificate_load (certificate_file, other_file, &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "holds another key than that of the certificate in"));
}

static void
a_missing_file_is_named (Folder *f, gconstpointer data)
{
  g_autofree char *none = g_build_filename (f->path, "none.pem", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (ph_certificate_load (none, none, &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, none));
}

static void
this_machine_has_names (Folder *f, gconstpointer data)
{
  g_auto (GStrv) names = ph_certificate_list_own_names ();

  g_assert_true (g_strv_contains ((const char *const *)names, "localhost"));
  g_assert_true (g_strv_contains ((const char *const *)names, "127.0.0.1"));
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Folder *f, gconstpointer data);
  } tests[] = {
    { "/access/certificate/names", our_own_certificate_bears_all_its_names },
    { "/access/certificate/lifetime", our_own_certificate_is_good_for_ten_years },
    { "/access/certificate/unique", each_one_we_make_is_another },
    { "/access/certificate/long-name", a_name_that_is_too_long_for_a_subject_is_a_name_still },
    { "/access/certificate/fingerprint", a_fingerprint_is_what_openssl_says },
    { "/access/certificate/days", days_left_are_whole_days },
    { "/access/certificate/faults", each_fault_names_the_file_to_look_at },
    { "/access/certificate/mismatch", a_key_of_another_certificate_is_noticed },
    { "/access/certificate/no-file", what_is_no_file_is_not_waited_for },
    { "/access/certificate/missing", a_missing_file_is_named },
    { "/access/certificate/own-names", this_machine_has_names },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Folder, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
