/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/plan.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <string.h>

static PhStreamConfig streams[] = {
  { .name = (char *)"main", .codec = PH_CODEC_H264, .bitrate = 1000, .keyframe_interval = 1.0 },
  { .name = (char *)"sub",
      .codec = PH_CODEC_H264,
      .width = 160,
      .height = 90,
      .framerate = 10,
      .bitrate = 100,
      .keyframe_interval = 1.0 },
  { .name = (char *)"jpeg", .codec = PH_CODEC_JPEG, .framerate = 10, .quality = 80 },
};

typedef struct {
  PhSourceConfig source;
  PhCameraConfig camera;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->source = (PhSourceConfig){
    .type = PH_SOURCE_TEST, .width = 320, .height = 180, .framerate = 30, .pattern = (char *)"ball"
  };
  f->camera = (PhCameraConfig){ .name = (char *)"front",
    .title = (char *)"front",
    .source = &f->source,
    .streams = g_ptr_array_new (),
    .encoder = (char *)"x264enc" };
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++)
    g_ptr_array_add (f->camera.streams, &streams[i]);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_ptr_array_unref (f->camera.streams);
}

static GstCaps *
pull_caps (GstElement *pipeline, const char *sink_name)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), sink_name);
  g_autoptr (GstSample) sample = gst_app_sink_try_pull_sample (GST_APP_SINK (sink), 8 * GST_SECOND);

  g_assert_nonnull (sample);
  return gst_caps_ref (gst_sample_get_caps (sample));
}

static void
assert_caps (GstElement *pipeline, const char *sink, const char *expected_text)
{
  g_autoptr (GstCaps) caps = pull_caps (pipeline, sink);
  g_autoptr (GstCaps) expected = gst_caps_from_string (expected_text);
  g_autofree char *caps_text = gst_caps_to_string (caps);

  g_test_message ("%s: %s", sink, caps_text);
  g_assert_true (gst_caps_is_subset (caps, expected));
}

static void
a_test_camera_delivers_every_stream (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhPlan) plan = ph_plan_make_on_worker (&f->camera, NULL, NULL, &error);
  g_autofree char *text = NULL;
  g_autoptr (GstElement) pipeline = NULL;

  g_assert_no_error (error);
  g_assert_null (plan->decode);
  g_assert_cmpuint (plan->warnings->len, ==, 0);
  g_assert_cmpuint (plan->branches->len, ==, 3);
  text = ph_plan_to_text (plan);
  pipeline = gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  g_assert_no_error (error);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  assert_caps (pipeline, "sink-main",
      "video/x-h264,stream-format=byte-stream,alignment=au,width=320,height=180,framerate=30/1,"
      "profile=constrained-baseline");
  assert_caps (pipeline, "sink-sub",
      "video/x-h264,stream-format=byte-stream,alignment=au,width=160,height=90,framerate=10/1,"
      "profile=constrained-baseline");
  assert_caps (pipeline, "sink-jpeg", "image/jpeg,width=320,height=180,framerate=10/1");
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

/* Everything the camera must find by name. */
static void
the_text_has_the_names_it_promises (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "source", "raw", "gate-main", "sink-main", "gate-sub",
    "sink-sub", "gate-jpeg", "sink-jpeg" };
  g_autoptr (PhPlan) plan = ph_plan_make_on_worker (&f->camera, NULL, NULL, NULL);
  g_autofree char *text = ph_plan_to_text (plan);
  g_autoptr (GstElement) pipeline =
      gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GstElement) element = gst_bin_get_by_name (GST_BIN (pipeline), names[i]);

    g_assert_nonnull (element);
  }
}

static void
the_printed_line_runs_in_gst_launch (Fixture *f, gconstpointer data)
{
  g_autoptr (PhPlan) plan = ph_plan_make_on_worker (&f->camera, NULL, NULL, NULL);
  g_autofree char *line = ph_plan_to_shell_line (plan, &f->camera);
  g_auto (GStrv) parts = g_strsplit (line, "is-live=true", 2);
  g_autofree char *command =
      g_strdup_printf ("timeout 10 gst-launch-1.0 -q %snum-buffers=30%s", parts[0], parts[1]);
  char *argv[] = { (char *)"sh", (char *)"-c", command, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_assert_true (g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL,
      NULL, NULL, NULL, NULL, &status, &error));
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
make_mp4 (const char *path)
{
  g_autofree char *text = g_strdup_printf (
      "videotestsrc num-buffers=40 ! video/x-raw,width=320,height=180,framerate=20/1 ! "
      "x264enc key-int-max=10 bframes=0 option-string=repeat-headers=0 ! "
      "video/x-h264,stream-format=avc ! mp4mux ! filesink location=%s",
      path);
  g_autoptr (GstElement) pipeline = gst_parse_launch (text, NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  g_assert_true (message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

static void
set_gate (GstElement *pipeline, const char *name, gboolean is_shut)
{
  g_autoptr (GstElement) gate = gst_bin_get_by_name (GST_BIN (pipeline), name);

  g_object_set (gate, "drop", is_shut, NULL);
}

/* The parameter sets of an MP4 file stand at its start: they must come again. */
static void
who_decodes_later_gets_pictures_too (Fixture *f, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (PhPlan) plan = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GstElement) pipeline = NULL;

  g_close (g_file_open_tmp (NULL, &path, NULL), NULL);
  make_mp4 (path);
  f->source = (PhSourceConfig){ .type = PH_SOURCE_FILE, .path = path };
  plan = ph_plan_make_on_worker (&f->camera, NULL, NULL, NULL);
  text = ph_plan_to_text (plan);
  pipeline = gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, NULL);
  set_gate (pipeline, "decode", TRUE);
  set_gate (pipeline, "gate-jpeg", TRUE);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  assert_caps (pipeline, "sink-main", "video/x-h264,width=320,height=180");
  set_gate (pipeline, "gate-jpeg", FALSE);
  set_gate (pipeline, "decode", FALSE);
  assert_caps (pipeline, "sink-jpeg", "image/jpeg,width=320,height=180,framerate=10/1");
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_unlink (path);
}

static void
a_pattern_cannot_add_elements (Fixture *f, gconstpointer data)
{
  g_autoptr (PhPlan) plan = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  f->source.pattern = (char *)"ball ! fakesink videotestsrc";
  plan = ph_plan_make_on_worker (&f->camera, NULL, NULL, NULL);
  text = ph_plan_to_text (plan);
  g_assert_null (gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error));
  g_assert_error (error, GST_PARSE_ERROR, GST_PARSE_ERROR_COULD_NOT_SET_PROPERTY);
}

static void
the_log_hears_what_encodes_each_stream (Fixture *f, gconstpointer data)
{
  g_autoptr (PhPlan) plan = ph_plan_make_on_worker (&f->camera, NULL, NULL, NULL);

  g_assert_cmpuint (plan->notes->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (plan->notes, 0), ==,
      "stream main: 320x180 at 30 frames/s, encoded by x264enc");
  g_assert_cmpstr (g_ptr_array_index (plan->notes, 1), ==,
      "stream sub: 160x90 at 10 frames/s, encoded by x264enc");
}

static void
an_encoder_that_is_not_here_is_an_error (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->camera.encoder = (char *)"nosuchenc";
  g_assert_null (ph_plan_make_on_worker (&f->camera, NULL, NULL, &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED);
}

static void
a_rate_the_source_lacks_is_a_warning (Fixture *f, gconstpointer data)
{
  g_autoptr (PhPlan) plan = NULL;

  f->source.framerate = 5;
  plan = ph_plan_make_on_worker (&f->camera, NULL, NULL, NULL);
  g_assert_cmpuint (plan->warnings->len, ==, 2);
  g_assert_cmpstr (
      g_ptr_array_index (plan->warnings, 0), ==, "stream sub: the source gives 5 frames/s, not 10");
}

#define ADD(name, test) g_test_add ("/camera/plan/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  ADD ("delivers", a_test_camera_delivers_every_stream);
  ADD ("names", the_text_has_the_names_it_promises);
  ADD ("gst-launch", the_printed_line_runs_in_gst_launch);
  ADD ("later", who_decodes_later_gets_pictures_too);
  ADD ("pattern", a_pattern_cannot_add_elements);
  ADD ("notes", the_log_hears_what_encodes_each_stream);
  ADD ("no-encoder", an_encoder_that_is_not_here_is_an_error);
  ADD ("framerate", a_rate_the_source_lacks_is_a_warning);
  return g_test_run ();
}
