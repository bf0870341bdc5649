/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/data-use.h"

#include <glib/gstdio.h>

#define NOVEMBER 1795262400 /* 2026-11-21 12:00 UTC */
#define DECEMBER (NOVEMBER + 20 * 24 * 3600)

typedef struct {
  PhSourceConfig source;
  PhStreamConfig stream;
  PhCameraConfig config;
  GPtrArray *cameras;
  PhTraffic *traffic;
  char *folder;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  PhCamera *camera;

  f->source = (PhSourceConfig){ .type = PH_SOURCE_TEST, .pattern = (char *)"smpte" };
  f->stream = (PhStreamConfig){ .name = (char *)"main", .codec = PH_CODEC_H264 };
  f->config = (PhCameraConfig){ .name = (char *)"front",
    .title = (char *)"Front",
    .source = &f->source,
    .streams = g_ptr_array_new (),
    .pushes = g_ptr_array_new (),
    .encoder = (char *)"auto" };
  g_ptr_array_add (f->config.streams, &f->stream);
  camera = ph_camera_new (&f->config);
  f->cameras = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (f->cameras, camera);
  f->traffic = ph_feed_get_traffic_any (ph_camera_get_feed (camera, 0));
  f->folder = g_dir_make_tmp (NULL, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *file = g_build_filename (f->folder, "data-use.json", NULL);

  g_unlink (file);
  g_rmdir (f->folder);
  g_free (f->folder);
  g_ptr_array_unref (f->cameras);
  g_ptr_array_unref (f->config.streams);
  g_ptr_array_unref (f->config.pushes);
}

static void
each_byte_counts_once_in_its_month (Fixture *f, gconstpointer data)
{
  g_autoptr (PhDataUse) use = ph_data_use_new (NULL, f->cameras);

  ph_traffic_note_sent_any (f->traffic, PH_VIEWER_MP4, 1000);
  ph_data_use_look (use, NOVEMBER);
  ph_data_use_look (use, NOVEMBER);
  ph_traffic_note_sent_any (f->traffic, PH_VIEWER_HLS, 7);
  ph_data_use_look (use, DECEMBER);
  g_assert_cmpuint (ph_data_use_get (use, "front", NOVEMBER), ==, 1000);
  g_assert_cmpuint (ph_data_use_get (use, "front", DECEMBER), ==, 7);
  g_assert_cmpuint (ph_data_use_get (use, "back", NOVEMBER), ==, 0);
}

static void
a_restart_goes_on_where_it_was (Fixture *f, gconstpointer data)
{
  PhDataUse *use = ph_data_use_new (f->folder, f->cameras);

  ph_traffic_note_sent_any (f->traffic, PH_VIEWER_MP4, G_GUINT64_CONSTANT (5000000000));
  ph_data_use_look (use, NOVEMBER);
  ph_data_use_free (use);
  f->traffic->n_bytes[PH_VIEWER_MP4] = 0;
  use = ph_data_use_new (f->folder, f->cameras);
  ph_traffic_note_sent_any (f->traffic, PH_VIEWER_MP4, 1);
  ph_data_use_look (use, NOVEMBER);
  g_assert_cmpuint (ph_data_use_get (use, "front", NOVEMBER), ==, G_GUINT64_CONSTANT (5000000001));
  ph_data_use_free (use);
}

static void
note (PhDataUse *use, gpointer states)
{
  PhAllowanceState state = ph_data_use_get_state (use);

  g_array_append_val ((GArray *)states, state);
}

/* Those outside are in a public network of documentation (RFC 5737). */
static void
a_new_month_ends_saving (Fixture *f, gconstpointer data)
{
  g_autoptr (PhViewers) viewers = ph_viewers_new ();
  g_autoptr (GArray) states = g_array_new (FALSE, FALSE, sizeof (PhAllowanceState));
  PhDataUse *use = ph_data_use_new (f->folder, f->cameras);

  ph_data_use_set_viewers (use, viewers);
  ph_data_use_set_listener (use, note, states);
  ph_data_use_set_allowance (use, 1);
  ph_viewers_note_guest_any (viewers, "203.0.113.7", 700000000);
  ph_data_use_look (use, NOVEMBER);
  g_assert_false (ph_viewers_must_save_any (viewers, "203.0.113.7"));
  ph_viewers_note_guest_any (viewers, "203.0.113.7", 200000000);
  ph_data_use_look (use, NOVEMBER);
  g_assert_true (ph_viewers_must_save_any (viewers, "203.0.113.7"));
  ph_viewers_note_guest_any (viewers, "203.0.113.7", 100000000);
  ph_data_use_look (use, NOVEMBER);
  ph_data_use_look (use, NOVEMBER);
  ph_data_use_look (use, DECEMBER);
  g_assert_false (ph_viewers_must_save_any (viewers, "203.0.113.7"));
  g_assert_cmpuint (ph_data_use_get_outside (use, DECEMBER), ==, 0);
  ph_data_use_set_listener (use, NULL, NULL);
  ph_data_use_free (use);
  g_assert_cmpuint (states->len, ==, 3);
  g_assert_cmpint (g_array_index (states, PhAllowanceState, 0), ==, PH_ALLOWANCE_SAVING);
  g_assert_cmpint (g_array_index (states, PhAllowanceState, 1), ==, PH_ALLOWANCE_EXCEEDED);
  g_assert_cmpint (g_array_index (states, PhAllowanceState, 2), ==, PH_ALLOWANCE_FREE);
  use = ph_data_use_new (f->folder, f->cameras);
  g_assert_cmpuint (ph_data_use_get_outside (use, NOVEMBER), ==, 1000000000);
  ph_data_use_free (use);
}

static void
a_broken_file_is_begun_anew (Fixture *f, gconstpointer text)
{
  g_autofree char *file = g_build_filename (f->folder, "data-use.json", NULL);
  PhDataUse *use;

  g_assert_true (
      g_file_set_contents_full (file, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  use = ph_data_use_new (f->folder, f->cameras);
  g_assert_cmpuint (ph_data_use_get (use, "front", NOVEMBER), ==, 0);
  ph_data_use_free (use);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  gst_init (&argc, &argv);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_test_add ("/camera/data-use/months", Fixture, NULL, set_up, each_byte_counts_once_in_its_month,
      tear_down);
  g_test_add (
      "/camera/data-use/restart", Fixture, NULL, set_up, a_restart_goes_on_where_it_was, tear_down);
  g_test_add (
      "/camera/data-use/new-month", Fixture, NULL, set_up, a_new_month_ends_saving, tear_down);
  g_test_add ("/camera/data-use/cut", Fixture, "{ \"2026-11\": { \"front\": 1", set_up,
      a_broken_file_is_begun_anew, tear_down);
  g_test_add ("/camera/data-use/other", Fixture, "{ \"2026-11\": { \"front\": \"much\" } }", set_up,
      a_broken_file_is_begun_anew, tear_down);
  return g_test_run ();
}
