/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/tls.h"

#include "access/certificate.h"
#include "base/error.h"
#include "base/secret-file.h"
#include "common/folder.h"
#include "common/loop.h"
#include "common/pem.h"

#include <string.h>
#include <unistd.h>

#define DAY 86400

/* Warnings would end the test. */
static GLogWriterOutput
keep_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer log)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      g_string_append_printf (log, "%s\n", (const char *)fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

static const char *const names[] = { "cam.example.org", "localhost", NULL };

typedef struct {
  Folder folder;
  char *certificate_file, *key_file;
  PhTlsConfig config;
  guint n_changes;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  folder_init (&f->folder);
  f->certificate_file = g_build_filename (f->folder.path, "c.pem", NULL);
  f->key_file = g_build_filename (f->folder.path, "k.pem", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_free (f->certificate_file);
  g_free (f->key_file);
  folder_clear (&f->folder);
}

static void
on_changed (PhTls *tls, gpointer user_data)
{
  Fixture *f = user_data;

  f->n_changes++;
}

static PhTls *
make (Fixture *f, GError **error)
{
  PhTls *tls = ph_tls_new (&f->config, f->folder.path, names, error);

  if (tls != NULL)
    g_signal_connect (tls, "changed", G_CALLBACK (on_changed), f);
  return tls;
}

static gboolean
has_changed (gpointer user_data)
{
  Fixture *f = user_data;

  return f->n_changes > 0;
}

/* One that ends so many days from now. */
static void
put_own (Fixture *f, const char *name, int days)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  char *pem = ph_certificate_make_self_signed (names, now - (3650 - days) * (gint64)DAY, NULL);
  g_autofree char *file = folder_put (&f->folder, name, pem, 0600);

  ph_secret_free (pem);
}

static void
use_settings (Fixture *f)
{
  f->config.certificate = f->certificate_file;
  f->config.key = f->key_file;
}

static void
without_settings_it_makes_its_own_and_keeps_it (Fixture *f, gconstpointer data)
{
  g_autofree char *file = g_build_filename (f->folder.path, "self-signed.pem", NULL);
  g_autoptr (PhTls) first = make (f, NULL);
  g_autoptr (PhTls) second = make (f, NULL);
  GStatBuf status;

  g_assert_true (ph_tls_is_self_signed (first));
  g_assert_cmpint (ph_tls_get_days_left (first), >=, 3649);
  g_assert_cmpuint (strlen (ph_tls_get_fingerprint (first)), ==, 95);
  g_assert_cmpstr (ph_tls_get_fingerprint (first), ==, ph_tls_get_fingerprint (second));
  g_assert_cmpint (g_stat (file, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
}

static void
its_own_is_renewed_when_it_is_about_to_end (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTls) kept = NULL;
  g_autoptr (PhTls) renewed = NULL;

  put_own (f, "self-signed.pem", 32);
  kept = make (f, NULL);
  g_assert_cmpint (ph_tls_get_days_left (kept), <, 33);
  put_own (f, "self-signed.pem", 28);
  renewed = make (f, NULL);
  g_assert_cmpint (ph_tls_get_days_left (renewed), >=, 3649);
  ph_tls_reload (kept);
  g_assert_cmpuint (f->n_changes, ==, 1);
  g_assert_cmpstr (ph_tls_get_fingerprint (kept), ==, ph_tls_get_fingerprint (renewed));
}

static void
its_own_is_not_replaced_when_it_cannot_be_read (Fixture *f, gconstpointer data)
{
  g_autofree char *file = folder_put (&f->folder, "self-signed.pem", "rubbish", 0600);
  g_autofree char *left = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (make (f, &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
  g_assert_true (g_file_get_contents (file, &left, NULL, NULL));
  g_assert_cmpstr (left, ==, "rubbish");
}

static void
that_of_the_settings_is_taken (Fixture *f, gconstpointer data)
{
  GString *log = (GString *)data;
  g_autofree char *certificate = folder_put (&f->folder, "c.pem", PEM_CERTIFICATE, 0644);
  g_autofree char *key = folder_put (&f->folder, "k.pem", PEM_KEY, 0600);
  g_autoptr (PhTls) tls = NULL;

  use_settings (f);
  g_string_truncate (log, 0);
  tls = make (f, NULL);
  g_assert_true (
      strstr (log->str, "c.pem ends in ") != NULL || strstr (log->str, "c.pem has ended"));
  g_assert_false (ph_tls_is_self_signed (tls));
  g_assert_cmpstr (ph_tls_get_fingerprint (tls), ==, PEM_FINGERPRINT);
}

static void
a_new_file_is_taken_without_asking (Fixture *f, gconstpointer data)
{
  g_autoptr (PhTls) tls = NULL;
  g_autofree char *before = NULL;

  put_own (f, "c.pem", 100);
  f->config.certificate = f->config.key = f->certificate_file;
  tls = make (f, NULL);
  before = g_strdup (ph_tls_get_fingerprint (tls));
  put_own (f, "c.pem", 200);
  g_assert_true (test_run_until (has_changed, f, 10));
  g_assert_cmpstr (ph_tls_get_fingerprint (tls), !=, before);
  g_assert_cmpint (ph_tls_get_days_left (tls), >, 190);
}

static void
a_file_behind_a_link_is_noticed (Fixture *f, gconstpointer data)
{
  g_autofree char *next = g_build_filename (f->folder.path, "next", NULL);
  g_autoptr (PhTls) tls = NULL;

  put_own (f, "one.pem", 100);
  put_own (f, "two.pem", 200);
  g_assert_cmpint (symlink ("one.pem", f->certificate_file), ==, 0);
  f->config.certificate = f->config.key = f->certificate_file;
  tls = make (f, NULL);
  g_assert_cmpint (symlink ("two.pem", next), ==, 0);
  g_assert_cmpint (g_rename (next, f->certificate_file), ==, 0);
  g_assert_true (test_run_until (has_changed, f, 10));
  g_assert_cmpint (ph_tls_get_days_left (tls), >, 190);
}

static void
half_a_change_leaves_the_old_one_in_use (Fixture *f, gconstpointer data)
{
  GString *log = (GString *)data;
  g_autofree char *certificate = NULL;
  g_autofree char *before = NULL;
  g_autoptr (PhTls) tls = NULL;

  put_own (f, "c.pem", 100);
  f->config.certificate = f->config.key = f->certificate_file;
  tls = make (f, NULL);
  before = g_strdup (ph_tls_get_fingerprint (tls));
  certificate = folder_put (&f->folder, "c.pem", PEM_CERTIFICATE, 0600);
  g_string_truncate (log, 0);
  ph_tls_reload (tls);
  g_assert_nonnull (strstr (log->str, "the certificate in use stays in use: "));
  g_assert_cmpuint (f->n_changes, ==, 0);
  g_assert_cmpstr (ph_tls_get_fingerprint (tls), ==, before);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/access/tls/own", without_settings_it_makes_its_own_and_keeps_it },
    { "/access/tls/renewed", its_own_is_renewed_when_it_is_about_to_end },
    { "/access/tls/kept", its_own_is_not_replaced_when_it_cannot_be_read },
    { "/access/tls/settings", that_of_the_settings_is_taken },
    { "/access/tls/new-file", a_new_file_is_taken_without_asking },
    { "/access/tls/link", a_file_behind_a_link_is_noticed },
    { "/access/tls/half", half_a_change_leaves_the_old_one_in_use },
  };

  g_autoptr (GString) log = g_string_new (NULL);

  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (keep_line, log, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, log, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
