/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/settings-store.h"

#include "base/error.h"
#include "common/folder.h"

#include <sys/stat.h>

#define SETTINGS \
  "{\n" \
  "  // written by hand\n" \
  "  \"cameras\": [\n" \
  "    { \"title\": \"Door\", \"name\": \"front\", \"source\": { \"type\": \"test\" } } // the " \
  "first\n" \
  "  ]\n" \
  "}\n"

typedef struct {
  Folder folder;
  char *file;
  PhConfig *config;
  GPtrArray *problems;
  GError *error;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) problems = NULL;

  folder_init (&f->folder);
  f->file = folder_put (&f->folder, "porthole.json", SETTINGS, 0600);
  f->config = ph_config_load (f->file, &problems, &f->error);
  g_assert_no_error (f->error);
  f->problems = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_error (&f->error);
  g_ptr_array_unref (f->problems);
  ph_config_unref (f->config);
  g_free (f->file);
  folder_clear (&f->folder);
}

static gboolean
write_edit (Fixture *f, PhSettingsEditKind kind, const char *name, const char *body)
{
  PhSettingsEdit edit = { kind, f->config, (char *)name, (char *)body };

  return ph_settings_store_write_on_worker (&edit, f->problems, &f->error);
}

static void
assert_file (Fixture *f, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (f->file, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static void
a_patch_changes_what_it_names_and_nothing_else (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) expected = g_string_new (SETTINGS);
  struct stat status;

  g_string_replace (expected, "Door", "Yard", 0);
  g_assert_true (write_edit (f, PH_EDIT_PATCH_CAMERA, "front", "{\"title\":\"Yard\"}"));
  assert_file (f, expected->str);
  g_assert_cmpint (g_stat (f->file, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
}

static void
what_is_wrong_is_not_written (Fixture *f, gconstpointer data)
{
  g_assert_false (write_edit (f, PH_EDIT_PATCH_CAMERA, "front", "{\"lingr\":3,\"streams\":[]}"));
  g_assert_error (f->error, PH_ERROR, PH_ERROR_SETTINGS);
  g_assert_cmpuint (f->problems->len, ==, 2);
  g_assert_nonnull (strstr (g_ptr_array_index (f->problems, 0), "did you mean \"linger\"?"));
  assert_file (f, SETTINGS);
}

static void
a_name_is_given_once (Fixture *f, gconstpointer data)
{
  g_assert_false (write_edit (
      f, PH_EDIT_ADD_CAMERA, NULL, "{\"name\":\"front\",\"source\":{\"type\":\"test\"}}"));
  g_assert_error (f->error, PH_ERROR, PH_ERROR_SETTINGS);
  assert_file (f, SETTINGS);
}

#define IP_CAMERA \
  "{\"cameras\":[{\"name\":\"yard\",\"source\":{\"type\":\"rtsp\"," \
  "\"url\":\"rtsp://192.0.2.7/stream1\",\"username\":\"me\",\"password_file\":\"password\"}}]}"

static void
a_password_stays_with_the_server_it_is_for (Fixture *f, gconstpointer data)
{
  static const char *const elsewhere[] = { "{\"source\":{\"url\":\"rtsp://198.51.100.1/stream1\"}}",
    "{\"source\":{\"url\":\"rtsp://192.0.2.7:8554/stream1\"}}",
    "{\"name\":\"mine\",\"source\":{\"url\":\"rtsp://198.51.100.1/stream1\"}}" };
  g_autofree char *password = folder_put (&f->folder, "password", "secret", 0600);
  g_autoptr (GPtrArray) problems = NULL;

  g_assert_true (g_file_set_contents (f->file, IP_CAMERA, -1, NULL));
  ph_config_unref (f->config);
  f->config = ph_config_load (f->file, &problems, &f->error);
  g_assert_no_error (f->error);
  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++) {
    g_assert_false (write_edit (f, PH_EDIT_PATCH_CAMERA, "yard", elsewhere[i]));
    g_assert_error (f->error, PH_ERROR, PH_ERROR_SETTINGS);
    g_assert_nonnull (strstr (g_ptr_array_index (f->problems, i), "source.url: found another"));
    g_clear_error (&f->error);
  }
  assert_file (f, IP_CAMERA);
  g_assert_true (write_edit (
      f, PH_EDIT_PATCH_CAMERA, "yard", "{\"source\":{\"url\":\"rtsp://192.0.2.7/stream2\"}}"));
  g_assert_no_error (f->error);
}

/* Its owner has changed the file since it was read: not even a harmless change is written. */
static void
who_edits_meanwhile_is_not_overwritten (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) theirs = g_string_new (SETTINGS);

  g_string_replace (theirs, "Door", "Mine", 0);
  g_assert_true (g_file_set_contents (f->file, theirs->str, -1, NULL));
  g_assert_false (write_edit (f, PH_EDIT_PATCH_CAMERA, "front", "{\"linger\":3}"));
  g_assert_error (f->error, PH_ERROR, PH_ERROR_UNAVAILABLE);
  assert_file (f, theirs->str);
}

static void
what_is_added_can_be_removed_without_a_trace (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) problems = NULL;

  g_assert_true (write_edit (
      f, PH_EDIT_ADD_CAMERA, NULL, "{\"name\":\"yard\",\"source\":{\"type\":\"test\"}}"));
  ph_config_unref (f->config);
  f->config = ph_config_load (f->file, &problems, &f->error);
  g_assert_no_error (f->error);
  g_assert_cmpuint (f->config->cameras->len, ==, 2);
  g_assert_true (write_edit (f, PH_EDIT_REMOVE_CAMERA, "yard", NULL));
  assert_file (f, SETTINGS);
}

static void
a_patch_of_the_settings_leaves_the_cameras (Fixture *f, gconstpointer data)
{
  g_autofree char *expected = NULL;
  g_auto (GStrv) halves = g_strsplit (SETTINGS, "\n  ]\n", 2);

  g_assert_true (write_edit (f, PH_EDIT_PATCH_SETTINGS, NULL, "{\"http\":{\"port\":8088}}"));
  g_assert_no_error (f->error);
  expected = g_strconcat (halves[0], "\n  ],\n  \"http\": { \"port\": 8088 }\n", halves[1], NULL);
  assert_file (f, expected);
}

static void
an_etag_follows_what_is_said (Fixture *f, gconstpointer data)
{
  const PhCameraConfig *camera = g_ptr_array_index (f->config->cameras, 0);
  g_autoptr (GPtrArray) problems = NULL;
  g_autofree char *camera_before = ph_settings_store_make_camera_etag (camera);
  g_autofree char *camera_again = ph_settings_store_make_camera_etag (camera);
  g_autofree char *before = ph_settings_store_make_etag (f->config);
  g_autofree char *camera_after = NULL;
  g_autofree char *after = NULL;
  g_autoptr (PhConfig) changed = NULL;

  g_assert_true (before[0] == '"' && g_str_has_suffix (before + 1, "\""));
  g_assert_cmpstr (camera_before, ==, camera_again);
  g_assert_true (write_edit (f, PH_EDIT_PATCH_CAMERA, "front", "{\"source\":{\"framerate\":10}}"));
  changed = ph_config_load (f->file, &problems, &f->error);
  g_assert_no_error (f->error);
  camera_after = ph_settings_store_make_camera_etag (g_ptr_array_index (changed->cameras, 0));
  g_assert_cmpstr (camera_before, !=, camera_after);
  after = ph_settings_store_make_etag (changed);
  g_assert_cmpstr (before, !=, after);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/config/settings-store/password", a_password_stays_with_the_server_it_is_for);
  TEST ("/config/settings-store/patch", a_patch_changes_what_it_names_and_nothing_else);
  TEST ("/config/settings-store/wrong", what_is_wrong_is_not_written);
  TEST ("/config/settings-store/twice", a_name_is_given_once);
  TEST ("/config/settings-store/meanwhile", who_edits_meanwhile_is_not_overwritten);
  TEST ("/config/settings-store/add-remove", what_is_added_can_be_removed_without_a_trace);
  TEST ("/config/settings-store/settings", a_patch_of_the_settings_leaves_the_cameras);
  TEST ("/config/settings-store/etag", an_etag_follows_what_is_said);
  return g_test_run ();
}
