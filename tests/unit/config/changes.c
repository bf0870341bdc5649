/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/changes.h"

static PhConfig *
load (const char *text, const char *camera)
{
  g_autoptr (GHashTable) texts = g_hash_table_new (g_str_hash, g_str_equal);
  PhFileView view = { .texts = texts };
  g_autoptr (GError) error = NULL;
  PhConfig *config;

  g_hash_table_insert (texts, (gpointer) "/there/porthole.json", (gpointer)text);
  g_hash_table_insert (texts, (gpointer) "/there/front.json", (gpointer)camera);
  config = ph_config_load_view_on_worker ("/there/porthole.json", &view, NULL, &error);
  g_assert_no_error (error);
  return config;
}

#define FRONT "{ \"name\": \"front\", \"source\": { \"type\": \"test\" }, "
#define MAIN(bitrate, more) \
  "\"streams\": [ { \"name\": \"main\", \"codec\": \"h264\", \"bitrate\": " bitrate more " } ] }"

static void
what_differs_is_named (void)
{
  g_autoptr (PhConfig) before = load ("{ \"cameras\": [ \"front.json\","
                                      " { \"name\": \"old\", \"source\": { \"type\": \"test\" } },"
                                      " { \"name\": \"same\", \"source\": { \"type\": \"test\" } }"
                                      " ] }",
      FRONT MAIN ("400", ""));
  g_autoptr (PhConfig) after = load ("{ \"http\": { \"port\": 8082 }, \"cameras\": ["
                                     " { \"name\": \"same\", \"source\": { \"type\": \"test\" } },"
                                     " \"front.json\","
                                     " { \"name\": \"new\", \"source\": { \"type\": \"test\" } }"
                                     " ] }",
      FRONT MAIN ("500", ""));
  g_auto (PhChanges) changes = { 0 };
  g_auto (PhChanges) none = { 0 };
  g_autofree char *text = NULL;
  g_autofree char *nothing = NULL;

  ph_changes_find (&changes, before, after);
  text = ph_changes_to_text (&changes);
  g_assert_cmpstr (
      text, ==, "camera new added; camera old removed; camera front changed; http changed");
  g_assert_false (ph_changes_are_none (&changes));
  ph_changes_find (&none, after, after);
  nothing = ph_changes_to_text (&none);
  g_assert_cmpstr (nothing, ==, "nothing changed");
  g_assert_true (ph_changes_are_none (&none));
}

static void
a_camera_is_disturbed_no_more_than_it_must_be (void)
{
  static const struct {
    const char *camera;
    PhCameraDifference difference;
  } rows[] = {
    { FRONT MAIN ("400", ""), PH_CAMERA_SAME },
    { FRONT "\"title\": \"Door\", \"linger\": 3, \"anonymous\": true, " MAIN ("400", ""),
        PH_CAMERA_SAME },
    { FRONT MAIN ("800", ""), PH_CAMERA_TUNED },
    { FRONT MAIN ("400", ", \"keyframe_interval\": 1"), PH_CAMERA_REBUILT },
    { FRONT MAIN ("400", ", \"width\": 320, \"height\": 180"), PH_CAMERA_REBUILT },
    { FRONT "\"encoder\": \"x264enc\", " MAIN ("400", ""), PH_CAMERA_REBUILT },
    { "{ \"name\": \"front\", \"source\": { \"type\": \"test\", \"pattern\": \"ball\" }, " MAIN (
          "400", ""),
        PH_CAMERA_REBUILT },
    { FRONT "\"linger\": 10 }", PH_CAMERA_REBUILT },
  };
  static const char settings[] = "{ \"cameras\": [ \"front.json\" ] }";
  g_autoptr (PhConfig) before = load (settings, rows[0].camera);
  g_autoptr (PhCameraConfig) kept = ph_camera_config_dup (g_ptr_array_index (before->cameras, 0));

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (PhConfig) after = load (settings, rows[i].camera);

    g_test_message ("%s", rows[i].camera);
    g_assert_cmpint (ph_camera_config_compare (kept, g_ptr_array_index (after->cameras, 0)), ==,
        rows[i].difference);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/changes/named", what_differs_is_named);
  g_test_add_func ("/config/changes/cameras", a_camera_is_disturbed_no_more_than_it_must_be);
  return g_test_run ();
}
