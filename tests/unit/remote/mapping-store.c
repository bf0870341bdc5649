/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/mapping-store.h"

#include <glib/gstdio.h>

typedef struct {
  char *folder;
  char *file;
} Fixture;

static guint n_warnings;

static GLogWriterOutput
count_warnings (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if ((level & G_LOG_LEVEL_WARNING) == 0)
    return g_log_writer_default (level, fields, n_fields, user_data);
  n_warnings++;
  return G_LOG_WRITER_HANDLED;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("porthole-XXXXXX", NULL);
  g_setenv ("STATE_DIRECTORY", f->folder, TRUE);
  f->file = g_build_filename (f->folder, "port-mapping.json", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->file);
  g_rmdir (f->folder);
  g_free (f->file);
  g_free (f->folder);
}

static void
what_was_open_is_known_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) records =
      g_ptr_array_new_with_free_func ((GDestroyNotify)ph_mapping_record_free);
  g_autoptr (GPtrArray) again = NULL;
  PhMappingRecord *record = ph_mapping_record_new ("https", G_SOCKET_FAMILY_IPV6, 8443, 443);
  const PhMappingRecord *same = NULL;

  g_ptr_array_add (records, record);
  record->external_port = 23456;
  record->is_open = TRUE;
  record->has_pinhole = TRUE; /* 0 is a number as well */
  record->protocol = PH_MAPPING_NATPMP;
  record->router = g_strdup ("192.168.77.1");
  record->until_s = 1700000000;
  ph_mapping_store_save (records);
  again = ph_mapping_store_load ();
  g_assert_cmpuint (again->len, ==, 1);
  same = g_ptr_array_index (again, 0);
  g_assert_cmpstr (same->name, ==, "https");
  g_assert_cmpint (same->family, ==, G_SOCKET_FAMILY_IPV6);
  g_assert_cmpuint (same->internal_port, ==, 8443);
  g_assert_cmpuint (same->wished_port, ==, 443);
  g_assert_cmpuint (same->external_port, ==, 23456);
  g_assert_cmpmem (same->nonce, PH_PCP_NONCE_SIZE, record->nonce, PH_PCP_NONCE_SIZE);
  g_assert_true (same->is_open);
  g_assert_true (same->has_pinhole);
  g_assert_cmpuint (same->pinhole, ==, 0);
  g_assert_cmpint (same->protocol, ==, PH_MAPPING_NATPMP);
  g_assert_cmpstr (same->router, ==, "192.168.77.1");
  g_assert_cmpint (same->until_s, ==, 1700000000);
}

static void
no_file_is_no_fault (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) records = ph_mapping_store_load ();

  g_assert_cmpuint (records->len, ==, 0);
}

static void
what_is_no_record_is_passed_over (Fixture *f, gconstpointer data)
{
  static const char text[] =
      "[ 1, {}, { \"name\": \"https\", \"internal_port\": 70000, \"external_port\": 1 },"
      " { \"name\": \"https\", \"internal_port\": 8443, \"external_port\": 8443,"
      "   \"protocol\": \"PCP\", \"nonce\": \"short\" } ]";
  g_autoptr (GPtrArray) records = NULL;

  g_assert_true (
      g_file_set_contents_full (f->file, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  records = ph_mapping_store_load ();
  g_assert_cmpuint (records->len, ==, 0);
}

static void
a_broken_file_is_told_and_forgotten (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) records = NULL;

  g_assert_true (
      g_file_set_contents_full (f->file, "[ {", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  records = ph_mapping_store_load ();
  g_assert_cmpuint (n_warnings, ==, 1);
  g_assert_cmpuint (records->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (count_warnings, NULL, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
#define ADD(path, function) \
  g_test_add ("/remote/mapping-store/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("again", what_was_open_is_known_again);
  ADD ("none", no_file_is_no_fault);
  ADD ("no-record", what_is_no_record_is_passed_over);
  ADD ("broken", a_broken_file_is_told_and_forgotten);
  return g_test_run ();
}
